// What the recurrent kernels share: how their steps are cut into tiles, and the product of every
// step with a kernel that is packed once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/parallel.h"
#include "simd/matrix_rows.h"

namespace luge {

struct RecurrentShape {
  int64_t batch, time, units;
  int64_t gates;  // blocks of `units` columns in the recurrent kernel [units, gates * units]
};

// One tile of one step.
struct RecurrentTile {
  int64_t row, rows;    // samples
  int64_t unit, units;  // hidden units
};

// Samples do not depend on each other, so a tile of rows runs through all steps alone, with its
// kernel in the second-level cache. A kernel too large for that is shared out by units instead:
// then each step is one parallel loop, and every thread keeps to its part of the kernel.
class RecurrentPlan {
 public:
  explicit RecurrentPlan(const RecurrentShape& shape);

  // Calls body(step, tile, thread) for every tile of steps 0, 1, ... steps - 1; each step of a
  // sample sees what the one before it wrote.
  template <class Body>
  void run(int64_t steps, Body body) const {
    if (unit_tiles_ == 1) {
      parallel_for(row_tiles_, [&](int64_t tile, int thread) {
        for (int64_t step = 0; step < steps; ++step) body(step, this->tile(tile, 0), thread);
      });
      return;
    }
    for (int64_t step = 0; step < steps; ++step) {
      parallel_for(row_tiles_ * unit_tiles_, [&](int64_t i, int thread) {
        body(step, tile(i / unit_tiles_, i % unit_tiles_), thread);
      });
    }
  }

  RecurrentTile tile(int64_t row_tile, int64_t unit_tile) const {
    const int64_t row = row_tile * tile_rows_, unit = unit_tile * tile_units_;
    return {row, std::min(tile_rows_, batch_ - row), unit, std::min(tile_units_, units_ - unit)};
  }

  int64_t units() const { return units_; }
  int64_t tile_rows() const { return tile_rows_; }
  int64_t tile_units() const { return tile_units_; }
  int64_t unit_tiles() const { return unit_tiles_; }

 private:
  int64_t batch_, units_;
  int64_t tile_rows_, tile_units_;
  int64_t row_tiles_, unit_tiles_;
};

// The product of every step: a[rows, depth] times `blocks` matrices [depth, units] side by side.
class StepProduct {
 public:
  StepProduct(const RecurrentPlan& plan, int64_t depth, int64_t blocks)
      : plan_(plan), depth_(depth), blocks_(blocks) {}

  // Floats of packed matrices, and of one thread's products.
  int64_t packed_size() const;
  int64_t product_size() const;

  // Element p, j of block q is b[p * step + q * units + j], or b[j * step + q * units + p] when
  // transposed. `packed` is 64-byte aligned.
  void pack(const float* b, int64_t step, bool transposed, float* packed);

  // out[rows, blocks, tile.units] = a b, rows of out so many floats apart; `a` begins at the tile's
  // first row.
  void multiply(const RecurrentTile& tile, MatrixRows<const float> a, float* out,
                int64_t out_step) const;

 private:
  // A tile of all units takes the blocks as one wide matrix.
  bool is_whole() const { return plan_.unit_tiles() == 1; }
  int64_t piece_size(int64_t columns) const;

  const RecurrentPlan& plan_;
  int64_t depth_, blocks_;
  const float* packed_ = nullptr;
};

}  // namespace luge
