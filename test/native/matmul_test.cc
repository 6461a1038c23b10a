#include "kernels/matmul.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/parallel.h"
#include "buffers.h"
#include "kernels/matmul_rows.h"
#include "kernels/matmul_tiling.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// The epilogue adds 1 to every element, so that rows missed or seen twice show.
std::vector<float> run(const MatmulShape& s, const float* a, const float* b, int threads) {
  set_thread_count(threads);
  GuardedBuffer<float> c(s.batch * s.m * s.n, 3);
  GuardedBuffer<float> workspace(matmul_workspace(s), 1);
  const auto epilogue = [&](int64_t row_begin, int64_t row_end, int thread) {
    CHECK(thread < threads);
    for (int64_t i = row_begin * s.n; i < row_end * s.n; ++i) c[i] += 1;
  };
  matmul(s, a, b, c.data(), workspace.data(), epilogue);
  CHECK(c.intact());
  CHECK(workspace.intact());
  set_thread_count(1);
  return c.values();
}

void check(const MatmulShape& s) {
  CAPTURE(s.batch);
  CAPTURE(s.m);
  CAPTURE(s.n);
  CAPTURE(s.k);
  CAPTURE(s.trans_a);
  CAPTURE(s.trans_b);
  const int64_t a_count = s.batch_stride_a == 0 ? 1 : s.batch;
  const int64_t b_count = s.batch_stride_b == 0 ? 1 : s.batch;
  const std::vector<float> a_data = random_floats(a_count * s.m * s.k + 1);
  const std::vector<float> b_data = random_floats(b_count * s.k * s.n + 1, -1, 1, 2);
  const std::vector<float> c = run(s, a_data.data() + 1, b_data.data() + 1, 1);
  for (const int threads : {2, 5}) {
    CHECK(same_bits(c, run(s, a_data.data() + 1, b_data.data() + 1, threads)));
  }
  int64_t wrong = 0;
  for (int64_t item = 0; item < s.batch; ++item) {
    const float* a = a_data.data() + 1 + item * s.batch_stride_a;
    const float* b = b_data.data() + 1 + item * s.batch_stride_b;
    for (int64_t i = 0; i < s.m; ++i) {
      for (int64_t j = 0; j < s.n; ++j) {
        double expected = 1;
        double magnitude = 1;
        for (int64_t p = 0; p < s.k; ++p) {
          const double product = double{s.trans_a ? a[p * s.m + i] : a[i * s.k + p]} *
                                 (s.trans_b ? b[j * s.k + p] : b[p * s.n + j]);
          expected += product;
          magnitude += std::abs(product);
        }
        const double tolerance = std::numeric_limits<float>::epsilon() * (s.k + 2) * magnitude;
        const double actual = c[(item * s.m + i) * s.n + j];
        wrong += !(std::abs(actual - expected) <= tolerance);
      }
    }
  }
  CHECK(wrong == 0);
}

void check_transposes(MatmulShape s) {
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      s.trans_a = trans_a;
      s.trans_b = trans_b;
      check(s);
    }
  }
}

}  // namespace

TEST_CASE("matmul equals a naive product, whichever way it is tiled") {
  check_transposes({.m = 1, .n = 1, .k = 1});
  check_transposes({.m = 3, .n = 17, .k = 9});
  check_transposes({.m = 65, .n = 10, .k = 100});    // one tile
  check_transposes({.m = 785, .n = 33, .k = 65});    // rows
  check_transposes({.m = 31, .n = 1001, .k = 63});   // columns
  check_transposes({.m = 401, .n = 203, .k = 33});   // both
  check_transposes({.m = 801, .n = 199, .k = 241});  // rows, and b packed once for them
  check_transposes({.m = 25, .n = 20, .k = 6001});   // depth
  check_transposes({.m = 1, .n = 1000, .k = 2000});  // one row
  check_transposes({.m = 3000, .n = 1, .k = 1000});  // one column
  check_transposes({.m = 1, .n = 1001, .k = 601});   // one row, more than caches hold
  check_transposes({.m = 2, .n = 100, .k = 5251});
}

