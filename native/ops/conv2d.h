// What the convolutions share: their sizes, from tensors and attributes.
#pragma once

#include <span>

#include "kernels/conv2d_shape.h"
#include "ops/op.h"

namespace luge {

// Attributes: stride_h stride_w pad_top pad_left dilation_h dilation_w groups.
inline constexpr size_t kConv2dAttrs = 7;

// Of x [n, h, w, c] and weight [kh, kw, c / groups, oc], for an output of so many lines and
// columns.
Conv2dShape conv2d_shape(const TensorView& x, const TensorView& weight, int64_t oh, int64_t ow,
                         std::span<const int32_t> attrs);

// Null when the operands are of the right kind, and sizes and attributes agree and are in range.
const char* check_conv2d(const TensorView& x, const TensorView& weight, int64_t oh, int64_t ow,
                         std::span<const int32_t> attrs);

}  // namespace luge
