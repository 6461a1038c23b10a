#include "kernels/packed_matmul.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/parallel.h"
#include "buffers.h"

namespace luge {
namespace {

struct Sizes {
  int64_t m, n, k;
  bool transposed = false;
};

// The epilogue adds 1, so that rows missed or seen twice show.
std::vector<float> run(const Sizes& s, const std::vector<float>& a, const std::vector<float>& b) {
  GuardedBuffer<float> packed(packed_matrix_size(s.k, s.n), 3), left(a, 1), c(s.m * s.n, 5);
  pack_matrix(s.k, s.n, {b.data(), s.transposed ? s.k : s.n, s.transposed}, packed.data());
  int64_t ranges = 0;
  const int threads = thread_count();
  set_thread_count(1);
  packed_matmul(s.m, s.n, s.k, left.data(), packed.data(), c.data(),
                [&](int64_t, int64_t, int) { ++ranges; });
  CHECK(ranges <= packed_matmul_ranges(s.m) + (s.m * s.n + 8191) / 8192);
  set_thread_count(threads);
  packed_matmul(s.m, s.n, s.k, left.data(), packed.data(), c.data(),
                [&](int64_t row_begin, int64_t row_end, int) {
                  for (int64_t i = row_begin * s.n; i < row_end * s.n; ++i) c[i] += 1;
                });
  CHECK(packed.intact());
  CHECK(c.intact());
  return c.values();
}

// A sum of k products, and the 1 of the epilogue.
int64_t count_wrong(const Sizes& s, const std::vector<float>& a, const std::vector<float>& b,
                    const std::vector<float>& c) {
  int64_t wrong = 0;
  for (int64_t i = 0; i < s.m; ++i) {
    for (int64_t j = 0; j < s.n; ++j) {
      double sum = 1, magnitude = 1;
      for (int64_t p = 0; p < s.k; ++p) {
        const double term = double{a[i * s.k + p]} * b[s.transposed ? j * s.k + p : p * s.n + j];
        sum += term;
        magnitude += std::abs(term);
      }
      const double tolerance = std::numeric_limits<float>::epsilon() * (s.k + 1.0) * magnitude;
      wrong += !(std::abs(c[i * s.n + j] - sum) <= tolerance);
    }
  }
  return wrong;
}

void check(const Sizes& s) {
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  CAPTURE(s.transposed);
  const std::vector<float> a = random_floats(s.m * s.k);
  const std::vector<float> b = random_floats(s.k * s.n, -1, 1, 2);
  for_each_target([&] { CHECK(count_wrong(s, a, b, run(s, a, b)) == 0); });
  check_threads([&] { return run(s, a, b); });
}

}  // namespace

TEST_CASE("packed_matmul: sizes around those of vectors, blocks and tiles") {
  for (const bool transposed : {false, true}) {
    for (const int64_t m : {1, 7, 8, 33}) {
      for (const int64_t n : {1, 15, 17, 100}) {
        for (const int64_t k : {1, 31, 300}) check({m, n, k, transposed});
      }
    }
    check({128, 100, 720, transposed});
    check({40, 385, 260, transposed});  // three blocks of columns
    check({16, 600, 300, transposed});  // fewer tiles of rows than threads are worth
    check({1030, 33, 65, transposed});
  }
}

}  // namespace luge
