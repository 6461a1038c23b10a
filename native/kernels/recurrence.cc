#include "kernels/recurrence.h"

#include "kernels/matmul_tiling.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// Above so many floats (half a megabyte) a kernel leaves no room in a second-level cache.
constexpr int64_t kCachedKernel = int64_t{1} << 17;
// Rows of a tile when units are shared out: enough that packed panels are used often.
constexpr int64_t kTallTile = 96;

int64_t whole_lines(int64_t floats) { return round_up(floats, 16); }

}  // namespace

RecurrentPlan::RecurrentPlan(const RecurrentShape& s) : batch_(s.batch), units_(s.units) {
  const int64_t step_work = s.units * s.units * s.gates;
  if (step_work > kCachedKernel) {
    const int64_t cuts = floor_pow2(std::min<int64_t>(s.units / 32, 16));
    tile_units_ = std::min(s.units, round_up(ceil_div(s.units, cuts), 16));
    tile_rows_ = ceil_div(s.batch, ceil_div(s.batch, kTallTile));
  } else {
    // Eight rows fill the multipliers; four keep two threads busy where there are few.
    const int64_t least = s.batch < 32 ? 4 : 8;
    const int64_t cuts =
        floor_pow2(std::min(s.batch / least, tile_count(s.batch * s.time * step_work)));
    tile_units_ = s.units;
    tile_rows_ = ceil_div(s.batch, cuts);
  }
  row_tiles_ = ceil_div(s.batch, tile_rows_);
  unit_tiles_ = ceil_div(s.units, tile_units_);
}

int64_t StepProduct::piece_size(int64_t columns) const {
  return whole_lines(gemm_packed_size(columns, depth_));
}

int64_t StepProduct::packed_size() const {
  if (is_whole()) return piece_size(blocks_ * plan_.units());
  return plan_.unit_tiles() * blocks_ * piece_size(plan_.tile_units());
}

int64_t StepProduct::product_size() const {
  return whole_lines(plan_.tile_rows() * blocks_ * plan_.tile_units());
}

void StepProduct::pack(const float* b, int64_t step, bool transposed, float* packed) {
  packed_ = packed;
  if (is_whole()) {
    gemm_pack(blocks_ * plan_.units(), depth_, {b, step, transposed}, packed);
    return;
  }
  parallel_for(plan_.unit_tiles() * blocks_, [&](int64_t piece, int) {
    const RecurrentTile tile = plan_.tile(0, piece / blocks_);
    const float* from =
        b + piece % blocks_ * plan_.units() + (transposed ? tile.unit * step : tile.unit);
    gemm_pack(tile.units, depth_, {from, step, transposed},
              packed + piece * piece_size(plan_.tile_units()));
  });
}

void StepProduct::multiply(const RecurrentTile& tile, MatrixRows<const float> a, float* out,
                           int64_t out_step) const {
  const GemmLeft left{a.data, {.inner_step = a.step}, {.inner_step = 1}};
  if (is_whole()) {
    gemm_packed(tile.rows, blocks_ * tile.units, depth_, left, packed_, false,
                {out, {.inner_step = out_step}});
    return;
  }
  const int64_t first = tile.unit / plan_.tile_units() * blocks_;
  for (int64_t block = 0; block < blocks_; ++block) {
    gemm_packed(tile.rows, tile.units, depth_, left,
                packed_ + (first + block) * piece_size(plan_.tile_units()), false,
                {out + block * tile.units, {.inner_step = out_step}});
  }
}

}  // namespace luge