TEST_CASE("rows that are used up as they are made are those of the whole product") {
  struct Size {
    int64_t m, n, k;
  };
  for (const Size& t : {Size{1, 1, 1},
                        {3, 17, 9},
                        {65, 1001, 16},
                        {201, 100, 33},
                        {7, 20000, 5},
                        {130, 303, 257}}) {
    for (const bool trans_a : {false, true}) {
      for (const bool trans_b : {false, true}) {
        const MatmulShape s{.m = t.m, .n = t.n, .k = t.k, .trans_a = trans_a, .trans_b = trans_b};
        CAPTURE(s.m);
        CAPTURE(s.n);
        CAPTURE(s.k);
        const std::vector<float> a = random_floats(s.m * s.k);
        const std::vector<float> b = random_floats(s.k * s.n, -1, 1, 2);
        GuardedBuffer<float> whole(s.m * s.n);
        GuardedBuffer<float> deep(matmul_workspace(s));
        matmul(s, a.data(), b.data(), whole.data(), deep.data());
        for (const int threads : {1, 2, 5}) {
          set_thread_count(threads);
          GuardedBuffer<float> c(s.m * s.n);
          GuardedBuffer<float> workspace(matmul_rows_workspace(s, threads));
          matmul_rows(s, a.data(), b.data(), workspace.data(),
                      [&](int64_t row_begin, int64_t row_end, int thread) {
                        CHECK(row_begin % matmul_rows_step(s) == 0);
                        const float* rows = matmul_rows_tile(s, workspace.data(), thread);
                        std::copy(rows, rows + (row_end - row_begin) * s.n,
                                  c.data() + row_begin * s.n);
                      });
          set_thread_count(1);
          CHECK(c.intact());
          CHECK(workspace.intact());
          int64_t wrong = 0;
          for (int64_t i = 0; i < s.m * s.n; ++i) {
            // Where BLAS makes the whole, another order of the sum.
            const double tolerance = gemm_kernel_pays() && s.m > 1 && s.n > 2
                                         ? 0
                                         : std::numeric_limits<float>::epsilon() * 2 * s.k * s.k;
            wrong += !(std::abs(c[i] - whole[i]) <= tolerance);
          }
          CHECK(wrong == 0);
        }
      }
    }
  }
}

TEST_CASE("matmul of an empty sum is zero, and the epilogue still runs") {
  check({.m = 9, .n = 7, .k = 0});
}

TEST_CASE("matmul without elements does nothing") {
  for (const MatmulShape& s : {MatmulShape{.m = 0, .n = 3, .k = 2},
                               {.m = 3, .n = 0, .k = 2},
                               {.m = 3, .n = 3, .k = 2, .batch = 0}}) {
    CHECK(matmul_workspace(s) == 0);
    matmul(s, nullptr, nullptr, nullptr, nullptr);
  }
}

TEST_CASE("matmul runs over batches, small and large, and broadcasts a matrix") {
  struct Size {
    int64_t batch, m, n, k;
  };
  for (const Size& t : {Size{3, 5, 7, 9}, Size{129, 17, 15, 33}, Size{3, 201, 65, 100},
                        Size{2, 33, 400, 100}, Size{2, 16, 16, 4000}}) {
    MatmulShape s{.m = t.m, .n = t.n, .k = t.k, .batch = t.batch};
    s.batch_stride_a = t.m * t.k;
    s.batch_stride_b = t.k * t.n;
    check_transposes(s);
    s.batch_stride_b = 0;
    check_transposes(s);
    s.batch_stride_a = 0;
    s.batch_stride_b = t.k * t.n;
    check_transposes(s);
  }
}

TEST_CASE("middle and large products are cut into enough tiles for many threads") {
  CHECK(tile_count(64 * 1024) == 1);
  CHECK(tile_count(100 * 784 * 100) == 16);
  CHECK(tile_count(int64_t{2048} * 2048 * 2048) == 64);
}

}  // namespace luge
