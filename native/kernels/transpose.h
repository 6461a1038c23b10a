// Moving elements: transpose, slice, pad, concat, broadcast. Arrays are dense and row-major, of at
// most kMaxAxes axes; element_size is 1 or 4 bytes.
#pragma once

#include <cstdint>
#include <span>

#include "kernels/transpose_strided.h"

namespace luge {

using Dims = std::span<const int64_t>;

// Axis a of y is axis permutation[a] of x.
void transpose(const void* x, Dims x_dims, std::span<const int32_t> permutation, void* y,
               int64_t element_size);

// y[i] = x[begin + i * stride] along every axis; strides may be negative.
void slice(const void* x, Dims x_dims, Dims begin, Dims stride, void* y, Dims y_dims,
           int64_t element_size);
// dx is 0 but for the elements that were taken.
void slice_dx(const float* dy, Dims dy_dims, Dims begin, Dims stride, float* dx, Dims dx_dims);

// x lies in y from `before` on; around it is the element at `value`.
void pad(const void* x, Dims x_dims, Dims before, const void* value, void* y, Dims y_dims,
         int64_t element_size);

// y [outer, sum(sizes), inner] from arrays [outer, sizes[i], inner].
void concat(std::span<const void* const> xs, Dims sizes, int64_t outer, int64_t inner, void* y,
            int64_t element_size);

// NumPy's rules: axes are aligned at the end, and those of size 1 are repeated.
void broadcast(const void* x, Dims x_dims, void* y, Dims y_dims, int64_t element_size);

}  // namespace luge
