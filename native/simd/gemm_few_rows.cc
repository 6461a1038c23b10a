#include "simd/gemm_few_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gemm_few_rows.cc"
#include "simd/highway.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

// Rows of b that go into c at a time: so much less often is c, in a nearer cache, read and written.
// More of them would be more streams than processors follow.
constexpr int kDepths = 8;

// c[Rows, n] += a[Rows, Depths] * b[Depths, n]
template <int Rows, int Depths>
HWY_INLINE void add_depths(int64_t n, const float* a, int64_t lda, const float* HWY_RESTRICT b,
                           int64_t ldb, float* HWY_RESTRICT c, int64_t ldc) {
  const F d;
  constexpr int64_t kLanes = hn::MaxLanes(F());
  float left[Rows][Depths];
  for (int r = 0; r < Rows; ++r) std::copy_n(a + r * lda, Depths, left[r]);
  const auto add = [&](int64_t j, auto load, auto store) HWY_ATTR {
    V sum[Rows];
    HWY_UNROLL(8)
    for (int r = 0; r < Rows; ++r) sum[r] = load(c + r * ldc + j);
    HWY_UNROLL(8)
    for (int p = 0; p < Depths; ++p) {
      const V right = load(b + p * ldb + j);
      HWY_UNROLL(8)
      for (int r = 0; r < Rows; ++r) sum[r] = hn::MulAdd(hn::Set(d, left[r][p]), right, sum[r]);
    }
    HWY_UNROLL(8)
    for (int r = 0; r < Rows; ++r) store(sum[r], c + r * ldc + j);
  };
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) {
    add(
        j, [&](const float* from) HWY_ATTR { return hn::LoadU(d, from); },
        [&](V x, float* to) HWY_ATTR { hn::StoreU(x, d, to); });
  }
  if (j == n) return;
  add(
      j, [&](const float* from) HWY_ATTR { return load_partial(d, from, n - j); },
      [&](V x, float* to) HWY_ATTR { store_partial(x, d, to, n - j); });
}

template <int Rows>
HWY_INLINE void multiply_rows(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda,
                              const float* b, int64_t ldb, float* c, int64_t ldc) {
  if (m < Rows) {
    if constexpr (Rows > 1) multiply_rows<Rows - 1>(m, n, k, a, lda, b, ldb, c, ldc);
    return;
  }
  for (int r = 0; r < Rows; ++r) std::fill_n(c + r * ldc, n, 0.0f);
  int64_t p = 0;
  for (; p + kDepths <= k; p += kDepths) {
    add_depths<Rows, kDepths>(n, a + p, lda, b + p * ldb, ldb, c, ldc);
  }
  for (; p < k; ++p) add_depths<Rows, 1>(n, a + p, lda, b + p * ldb, ldb, c, ldc);
}

void multiply(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
              int64_t ldb, float* c, int64_t ldc) {
  multiply_rows<kGemmFewRows>(m, n, k, a, lda, b, ldb, c, ldc);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(multiply);

void gemm_few_rows(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
                   int64_t ldb, float* c, int64_t ldc) {
  HWY_DYNAMIC_DISPATCH(multiply)(m, n, k, a, lda, b, ldb, c, ldc);
}

}  // namespace luge
#endif  // HWY_ONCE
