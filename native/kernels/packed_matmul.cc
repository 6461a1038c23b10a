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
constexpr int64_t kRowsTogether = 128;

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
                     const float* packed, const GemmResult& c) {
  for (int64_t j = 0; j < n; j += block) {
    gemm_packed(m, std::min(block, n - j), k, a, packed + j * k, false, {c.data + j, c.rows});
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
                     const GemmResult& c) {
  multiply_blocks(m, n, column_block(n), k, a, packed, c);
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
  const auto multiply = [&](int64_t i, int64_t end, int64_t j, int64_t columns) {
    multiply_blocks(std::min(end, m) - i, columns, block, k,
                    {a.data + i * a.rows.inner_step, a.rows, a.depth}, packed + j * k,
                    {c + i * n + j, {.inner_step = n}});
  };
  // Where there are few rows, the blocks are shared out, too.
  if (blocks > 1 && row_tiles < tile_count(m * n * k)) {
    parallel_for(row_tiles * blocks, [&](int64_t chunk, int) {
      const int64_t i = chunk / blocks * rows, j = chunk % blocks * block;
      multiply(i, i + rows, j, std::min(block, n - j));
    });
    return run_epilogue(m, n, epilogue);
  }
  // Several tiles together, since each goes through the whole packed matrix.
  const int64_t together = std::max<int64_t>(1, kRowsTogether / rows);
  parallel_runs(row_tiles, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t tile = begin; tile < end; tile += together) {
      const int64_t stop = std::min(end, tile + together);
      multiply(tile * rows, stop * rows, 0, n);
      for (int64_t i = tile * rows; i < std::min(m, stop * rows); i += rows) {
        epilogue(i, std::min(m, i + rows), thread);
      }
    }
  });
}

}  // namespace luge
