#include "kernels/gemm.h"

#include <doctest/doctest.h>
#include <omp.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "buffers.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

struct Case {
  bool trans_a, trans_b;
  int64_t m, n, k;
  float alpha, beta;
};

// All matrices have rows longer than needed and start off any alignment; what lies between the rows
// of c must stay as it was.
void check(const Case& t) {
  CAPTURE(t.trans_a);
  CAPTURE(t.trans_b);
  CAPTURE(t.m);
  CAPTURE(t.n);
  CAPTURE(t.k);
  CAPTURE(t.beta);
  const int64_t lda = (t.trans_a ? t.m : t.k) + 3;
  const int64_t ldb = (t.trans_b ? t.k : t.n) + 5;
  const int64_t ldc = t.n + 2;
  const std::vector<float> a_data = random_floats(1 + (t.trans_a ? t.k : t.m) * lda);
  const std::vector<float> b_data = random_floats(1 + (t.trans_b ? t.n : t.k) * ldb, -1, 1, 2);
  const float* a = a_data.data() + 1;
  const float* b = b_data.data() + 1;
  constexpr float kBetween = 12345.0f;
  GuardedBuffer<float> c(std::vector<float>(t.m * ldc, kBetween), 1);
  const std::vector<float> old = random_floats(t.m * t.n, -1, 1, 3);
  for (int64_t i = 0; i < t.m; ++i) {
    for (int64_t j = 0; j < t.n; ++j) {
      c[i * ldc + j] = t.beta == 0 ? std::numeric_limits<float>::quiet_NaN() : old[i * t.n + j];
    }
  }
  gemm(t.trans_a, t.trans_b, t.m, t.n, t.k, t.alpha, a, lda, b, ldb, t.beta, c.data(), ldc);
  CHECK(c.intact());
  for (int64_t i = 0; i < t.m; ++i) {
    for (int64_t j = 0; j < ldc; ++j) {
      const float actual = c[i * ldc + j];
      if (j >= t.n) {
        CHECK(actual == kBetween);
        continue;
      }
      double expected = t.beta == 0 ? 0 : double{t.beta} * old[i * t.n + j];
      double magnitude = std::abs(expected);
      for (int64_t p = 0; p < t.k; ++p) {
        const double product = double{t.alpha} * (t.trans_a ? a[p * lda + i] : a[i * lda + p]) *
                               (t.trans_b ? b[j * ldb + p] : b[p * ldb + j]);
        expected += product;
        magnitude += std::abs(product);
      }
      const double tolerance = std::numeric_limits<float>::epsilon() * (t.k + 3) * magnitude;
      CHECK(std::abs(actual - expected) <= tolerance);
    }
  }
}

void check_sizes() {
  const int64_t sizes[][3] = {{1, 1, 1},    {1, 7, 5},      {9, 1, 8},      {1, 1, 33},
                              {3, 5, 7},    {8, 16, 9},     {17, 31, 15},   {33, 20, 25},
                              {65, 63, 1},  {100, 9, 65},   {2, 100, 1000}, {9, 200, 300},
                              {200, 3, 17}, {16, 16, 16},   {21, 13, 16},   {13, 4, 200},
                              {19, 64, 90}, {20, 100, 270}, {8, 115, 64},   {7, 81, 70}};
  for (const auto& size : sizes) {
    for (const bool trans_a : {false, true}) {
      for (const bool trans_b : {false, true}) {
        check({trans_a, trans_b, size[0], size[1], size[2], 1, 0});
        check({trans_a, trans_b, size[0], size[1], size[2], 0.5f, 1});
        check({trans_a, trans_b, size[0], size[1], size[2], 1, 1});
        check({trans_a, trans_b, size[0], size[1], size[2], -1, 0.25f});
      }
    }
  }
}

}  // namespace

TEST_CASE("a packed right operand gives the bits of one that is not") {
  for_each_target([] {
    for (const auto& [m, n, k] : {std::array<int64_t, 3>{1, 1, 1},
                                  {3, 17, 5},
                                  {21, 16, 16},
                                  {9, 47, 33},
                                  {16, 64, 128},
                                  {5, 100, 300},
                                  {200, 33, 257},
                                  {37, 66, 259},
                                  {14, 112, 100},
                                  {9, 3, 520},
                                  {8, 200, 600}}) {
      for (const bool transposed : {false, true}) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        CAPTURE(transposed);
        const int64_t lda = k + 3, ldb = (transposed ? k : n) + 1, ldc = n + 2;
        const std::vector<float> a = random_floats(m * lda);
        const std::vector<float> b = random_floats((transposed ? n : k) * ldb, -1, 1, 2);
        const GemmLeft left{a.data(), {.inner_step = lda}, {.inner_step = 1}};
        const GemmRight right{b.data(), ldb, transposed};
        // The packed operand begins on a cache line.
        std::vector<float> memory(gemm_packed_size(n, k) + 16);
        void* start = memory.data();
        size_t room = memory.size() * sizeof(float);
        auto* packed = static_cast<float*>(
            std::align(64, gemm_packed_size(n, k) * sizeof(float), start, room));
        gemm_pack(n, k, right, packed);
        for (const bool accumulate : {false, true}) {
          GuardedBuffer<float> c(random_floats(m * ldc, -1, 1, 3), 1);
          GuardedBuffer<float> expected(c.values(), 1);
          gemm_packed(m, n, k, left, packed, accumulate, {c.data(), {.inner_step = ldc}});
          gemm_kernel(m, n, k, left, right, accumulate, {expected.data(), {.inner_step = ldc}});
          CHECK(same_bits(c.values(), expected.values()));
          CHECK(c.intact());
        }
      }
    }
  });
}

