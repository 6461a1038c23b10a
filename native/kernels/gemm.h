// Single-precision matrix product on one thread: by our own kernel or by BLAS, whichever measured
// faster, and the only door to the latter.
#pragma once

#include <cstdint>

namespace luge {

// c[m, n] = alpha * op(a)[m, k] * op(b)[k, n] + beta * c, row-major, op(x) = x or its transpose.
// lda, ldb and ldc are the distances between stored rows. beta = 0 overwrites c, whatever it held.
// Always runs on the calling thread alone; parallel callers cut the work into tiles (see matmul.h).
void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
          int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc);

// c[m, n] = a[m, k] * b[k, n] by BLAS whatever is faster, to compare with. On the calling thread.
void blas_gemm(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c);

// What computes: for example "OpenBLAS 0.3.21 ... USE_OPENMP" and "Haswell".
const char* blas_config();
const char* blas_core();

}  // namespace luge
