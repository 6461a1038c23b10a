// Parallel matrix product of row-major matrices, with batches and an epilogue.
#pragma once

#include <cstdint>

#include "kernels/matmul_epilogue.h"

namespace luge {

struct MatmulShape {
  int64_t m, n, k;
  bool trans_a = false;  // a is stored [k, m]
  bool trans_b = false;  // b is stored [n, k]
  int64_t batch = 1;
  int64_t batch_stride_a = 0;  // floats from one matrix to the next; 0: the same one for all
  int64_t batch_stride_b = 0;
};

// Floats of workspace that matmul needs, whatever the number of threads.
int64_t matmul_workspace(const MatmulShape& shape);

// c[batch, m, n] = op(a)[batch, m, k] * op(b)[batch, k, n]; every matrix is dense.
// The epilogue sees rows of c as [batch * m, n].
void matmul(const MatmulShape& shape, const float* a, const float* b, float* c, float* workspace,
            Epilogue epilogue = {});

}  // namespace luge
