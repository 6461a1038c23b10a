// Matrix products with a right matrix that many products share, packed once for all of them.
#pragma once

#include <cstdint>

#include "kernels/matmul_epilogue.h"
#include "simd/gemm_kernel.h"

namespace luge {

// Floats of a packed matrix [k, n].
int64_t packed_matrix_size(int64_t k, int64_t n);

// b[k, n] in blocks of columns, one behind the other, each as gemm_packed takes it.
void pack_matrix(int64_t k, int64_t n, const GemmRight& b, float* packed);

// c[m, n] = a[m, k] * b on the calling thread.
void multiply_packed(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                     const GemmResult& c);

// c[m, n] = a[m, k] * b, in parallel. The rows of a are evenly spaced. The epilogue sees rows of c
// as [m, n].
void packed_matmul(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                   float* c, Epilogue epilogue = {});
inline void packed_matmul(int64_t m, int64_t n, int64_t k, const float* a, const float* packed,
                          float* c, Epilogue epilogue = {}) {
  packed_matmul(m, n, k, {a, {.inner_step = k}, {.inner_step = 1}}, packed, c, epilogue);
}

// In how many ranges the epilogue sees them at most.
int64_t packed_matmul_ranges(int64_t m);

}  // namespace luge