TEST_CASE("the kernel gives a row the same bits among any number of rows") {
  for_each_target([] {
    for (const int64_t n : {3, 20, 33, 64, 100}) {
      constexpr int64_t m = 40, k = 150;
      const std::vector<float> a = random_floats(m * k);
      const std::vector<float> b = random_floats(k * n, -1, 1, 2);
      const GemmLeft left{a.data(), {.inner_step = k}, {.inner_step = 1}};
      std::vector<float> all(m * n);
      gemm_kernel(m, n, k, left, {b.data(), n}, false, {all.data(), {.inner_step = n}});
      for (int64_t rows = 1; rows < m; ++rows) {
        CAPTURE(n);
        CAPTURE(rows);
        std::vector<float> some(rows * n);
        gemm_kernel(rows, n, k, left, {b.data(), n}, false, {some.data(), {.inner_step = n}});
        CHECK(same_bits(some, {all.begin(), all.begin() + rows * n}));
      }
    }
  });
}

TEST_CASE("gemm equals a naive product for both transposes and odd sizes") {
  for_each_target(check_sizes);
}

TEST_CASE("gemm of an empty sum scales c, and of no elements touches nothing") {
  check({false, false, 3, 5, 0, 1, 0});
  check({false, false, 3, 5, 0, 1, 0.5f});
  check({false, false, 0, 5, 3, 1, 0});
  check({false, false, 3, 0, 3, 1, 0});
}

TEST_CASE("gemm lets NaN and infinity through") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  for (const int64_t n : {1, 3}) {
    const std::vector<float> a = {1, nan, 1, 0, infinity, 0, 1, 0};
    const std::vector<float> b(2 * n, 1.0f);
    std::vector<float> c(4 * n);
    gemm(false, false, 4, n, 2, 1, a.data(), 2, b.data(), n, 0, c.data(), n);
    for (int64_t j = 0; j < n; ++j) {
      CHECK(std::isnan(c[j]));
      CHECK(c[n + j] == 1);
      CHECK(c[2 * n + j] == infinity);
      CHECK(c[3 * n + j] == 1);
    }
  }
}

TEST_CASE("gemm gives the same bits inside and outside a parallel region, and keeps its setting") {
  const int64_t size = 300;
  const std::vector<float> a = random_floats(size * size);
  const std::vector<float> b = random_floats(size * size, -1, 1, 2);
  for (const float alpha : {1.0f, 0.5f}) {  // the second goes to BLAS on every processor
    std::vector<float> outside(size * size);
    std::vector<float> inside(size * size);
    const auto multiply = [&](std::vector<float>& c) {
      gemm(false, true, size, size, size, alpha, a.data(), size, b.data(), size, 0, c.data(), size);
    };
    const int threads = omp_get_max_threads();
    omp_set_num_threads(2);
    multiply(outside);
    CHECK(omp_get_max_threads() == 2);
#pragma omp parallel num_threads(2)
#pragma omp single
    multiply(inside);
    omp_set_num_threads(threads);
    CHECK(same_bits(outside, inside));
  }
}

TEST_CASE("gemm names what computes") {
  CHECK(std::strlen(blas_config()) > 0);
  CHECK(std::strlen(blas_core()) > 0);
}

TEST_CASE("blas_gemm gives the same product as gemm") {
  constexpr int64_t m = 37, n = 29, k = 41;
  const std::vector<float> a = random_floats(m * k), b = random_floats(k * n, -1, 1, 2);
  std::vector<float> ours(m * n), theirs(m * n, std::numeric_limits<float>::quiet_NaN());
  gemm(false, false, m, n, k, 1, a.data(), k, b.data(), n, 0, ours.data(), n);
  blas_gemm(m, n, k, a.data(), b.data(), theirs.data());
  // Each errs by at most an epsilon of its partial sums, which are at most k, k times.
  const double bound = 2.0 * k * k * std::numeric_limits<float>::epsilon();
  for (int64_t i = 0; i < m * n; ++i) CHECK(std::abs(double{ours[i]} - theirs[i]) <= bound);
}

}  // namespace luge
