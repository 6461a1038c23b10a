#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/conv2d.h"
#include "kernels/conv2d_patches.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/matmul.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

MatmulShape product(const Conv2dShape& s) {
  return {.m = s.c, .n = s.oc, .k = s.rows(), .trans_a = true};
}

struct Cuts {
  int64_t pieces;   // of the output pixels, each with a sum of its own
  int64_t filters;  // per chunk
};

Cuts choose_cuts(const Conv2dShape& s) {
  constexpr int64_t kMaxPartials = int64_t{1} << 21;  // floats
  constexpr int64_t kMinRows = 64;
  constexpr int64_t kMinFilters = 64;
  const int64_t wanted = tile_count(s.multiply_adds());
  // The sums are written and read once more, so they are to be smaller than what they are of.
  const int64_t operands = s.n * s.h * s.w * s.c + s.rows() * s.oc;
  const int64_t most_sums = std::min(kMaxPartials, operands / 2);
  const int64_t pieces =
      floor_pow2(std::min({wanted, s.rows() / kMinRows, most_sums / (s.depth() * s.oc)}));
  // Large weights: too large to keep many sums of, but wide enough to cut.
  const int64_t filter_cuts =
      s.groups > 1 ? 1 : floor_pow2(std::min(wanted / pieces, s.oc / kMinFilters));
  return {.pieces = pieces, .filters = tile_size(s.group_oc(), filter_cuts)};
}

int64_t partials_size(const Conv2dShape& s, int64_t pieces) {
  return round_up((pieces - 1) * s.depth() * s.oc, 16);
}

// What a tile adds to the gradient by filters [first, first + filters) of each group.
void multiply_groups(const Conv2dShape& s, const Conv2dTile& tile, int64_t first, int64_t filters,
                     const float* x, const float* dy, bool accumulate, float* sum, float* buffer) {
  const Conv2dPatches patches = tile_patches(s, tile, x, buffer);
  for (int64_t group = 0; group < s.groups; ++group) {
    const int64_t filter = group * s.group_oc() + first;
    gemm_kernel(s.depth(), filters, tile.row_end - tile.row_begin,
                {patches.data + group * patches.group_step, patches.taps, patches.pixels},
                {dy + tile.row_begin * s.oc + filter, s.oc}, accumulate,
                {sum + filter, {.inner_step = s.oc}});
  }
}

}  // namespace

int64_t conv2d_dweight_workspace(const Conv2dShape& shape, int threads) {
  if (is_depthwise(shape)) return depthwise_conv2d_dweight_workspace(shape, threads);
  if (shape.is_product()) return matmul_workspace(product(shape));
  const Conv2dShape s = upright(shape);
  const int64_t pieces = choose_cuts(s).pieces;
  return partials_size(s, pieces) + threads * Conv2dTiles(s, pieces).buffer_size();
}

void conv2d_dweight(const Conv2dShape& shape, const float* x, const float* dy, float* dweight,
                    float* workspace) {
  if (is_depthwise(shape)) return depthwise_conv2d_dweight(shape, x, dy, dweight, workspace);
  if (shape.is_product()) return matmul(product(shape), x, dy, dweight, workspace);
  const Conv2dShape s = upright(shape);
  assert(s.multiply_adds() > 0);
  const Cuts cuts = choose_cuts(s);
  const Conv2dTiles tiles(s, cuts.pieces);
  const int64_t tiles_per_piece = ceil_div(tiles.count(), cuts.pieces);
  const int64_t pieces = ceil_div(tiles.count(), tiles_per_piece);
  const int64_t filter_tiles = ceil_div(s.group_oc(), cuts.filters);
  const int64_t size = s.depth() * s.oc;
  float* partials = workspace;
  float* buffers = workspace + partials_size(s, cuts.pieces);
  parallel_for(pieces * filter_tiles, [&](int64_t chunk, int thread) {
    const int64_t piece = chunk / filter_tiles;
    const int64_t first_tile = piece * tiles_per_piece;
    const int64_t last_tile = std::min(tiles.count(), first_tile + tiles_per_piece);
    const int64_t first = chunk % filter_tiles * cuts.filters;
    const int64_t filters = std::min(cuts.filters, s.group_oc() - first);
    float* sum = piece == 0 ? dweight : partials + (piece - 1) * size;
    for (int64_t t = first_tile; t < last_tile; ++t) {
      multiply_groups(s, tiles.at(t), first, filters, x, dy, t > first_tile, sum,
                      buffers + thread * tiles.buffer_size());
    }
  });
  if (pieces > 1) add_partials(s.depth(), s.oc, pieces - 1, partials, dweight, {});
}

}  // namespace luge
