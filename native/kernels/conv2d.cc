#include "kernels/conv2d.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/conv2d_patches.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/matmul_tiling.h"
#include "kernels/packed_matmul.h"

namespace luge {
namespace {

// Few pixels and many filters, as late in a network: the filters are cut too. Filters per chunk.
int64_t choose_filters(const Conv2dShape& s, const Conv2dTiles& tiles) {
  constexpr int64_t kMinFilters = 64;
  if (s.groups > 1) return s.group_oc();
  const int64_t wanted = tile_count(s.multiply_adds());
  return tile_size(s.oc, floor_pow2(std::min(wanted / tiles.count(), s.oc / kMinFilters)));
}

// Weights that many tiles multiply are packed for all of them. A few tiles pack weights that are
// not large each for itself: what another core has just written can take longer to read.
bool is_packed(const Conv2dShape& s, const Conv2dTiles& tiles) {
  constexpr int64_t kFew = 8, kLarge = int64_t{1} << 20;
  return s.groups == 1 && pays_to_pack(tiles.count(), s.multiply_adds()) &&
         (tiles.count() >= kFew || s.depth() * s.oc > kLarge);
}

int64_t packed_size(const Conv2dShape& s, const Conv2dTiles& tiles) {
  return is_packed(s, tiles) ? round_up(packed_matrix_size(s.depth(), s.oc), 16) : 0;
}

void multiply_groups(const Conv2dShape& s, const Conv2dTile& tile, const Conv2dPatches& patches,
                     int64_t first, int64_t filters, const float* weight, float* y) {
  for (int64_t group = 0; group < s.groups; ++group) {
    const int64_t filter = group * s.group_oc() + first;
    gemm_kernel(tile.row_end - tile.row_begin, filters, s.depth(),
                {patches.data + group * patches.group_step, patches.pixels, patches.taps},
                {weight + filter, s.oc}, false,
                {y + tile.row_begin * s.oc + filter, {.inner_step = s.oc}});
  }
}

}  // namespace

int64_t conv2d_workspace(const Conv2dShape& shape, int threads) {
  if (is_depthwise(shape)) return depthwise_conv2d_workspace(shape, threads);
  const Conv2dShape s = upright(shape);
  const Conv2dTiles tiles(s, tile_count(s.multiply_adds()));
  return packed_size(s, tiles) + threads * tiles.buffer_size();
}

void conv2d(const Conv2dShape& shape, const float* x, const float* weight, float* y,
            float* workspace, Epilogue epilogue) {
  if (is_depthwise(shape)) return depthwise_conv2d(shape, x, weight, y, workspace, epilogue);
  const Conv2dShape s = upright(shape);
  assert(s.multiply_adds() > 0);
  const Conv2dTiles tiles(s, tile_count(s.multiply_adds()));
  const auto buffer_of = [&](int thread) {
    return workspace + packed_size(s, tiles) + thread * tiles.buffer_size();
  };
  const auto patches_of = [&](const Conv2dTile& tile, int thread) {
    return tile_patches(s, tile, x, buffer_of(thread));
  };
  if (is_packed(s, tiles)) {
    pack_matrix(s.depth(), s.oc, {weight, s.oc}, workspace);
    parallel_for(tiles.count(), [&](int64_t chunk, int thread) {
      const Conv2dTile tile = tiles.at(chunk);
      const Conv2dPatches patches = patches_of(tile, thread);
      multiply_packed(tile.row_end - tile.row_begin, s.oc, s.depth(),
                      {patches.data, patches.pixels, patches.taps}, workspace,
                      {y + tile.row_begin * s.oc, {.inner_step = s.oc}});
      epilogue(tile.row_begin, tile.row_end, thread);
    });
    return;
  }
  const int64_t filters_per_chunk = choose_filters(s, tiles);
  const int64_t filter_tiles = ceil_div(s.group_oc(), filters_per_chunk);
  const bool full_rows = filter_tiles == 1;
  parallel_for(tiles.count() * filter_tiles, [&](int64_t chunk, int thread) {
    const Conv2dTile tile = tiles.at(chunk / filter_tiles);
    const int64_t first = chunk % filter_tiles * filters_per_chunk;
    multiply_groups(s, tile, patches_of(tile, thread), first,
                    std::min(filters_per_chunk, s.group_oc() - first), weight, y);
    if (full_rows) epilogue(tile.row_begin, tile.row_end, thread);
  });
  if (!full_rows) run_epilogue(s.rows(), s.oc, epilogue);
}

}  // namespace luge
