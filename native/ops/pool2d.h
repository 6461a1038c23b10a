// What the poolings share: windows over x [n, h, w, c] that give y [n, oh, ow, c].
#pragma once

#include "kernels/pool.h"
#include "ops/op.h"

namespace luge {

PoolShape pool2d_shape(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs);

// Null when the sizes agree and every window sees some of the image.
const char* check_pool2d(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs);

}  // namespace luge
