// Convolutions in which every input channel, or every group of a few, has filters of its own, by
// vectors along the channels. Shapes as in conv2d.h.
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/matmul_epilogue.h"

namespace luge {

// Whether these kernels pay: for groups of one channel, or of 4 or 8 channels and as many filters;
// not where a matrix product has filters enough to fill vectors.
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
