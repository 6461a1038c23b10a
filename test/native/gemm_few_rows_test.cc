#include "simd/gemm_few_rows.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "buffers.h"

namespace luge {
namespace {

// Rows are longer than needed; what lies between those of c must stay as it was.
void check(int64_t m, int64_t n, int64_t k) {
  CAPTURE(m);
  CAPTURE(n);
  CAPTURE(k);
  const int64_t lda = k + 3, ldb = n + 5, ldc = n + 2;
  const std::vector<float> a_data = random_floats(1 + m * lda);
  const std::vector<float> b_data = random_floats(1 + k * ldb, -1, 1, 2);
  const float* a = a_data.data() + 1;
  const float* b = b_data.data() + 1;
  constexpr float kBetween = 12345.0f;
  GuardedBuffer<float> c(std::vector<float>(m * ldc, kBetween), 1);
  gemm_few_rows(m, n, k, a, lda, b, ldb, c.data(), ldc);
  CHECK(c.intact());
  int64_t wrong = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double expected = 0;
      double magnitude = 0;
      for (int64_t p = 0; p < k; ++p) {
        const double product = double{a[i * lda + p]} * b[p * ldb + j];
        expected += product;
        magnitude += std::abs(product);
      }
      const double tolerance = std::numeric_limits<float>::epsilon() * (k + 1) * magnitude;
      wrong += !(std::abs(c[i * ldc + j] - expected) <= tolerance);
    }
    for (int64_t j = n; j < ldc; ++j) wrong += c[i * ldc + j] != kBetween;
  }
  CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("gemm_few_rows equals a naive product on every instruction set") {
  for_each_target([] {
    for (int64_t m = 1; m <= kGemmFewRows; ++m) {
      for (const int64_t n : {1, 7, 15, 16, 17, 33, 64, 130}) {
        for (const int64_t k : {0, 1, 7, 8, 9, 31}) check(m, n, k);
      }
    }
  });
}

}  // namespace luge
