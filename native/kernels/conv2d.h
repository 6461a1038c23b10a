// 2-d convolution and its gradients as matrix products over tiles of unrolled patches.
// Shapes: x, dx [n, h, w, c]; y, dy [n, oh, ow, oc]; weight, dweight [kh, kw, c / groups, oc].
// No size may be zero. Workspaces are in floats, for as many threads as parallel_for will use.
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/matmul_epilogue.h"

namespace luge {

// y = convolution of x with weight. The epilogue sees y as [n * oh * ow, oc].
int64_t conv2d_workspace(const Conv2dShape& shape, int threads);
void conv2d(const Conv2dShape& shape, const float* x, const float* weight, float* y,
            float* workspace, Epilogue epilogue = {});

// dweight = gradient of the loss by weight, given dy, that by y.
int64_t conv2d_dweight_workspace(const Conv2dShape& shape, int threads);
void conv2d_dweight(const Conv2dShape& shape, const float* x, const float* dy, float* dweight,
                    float* workspace);

// dx = gradient of the loss by x, given dy. The epilogue sees dx as [n * h * w, c].
int64_t conv2d_dx_workspace(const Conv2dShape& shape, int threads);
void conv2d_dx(const Conv2dShape& shape, const float* dy, const float* weight, float* dx,
               float* workspace, Epilogue epilogue = {});

}  // namespace luge
