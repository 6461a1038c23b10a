#include "kernels/packed_matmul.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

constexpr int64_t kMostColumns = 192;
constexpr int64_t kMinRows = 16;
constexpr int64_t kMostTiles = 64;

// All blocks but the last have so many columns.
int64_t column_block(int64_t n) {
  const int64_t blocks = ceil_div(n, kMostColumns);
  return round_up(ceil_div(n, blocks), 16);
}

// Rows of a tile: whole passes of the product, as long as there are tiles for all threads.
int64_t choose_rows(int64_t m, int64_t n, int64_t k) {
  const int64_t tiles = std::min(tile_count(m * n * k), m / kMinRows);
  return tiles <= 1 ? m : std::min(m, round_up(ceil_div(m, std::min(tiles, kMostTiles)), 8));
}

// The product with blocks of columns side by side, n in all.
void multiply_blocks(int64_t m, int64_t n, int64_t block, int64_t k, const GemmLeft& a,
                     const float* packed, float* c, int64_t ldc) {
  for (int64_t j = 0; j < n; j += block) {
    gemm_packed(m, std::min(block, n - j), k, a, packed + j * k, false, c + j, ldc);
  }
}

}  // namespace

int64_t packed_matrix_size(int64_t k, int64_t n) { return k * round_up(n, 16); }

void pack_matrix(int64_t k, int64_t n, const GemmRight& b, float* packed) {
  const int64_t block = column_block(n);
  parallel_for(ceil_div(n, block), [&](int64_t chunk, int) {
    const int64_t first = chunk * block;
    const float* from = b.data + first * (b.transposed ? b.step : 1);
    gemm_pack(std::min(block, n - first), k, {from, b.step, b.transposed}, packed + first * k);
  });
}

void multiply_packed(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                     float* c, int64_t ldc) {
  multiply_blocks(m, n, column_block(n), k, a, packed, c, ldc);
}

int64_t packed_matmul_ranges(int64_t m) {
  // Tiles, or the passes of run_epilogue, which the caller counts.
  return std::min(m, kMostTiles + 1);
}

void packed_matmul(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                   float* c, Epilogue epilogue) {
  assert(m > 0 && n > 0 && k > 0);
  const int64_t rows = choose_rows(m, n, k);
  const int64_t block = column_block(n);
  const int64_t blocks = ceil_div(n, block);
  const int64_t row_tiles = ceil_div(m, rows);
  // Where there are few rows, the blocks are shared out, too.
  const bool cut = row_tiles < tile_count(m * n * k);
  parallel_for(cut ? row_tiles * blocks : row_tiles, [&](int64_t chunk, int thread) {
    const int64_t i = (cut ? chunk / blocks : chunk) * rows;
    const int64_t count = std::min(rows, m - i);
    const int64_t begin = cut ? chunk % blocks : 0;
    const int64_t end = cut ? begin + 1 : blocks;
    const int64_t j = begin * block;
    multiply_blocks(count, std::min(n, end * block) - j, block, k,
                    {a.data + i * a.rows.inner_step, a.rows, a.depth}, packed + j * k,
                    c + i * n + j, n);
    if (!cut || blocks == 1) epilogue(i, i + count, thread);
  });
  if (cut && blocks > 1) run_epilogue(m, n, epilogue);
}

}  // namespace luge
