// A matrix product of few rows, for which reading the right operand takes longer than multiplying.
#pragma once

#include <cstdint>

namespace luge {

// So many rows at most.
inline constexpr int64_t kGemmFewRows = 8;

// c[m, n] = a[m, k] * b[k, n], on the calling thread, for m from 1 to kGemmFewRows; lda, ldb and
// ldc are the distances between rows. b is read once, from front to back, as memory likes it best.
void gemm_few_rows(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
                   int64_t ldb, float* c, int64_t ldc);

}  // namespace luge
