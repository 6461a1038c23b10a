#include "kernels/gemm.h"

#include <cblas.h>
#include <omp.h>

#include <cassert>
#include <limits>

#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// The OpenMP build of OpenBLAS runs on one thread inside a parallel region, and elsewhere on as
// many as the calling thread would give its next region: keep that at one for the length of a call.
class OneThread {
 public:
  OneThread() {
    if (omp_in_parallel()) return;
    saved_ = omp_get_max_threads();
    if (saved_ > 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (saved_ > 1) omp_set_num_threads(saved_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int saved_ = 0;
};

void scale(int64_t m, int64_t n, float beta, float* c, int64_t ldc) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) c[i * ldc + j] = beta == 0 ? 0 : beta * c[i * ldc + j];
  }
}

CBLAS_TRANSPOSE blas_transpose(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

}  // namespace

void gemm(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a,
          int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
  assert(m >= 0 && n >= 0 && k >= 0);
  assert(lda <= std::numeric_limits<blasint>::max() && ldb <= std::numeric_limits<blasint>::max());
  if (m == 0 || n == 0) return;
  if (k == 0) return scale(m, n, beta, c, ldc);
  const bool accumulate = beta == 1;
  if (alpha == 1 && (beta == 0 || accumulate) && m > 1 && n > 2 && gemm_kernel_pays()) {
    const OffsetMap rows{.inner_step = trans_a ? 1 : lda};
    const OffsetMap depth{.inner_step = trans_a ? lda : 1};
    return gemm_kernel(m, n, k, {a, rows, depth}, {b, ldb, trans_b}, accumulate,
                       {c, {.inner_step = ldc}});
  }
  const OneThread one_thread;
  if (n == 1) {  // c and b are columns
    cblas_sgemv(CblasRowMajor, blas_transpose(trans_a), trans_a ? k : m, trans_a ? m : k, alpha, a,
                lda, b, trans_b ? 1 : ldb, beta, c, ldc);
  } else if (m == 1) {  // c and a are rows: c^T = op(b)^T * a^T
    cblas_sgemv(CblasRowMajor, blas_transpose(!trans_b), trans_b ? n : k, trans_b ? k : n, alpha, b,
                ldb, a, trans_a ? lda : 1, beta, c, 1);
  } else {
    cblas_sgemm(CblasRowMajor, blas_transpose(trans_a), blas_transpose(trans_b), m, n, k, alpha, a,
                lda, b, ldb, beta, c, ldc);
  }
}

void blas_gemm(int64_t m, int64_t n, int64_t k, const float* a, const float* b, float* c) {
  const OneThread one_thread;
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
}

const char* blas_config() { return openblas_get_config(); }

const char* blas_core() { return openblas_get_corename(); }

}  // namespace luge
