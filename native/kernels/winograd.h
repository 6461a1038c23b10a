// Convolutions of stride 1 by Winograd's minimal filtering, for somewhat more rounding: of 3x3 with
// tiles of 2x2 outputs and 2.25 times fewer multiplications, or 4x4 and 4 times fewer; of 5x5 with
// tiles of 2x2 and 2.8 times fewer.
// Shapes: x [n, h, w, c], y and dy [n, oh, ow, oc], weight and dweight
// [kernel, kernel, c / groups / parts, oc]. Groups can be of several parts that are multiplied as
// one, with zeros from part to part: vectors that a small group alone would leave half empty.
// Workspaces are in floats, for as many threads as parallel_for will use.
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/matmul_epilogue.h"
#include "simd/winograd_transform.h"

namespace luge {

// Of the weights of `groups` convolutions side by side.
struct WinogradWeightShape {
  WinogradSizes sizes;
  int64_t c, oc;  // of a group
  int64_t groups = 1;
  int64_t parts = 1;  // of a group
};

// Most channels and filters of a group of several parts.
constexpr int64_t kWinogradMostOfParts = 16;

struct WinogradShape {
  Conv2dShape conv;
  int tile;
  int64_t parts = 1;

  WinogradSizes sizes() const { return {tile, static_cast<int>(conv.kh)}; }
  WinogradWeightShape weight() const {
    return {sizes(), conv.group_c(), conv.group_oc(), conv.groups, parts};
  }
  int64_t points() const { return sizes().points(); }
  int64_t tile_rows() const { return (conv.oh + tile - 1) / tile; }
  int64_t tile_columns() const { return (conv.ow + tile - 1) / tile; }
  int64_t tiles() const { return conv.n * tile_rows() * tile_columns(); }
};

// Whether there are transforms of these sizes.
constexpr bool is_winograd(const WinogradSizes& sizes) {
  return sizes.kernel == 3 ? sizes.tile == 2 || sizes.tile == 4
                           : sizes.kernel == 5 && sizes.tile == 2;
}

// Floats of a transformed weight: [groups, points, c, oc rounded up to 16].
int64_t winograd_weight_size(const WinogradWeightShape& shape);

// weight [kernel, kernel, c / parts, groups * oc] as winograd_conv2d takes it. With `turned`,
// weight is [kernel, kernel, oc / parts, groups * c], and it is turned by 180 degrees, as the
// gradient by x takes it.
int64_t winograd_weight_workspace(const WinogradWeightShape& shape, int threads);
void winograd_weight(const WinogradWeightShape& shape, bool turned, const float* weight,
                     float* transformed, float* workspace);

// y = convolution of x. The epilogue sees y as [n * oh * ow, oc], in at most so many stretches.
int64_t winograd_conv2d_stretches(const WinogradShape& shape);
int64_t winograd_conv2d_workspace(const WinogradShape& shape, int threads);
void winograd_conv2d(const WinogradShape& shape, const float* x, const float* transformed, float* y,
                     float* workspace, Epilogue epilogue = {});

// dweight = gradient of the loss by weight, given dy, that by y.
int64_t winograd_dweight_workspace(const WinogradShape& shape, int threads);
void winograd_dweight(const WinogradShape& shape, const float* x, const float* dy, float* dweight,
                      float* workspace);

}  // namespace luge
