// Images looked at through an affine map and a field of displacements, interpolated between pixels.
#pragma once

#include <cstdint>

namespace luge {

// What lies beyond the edge of an image [a b c d]: a value, d d d, d c b a or a b c d.
enum class FillMode : int32_t { constant, nearest, reflect, wrap };

struct WarpShape {
  int64_t batch, h, w, channels;
};

struct WarpSampling {
  bool bilinear;  // otherwise the nearest pixel
  FillMode fill;
  float value;  // beyond the edge, for FillMode::constant
};

// Pixel (column c, row r) of y is x at column t0 c + t1 r + t2 and row t3 c + t4 r + t5, moved by
// the displacement of that pixel where they are not null.
//
// x, y [batch, h, w, channels]: float to float, bytes to float, or bytes to bytes
// transforms [batch, 6], displacements [batch, 2, h, w] (along columns, along rows)
template <class X, class Y>
void warp_images(const WarpShape& shape, const WarpSampling& sampling, const X* x,
                 const float* transforms, const float* displacements, Y* y);

void warp_images_dx(const WarpShape& shape, const WarpSampling& sampling, const float* dy,
                    const float* transforms, const float* displacements, float* dx);

}  // namespace luge
