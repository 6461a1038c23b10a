// Reductions over the middle axis of x [outer, n, inner] into y [outer, inner].
#pragma once

#include <cstdint>

#include "simd/reduce_rows.h"

namespace luge {

struct ReduceShape {
  int64_t outer;
  int64_t n;
  int64_t inner;
};

// Floats of 64-byte aligned workspace.
int64_t reduce_workspace(const ReduceShape& shape);

// Sums of long axes are accumulated in double precision: the error does not grow with n.
void reduce(Reduction reduction, const float* x, float* y, const ReduceShape& shape,
            float* workspace);
void reduce_mean(const float* x, float* y, const ReduceShape& shape, float* workspace);

// Wraps on overflow.
void reduce_i32(Reduction reduction, const int32_t* x, int32_t* y, const ReduceShape& shape);

// Index of the first extremum (the first NaN if there is any); n >= 1.
void reduce_arg(Extremum extremum, const float* x, int32_t* y, const ReduceShape& shape);

}  // namespace luge
