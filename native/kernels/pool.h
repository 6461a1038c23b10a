// Max, average and l2 pooling over images x [batch, h, w, channels], into y [batch, out_h, out_w,
// channels]. Padding takes no part: an average counts the image's elements only, as in Keras.
#pragma once

#include <cstdint>

#include "simd/pool_rows.h"

namespace luge {

// NaN wins. index [batch, out_h, out_w, channels] keeps the position of the maximum in its window
// for the gradient: uint8, or int32 for windows of more than 256 positions (shape.byte_index()). It
// may be null where no gradient is wanted.
void max_pool2d(const PoolShape& shape, const float* x, float* y, void* index);
void max_pool2d_dx(const PoolShape& shape, const float* dy, const void* index, float* dx);

void average_pool2d(const PoolShape& shape, const float* x, float* y);
void average_pool2d_dx(const PoolShape& shape, const float* dy, float* dx);

// y = sqrt(mean(x^2)); its gradient is taken as 0 where y is 0.
void l2_pool2d(const PoolShape& shape, const float* x, float* y);
void l2_pool2d_dx(const PoolShape& shape, const float* x, const float* y, const float* dy,
                  float* dx);

}  // namespace luge
