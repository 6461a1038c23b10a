#include "kernels/matmul_rows.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// A tile leaves most of the second-level cache to b and to what uses the rows.
constexpr int64_t kTile = 16384;
// Rows that the kernel multiplies at a time, and depths that it packs.
constexpr int64_t kRows = 8;
constexpr int64_t kDepths = 16;

int64_t tiles_size(const MatmulShape& s, int threads) {
  return round_up(threads * matmul_rows_step(s) * s.n, 16);
}

}  // namespace

int64_t matmul_rows_step(const MatmulShape& s) {
  return std::min(s.m, std::max(kTile / s.n / kRows, int64_t{1}) * kRows);
}

int64_t matmul_rows_workspace(const MatmulShape& s, int threads) {
  return tiles_size(s, threads) + gemm_packed_size(s.n, s.k);
}

void matmul_rows(const MatmulShape& s, const float* a, const float* b, float* workspace,
                 Epilogue use) {
  assert(s.batch == 1 && s.m > 0 && s.n > 0 && s.k > 0);
  float* packed = workspace + tiles_size(s, thread_count());
  const int64_t ldb = s.trans_b ? s.k : s.n;
  parallel_for(ceil_div(s.k, kDepths), [&](int64_t chunk, int) {
    const int64_t begin = chunk * kDepths;
    gemm_pack_rows(s.n, s.k, {b + (s.trans_b ? begin : begin * ldb), ldb, s.trans_b}, begin,
                   std::min(s.k, begin + kDepths), packed);
  });
  const int64_t step = matmul_rows_step(s);
  const OffsetMap rows{.inner_step = s.trans_a ? 1 : s.k};
  const OffsetMap depth{.inner_step = s.trans_a ? s.m : 1};
  parallel_for(ceil_div(s.m, step), [&](int64_t chunk, int thread) {
    const int64_t begin = chunk * step;
    const int64_t end = std::min(s.m, begin + step);
    gemm_packed(end - begin, s.n, s.k, {a + begin * rows.inner_step, rows, depth}, packed, false,
                {matmul_rows_tile(s, workspace, thread), {.inner_step = s.n}});
    use(begin, end, thread);
  });
}

}  // namespace luge
