// Picking slices by index along the middle axis of x [outer, n, inner].
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace luge {

struct GatherShape {
  int64_t outer;
  int64_t n;
  int64_t inner;
  int64_t count;  // of indices
};

// y [outer, count, inner] = x [outer, indices, inner], elements of 1 or 4 bytes. Indices outside
// [0, n) give zeros and make the result false.
bool gather(const void* x, const int32_t* indices, void* y, const GatherShape& shape,
            int64_t element_size);

// dx [outer, n, inner]: the sums of dy [outer, count, inner] by index, in order of the indices.
// False if some lie outside [0, n); those are left out.
bool gather_dx(const float* dy, const int32_t* indices, float* dx, const GatherShape& shape);

// y [count, depth]: 1 at every row's index (int32 or uint8), else 0; rows of an index outside [0,
// depth) are all 0.
void one_hot(const void* indices, DType dtype, float* y, int64_t count, int64_t depth);

}  // namespace luge
