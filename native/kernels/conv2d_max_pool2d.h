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

// Whether it can be, besides, by Winograd's minimal filtering (see simd/winograd_lines.h): 5x5 of
// stride 1, few channels, windows of 2x2.
bool conv2d_max_pool2d_winograd_fits(const Conv2dShape& conv, const PoolShape& pool);

enum class PooledProducts { direct, winograd };

// y [n, out_h, out_w, oc] = the largest of each window of the convolution of x with weight. `index`
// is as max_pool2d's, or null where nobody needs it. The epilogue sees y as [n * out_h * out_w,
// oc], in whole lines of it. Winograd's can do one on its way: with bias_relu[oc], y is relu of the
// largest and that. The workspace is in floats.
int64_t conv2d_max_pool2d_workspace(const Conv2dShape& conv, const PoolShape& pool,
                                    PooledProducts products, int threads);
void conv2d_max_pool2d(const Conv2dShape& conv, const PoolShape& pool, PooledProducts products,
                       const float* x, const float* weight, float* y, void* index, float* workspace,
                       Epilogue epilogue = {}, const float* bias_relu = nullptr);

// Its gradients, given dy, that by y, and the index. Outputs that were not the largest of their
// windows are never multiplied, nor those whose gradient is zero, so that what they would have been
// multiplied by does not matter, even where it is not finite. A dy that is not finite makes NaN of
// dx also in up to a vector of floats to the right of its patch.
//
// Whether they are computed this way: besides, filters must see neighbouring pixels, and the index
// must be of bytes.
bool conv2d_max_pool2d_gradients_fit(const Conv2dShape& conv, const PoolShape& pool);

int64_t conv2d_max_pool2d_dweight_workspace(const Conv2dShape& conv, const PoolShape& pool,
                                            int threads);
void conv2d_max_pool2d_dweight(const Conv2dShape& conv, const PoolShape& pool, const float* x,
                               const float* dy, const uint8_t* index, float* dweight,
                               float* workspace);

// The epilogue sees dx as [n * h * w, c].
int64_t conv2d_max_pool2d_dx_workspace(const Conv2dShape& conv, const PoolShape& pool, int threads);
void conv2d_max_pool2d_dx(const Conv2dShape& conv, const PoolShape& pool, const float* dy,
                          const uint8_t* index, const float* weight, float* dx, float* workspace,
                          Epilogue epilogue = {});

}  // namespace luge
