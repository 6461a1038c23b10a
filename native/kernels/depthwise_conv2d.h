// Convolutions in which every input channel has filters of its own (groups == c), by vectors along
// the channels. Shapes as in conv2d.h; weight and dweight are [kh, kw, 1, oc].
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/matmul_epilogue.h"

namespace luge {

// Whether these kernels pay: not for a lone channel, nor for so many filters of each channel that
// a matrix product has enough of them.
bool is_depthwise(const Conv2dShape& shape);

int64_t depthwise_conv2d_workspace(const Conv2dShape& shape, int threads);
void depthwise_conv2d(const Conv2dShape& shape, const float* x, const float* weight, float* y,
                      float* workspace, Epilogue epilogue);

int64_t depthwise_conv2d_dx_workspace(const Conv2dShape& shape, int threads);
void depthwise_conv2d_dx(const Conv2dShape& shape, const float* dy, const float* weight, float* dx,
                         float* workspace, Epilogue epilogue);

int64_t depthwise_conv2d_dweight_workspace(const Conv2dShape& shape, int threads);
void depthwise_conv2d_dweight(const Conv2dShape& shape, const float* x, const float* dy,
                              float* dweight, float* workspace);

}  // namespace luge
