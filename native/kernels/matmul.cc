#include "kernels/matmul.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/gemm.h"
#include "kernels/matmul_tiling.h"
#include "kernels/packed_matmul.h"
#include "simd/gemm_few_rows.h"

namespace luge {
namespace {

// A tile narrower than this costs BLAS noticeably more for packing than it gains in balance.
constexpr int64_t kMinTile = 96;
// The depth is cut last and into longer pieces: every piece but the first is written and read
// again.
constexpr int64_t kMinDepth = 192;
// Products too small for two such tiles are still worth two threads.
constexpr int64_t kMinSmallTile = 40;
bool is_small(const MatmulShape& s) {
  return s.m < 2 * kMinTile && s.n < 2 * kMinTile && s.k < 2 * kMinDepth;
}

// Whether reading b takes longer than multiplying: few rows, and more of b than the second-level
// caches hold, or than any cache where there are several rows to multiply. Then b is read in long
// stretches of whole rows, which memory gives twice as fast as tiles; for that the depth is cut,
// and has to be long enough for the sums of the pieces not to matter.
constexpr int64_t kMinStretch = 64;  // for each row of c
bool streams_b(const MatmulShape& s) {
  const int64_t large = s.m <= 2 ? int64_t{1} << 19 : int64_t{1} << 22;
  return s.batch == 1 && s.m <= kGemmFewRows && !s.trans_a && !s.trans_b && s.n >= kMinTile &&
         s.n * s.k >= large && s.k >= 4 * kMinStretch * s.m;
}

struct Tiling {
  int64_t rows, columns, depth;  // size of a tile
  int64_t row_tiles, column_tiles, depth_tiles;
};

Tiling tiling_of(const MatmulShape& s, int64_t row_cuts, int64_t column_cuts, int64_t depth_cuts) {
  Tiling t;
  t.rows = tile_size(s.m, row_cuts);
  t.columns = tile_size(s.n, column_cuts);
  t.depth = tile_size(s.k, depth_cuts);
  t.row_tiles = ceil_div(s.m, t.rows);
  t.column_tiles = ceil_div(s.n, t.columns);
  t.depth_tiles = s.k == 0 ? 1 : ceil_div(s.k, t.depth);
  return t;
}

Tiling choose_tiling(const MatmulShape& s) {
  if (streams_b(s)) {
    return tiling_of(s, 1, 1, floor_pow2(std::min<int64_t>(16, s.k / (kMinStretch * s.m))));
  }
  const int64_t wanted = tile_count(s.batch * s.m * s.n * s.k) / floor_pow2(s.batch);
  if (is_small(s)) {
    const int64_t column_cuts = floor_pow2(std::min(wanted, s.n / kMinSmallTile));
    return tiling_of(s, floor_pow2(std::min(wanted / column_cuts, s.m / kMinSmallTile)),
                     column_cuts, 1);
  }
  const int64_t row_cuts = floor_pow2(std::min(wanted, s.m / kMinTile));
  const int64_t column_cuts = floor_pow2(std::min(wanted / row_cuts, s.n / kMinTile));
  const int64_t depth_cuts =
      s.batch > 1 ? 1 : floor_pow2(std::min(wanted / row_cuts / column_cuts, s.k / kMinDepth));
  return tiling_of(s, row_cuts, column_cuts, depth_cuts);
}

bool packs_b(const MatmulShape& s, const Tiling& t) {
  constexpr int64_t kMinColumns = 16;
  return s.batch == 1 && s.n >= kMinColumns && t.depth_tiles == 1 &&
         pays_to_pack(t.row_tiles, s.m * s.n * s.k) && gemm_kernel_pays();
}

// Many left matrices times one right matrix are one tall product.
MatmulShape fold_batch(MatmulShape s) {
  if (s.batch > 1 && s.batch_stride_b == 0 && !s.trans_a && s.batch_stride_a == s.m * s.k) {
    s.m *= s.batch;
    s.batch = 1;
  }
  return s;
}

// The product of one tile: rows from i, columns from j, depth from p.
void multiply_tile(const MatmulShape& s, const Tiling& t, int64_t i, int64_t j, int64_t p,
                   const float* a, const float* b, float* c) {
  if (streams_b(s)) {
    return gemm_few_rows(s.m, s.n, std::min(t.depth, s.k - p), a + p, s.k, b + p * s.n, s.n, c,
                         s.n);
  }
  const int64_t lda = s.trans_a ? s.m : s.k;
  const int64_t ldb = s.trans_b ? s.k : s.n;
  gemm(s.trans_a, s.trans_b, std::min(t.rows, s.m - i), std::min(t.columns, s.n - j),
       std::min(t.depth, s.k - p), 1, a + (s.trans_a ? p * lda + i : i * lda + p), lda,
       b + (s.trans_b ? j * ldb + p : p * ldb + j), ldb, 0, c + i * s.n + j, s.n);
}

void matmul_batch(const MatmulShape& s, const Tiling& t, const float* a, const float* b, float* c,
                  Epilogue epilogue) {
  const int64_t tiles = t.row_tiles * t.column_tiles;
  const bool full_rows = t.column_tiles == 1;
  const int64_t total = s.batch * tiles;
  // Small matrices go several to a chunk.
  const int64_t per_chunk = ceil_div(total, tile_count(s.batch * s.m * s.n * s.k));
  parallel_for(ceil_div(total, per_chunk), [&](int64_t chunk, int thread) {
    const int64_t end = std::min(total, (chunk + 1) * per_chunk);
    for (int64_t tile = chunk * per_chunk; tile < end; ++tile) {
      const int64_t item = tile / tiles;
      const int64_t i = tile % tiles / t.column_tiles * t.rows;
      const int64_t j = tile % t.column_tiles * t.columns;
      multiply_tile(s, t, i, j, 0, a + item * s.batch_stride_a, b + item * s.batch_stride_b,
                    c + item * s.m * s.n);
      if (full_rows) epilogue(item * s.m + i, item * s.m + std::min(i + t.rows, s.m), thread);
    }
  });
  if (!full_rows) run_epilogue(s.batch * s.m, s.n, epilogue);
}

void matmul_deep(const MatmulShape& s, const Tiling& t, const float* a, const float* b, float* c,
                 float* partials, Epilogue epilogue) {
  const int64_t tiles = t.row_tiles * t.column_tiles;
  parallel_for(tiles * t.depth_tiles, [&](int64_t chunk, int) {
    const int64_t piece = chunk / tiles;
    const int64_t i = chunk % tiles / t.column_tiles * t.rows;
    const int64_t j = chunk % t.column_tiles * t.columns;
    multiply_tile(s, t, i, j, piece * t.depth, a, b,
                  piece == 0 ? c : partials + (piece - 1) * s.m * s.n);
  });
  add_partials(s.m, s.n, t.depth_tiles - 1, partials, c, epilogue);
}

}  // namespace

int64_t matmul_workspace(const MatmulShape& shape) {
  const MatmulShape s = fold_batch(shape);
  if (s.batch * s.m * s.n == 0) return 0;
  const Tiling t = choose_tiling(s);
  if (packs_b(s, t)) return packed_matrix_size(s.k, s.n);
  return (t.depth_tiles - 1) * s.m * s.n;
}

void matmul(const MatmulShape& shape, const float* a, const float* b, float* c, float* workspace,
            Epilogue epilogue) {
  const MatmulShape s = fold_batch(shape);
  assert(s.batch >= 0 && s.m >= 0 && s.n >= 0 && s.k >= 0);
  if (s.batch * s.m * s.n == 0) return;
  const Tiling t = choose_tiling(s);
  if (packs_b(s, t)) {
    pack_matrix(s.k, s.n, {b, s.trans_b ? s.k : s.n, s.trans_b}, workspace);
    const OffsetMap rows{.inner_step = s.trans_a ? 1 : s.k};
    const OffsetMap depth{.inner_step = s.trans_a ? s.m : 1};
    packed_matmul(s.m, s.n, s.k, {a, rows, depth}, workspace, c, epilogue);
  } else if (t.depth_tiles > 1) {
    matmul_deep(s, t, a, b, c, workspace, epilogue);
  } else {
    matmul_batch(s, t, a, b, c, epilogue);
  }
}

}  // namespace luge
