#include "kernels/conv2d.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/conv2d_patches.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

// Few pixels and many filters, as late in a network: the filters are cut too. Filters per chunk.
int64_t choose_filters(const Conv2dShape& s, const Conv2dTiles& tiles) {
  constexpr int64_t kMinFilters = 64;
  if (s.groups > 1) return s.group_oc();
  const int64_t wanted = tile_count(s.multiply_adds());
  return tile_size(s.oc, floor_pow2(std::min(wanted / tiles.count(), s.oc / kMinFilters)));
}

}  // namespace

int64_t conv2d_workspace(const Conv2dShape& shape, int threads) {
  if (is_depthwise(shape)) return depthwise_conv2d_workspace(shape, threads);
  return threads * Conv2dTiles(upright(shape), tile_count(shape.multiply_adds())).buffer_size();
}

void conv2d(const Conv2dShape& shape, const float* x, const float* weight, float* y,
            float* workspace, Epilogue epilogue) {
  if (is_depthwise(shape)) return depthwise_conv2d(shape, x, weight, y, workspace, epilogue);
  const Conv2dShape s = upright(shape);
  assert(s.multiply_adds() > 0);
  const Conv2dTiles tiles(s, tile_count(s.multiply_adds()));
  const int64_t filters_per_chunk = choose_filters(s, tiles);
  const int64_t filter_tiles = ceil_div(s.group_oc(), filters_per_chunk);
  const bool full_rows = filter_tiles == 1;
  parallel_for(tiles.count() * filter_tiles, [&](int64_t chunk, int thread) {
    const Conv2dTile tile = tiles.at(chunk / filter_tiles);
    const Conv2dPatches patches =
        tile_patches(s, tile, x, workspace + thread * tiles.buffer_size());
    const int64_t first = chunk % filter_tiles * filters_per_chunk;
    const int64_t filters = std::min(filters_per_chunk, s.group_oc() - first);
    for (int64_t group = 0; group < s.groups; ++group) {
      const int64_t filter = group * s.group_oc() + first;
      gemm_kernel(tile.row_end - tile.row_begin, filters, s.depth(),
                  {patches.data + group * s.group_c(), patches.pixels, patches.taps},
                  {weight + filter, s.oc}, false, y + tile.row_begin * s.oc + filter, s.oc);
    }
    if (full_rows) epilogue(tile.row_begin, tile.row_end, thread);
  });
  if (!full_rows) run_epilogue(s.rows(), s.oc, epilogue);
}

}  // namespace luge
