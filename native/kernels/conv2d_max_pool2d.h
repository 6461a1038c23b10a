// Convolution and max pooling in one pass: what the convolution gives is pooled tile by tile while
// it is in the cache, and never stored as a whole.
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/matmul_epilogue.h"
#include "kernels/pool.h"

namespace luge {

// Whether a pooling of a convolution can be computed this way: one group, and windows that share no
// elements and lie inside the image.
bool conv2d_max_pool2d_fits(const Conv2dShape& conv, const PoolShape& pool);

// y [n, out_h, out_w, oc] = the largest of each window of the convolution of x with weight. `index`
// is as max_pool2d's, or null where nobody needs it. The epilogue sees y as [n * out_h * out_w,
// oc], in whole lines of it. The workspace is in floats.
int64_t conv2d_max_pool2d_workspace(const Conv2dShape& conv, const PoolShape& pool, int threads);
void conv2d_max_pool2d(const Conv2dShape& conv, const PoolShape& pool, const float* x,
                       const float* weight, float* y, void* index, float* workspace,
                       Epilogue epilogue = {});

}  // namespace luge
