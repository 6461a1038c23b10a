#include "kernels/winograd.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "kernels/winograd_tiles.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// The transformed weight of a group is cut into blocks of filters, one behind the other, each of
// them [points][packed c x filters].
constexpr int64_t kMostFilters = 128;

int64_t filter_block(int64_t oc) {
  const int64_t blocks = ceil_div(oc, kMostFilters);
  return round_up(ceil_div(oc, blocks), 16);
}

// Floats of a transformed weight from group to group.
int64_t group_size(const WinogradWeightShape& s) {
  return s.sizes.points() * s.c * round_up(s.oc, 16);
}
// Where in a group a block of filters begins.
int64_t block_offset(const WinogradWeightShape& s, int64_t first) {
  return s.sizes.points() * s.c * first;
}

struct Plan {
  int64_t tiles;    // at a time
  int64_t filters;  // a chunk takes: some blocks of them, or some groups
};

Plan choose_plan(const WinogradShape& s) {
  // The transformed tiles and the products of a block of filters stay in the second-level cache
  // when the weight does, too. A larger weight comes from further away: then more tiles share it.
  constexpr int64_t kCacheFloats = int64_t{3} << 16;
  const int64_t c = s.conv.group_c(), oc = s.conv.group_oc();
  const int64_t block = filter_block(oc);
  const int64_t weight = group_size(s.weight());
  const int64_t in_cache = kCacheFloats / (s.points() * (c + block));
  const int64_t enough = weight < (int64_t{1} << 18) ? 24 : weight < (int64_t{1} << 21) ? 64 : 192;
  const int64_t tiles = std::min(std::max(in_cache, enough), s.tiles());
  const int64_t wanted = tile_count(s.tiles() * s.points() * c * s.conv.oc);
  // A multiple of the chunks that suit the threads, so that all threads get as many.
  const int64_t for_threads = floor_pow2(std::min(wanted, s.tiles() / enough));
  const int64_t chunks = round_up(ceil_div(s.tiles(), tiles), for_threads);
  const int64_t step = s.conv.groups == 1 ? block : oc;
  const int64_t steps = ceil_div(s.conv.oc, step);
  const int64_t cuts = floor_pow2(std::min(wanted / for_threads, steps));
  return {.tiles = ceil_div(s.tiles(), chunks), .filters = ceil_div(steps, cuts) * step};
}

// Of a group. Rows of transformed patches begin on a cache line.
int64_t patch_step(const WinogradShape& s) { return round_up(s.conv.group_c(), 16); }
int64_t patches_size(const WinogradShape& s, int64_t tiles) {
  return s.points() * point_step(tiles * patch_step(s));
}
int64_t products_size(const WinogradShape& s, int64_t tiles) {
  return s.points() * point_step(tiles * filter_block(s.conv.group_oc()));
}

constexpr int64_t kChannelChunk = 16;

int64_t weight_buffer(const WinogradWeightShape& s) {
  return s.sizes.points() * point_step(kChannelChunk * filter_block(s.oc));
}

}  // namespace

int64_t winograd_weight_size(const WinogradWeightShape& s) { return s.groups * group_size(s); }

int64_t winograd_weight_workspace(const WinogradWeightShape& s, int threads) {
  return threads * weight_buffer(s);
}

void winograd_weight(const WinogradWeightShape& s, bool turned, const float* weight,
                     float* transformed, float* workspace) {
  assert(s.parts == 1 || std::max(s.c, s.oc) <= kWinogradMostOfParts);
  const int64_t k = s.sizes.kernel;
  const int64_t block = filter_block(s.oc);
  const int64_t blocks = ceil_div(s.oc, block);
  const int64_t channel_chunks = ceil_div(s.c, kChannelChunk);
  parallel_for(s.groups * blocks * channel_chunks, [&](int64_t chunk, int thread) {
    const int64_t group = chunk / channel_chunks / blocks;
    const int64_t first = chunk / channel_chunks % blocks * block;
    const int64_t filters = std::min(block, s.oc - first);
    const int64_t channel = chunk % channel_chunks * kChannelChunk;
    const int64_t channels = std::min(kChannelChunk, s.c - channel);
    float* buffer = workspace + thread * weight_buffer(s);
    float* packed = transformed + group * group_size(s) + block_offset(s, first);
    // As it lies in memory: rows of filters, or turned rows of channels.
    const int64_t rows = turned ? filters : channels;
    const int64_t row_size = turned ? channels : filters;
    const int64_t step = point_step(rows * row_size);
    const int64_t stored = s.groups * (turned ? s.c : s.oc);
    const int64_t part_rows = (turned ? s.oc : s.c) / s.parts;
    const int64_t part_columns = (turned ? s.c : s.oc) / s.parts;
    const int64_t tap = part_rows * stored;
    if (s.parts > 1) std::fill_n(buffer, s.sizes.points() * step, 0.0f);
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t at = (turned ? first : channel) + row;
      // Of a group in parts, all channels and filters are here, and those of other parts are zero.
      const int64_t offset = at / part_rows * part_columns;
      const int64_t column = (turned ? channel : first) + offset;
      WinogradSquare<const float> taps{
          .data = weight + at % part_rows * stored + group * (turned ? s.c : s.oc) + column,
          .row_step = k * tap,
          .column_step = tap};
      if (turned) {
        taps.data += (k * k - 1) * tap;
        taps.row_step *= -1;
        taps.column_step *= -1;
      }
      winograd_transform(s.sizes, WinogradTransform::weight, taps,
                         points_square(s.sizes, buffer + row * row_size + offset, step),
                         std::min(row_size, part_columns));
    }
    for (int64_t point = 0; point < s.sizes.points(); ++point) {
      gemm_pack_rows(filters, s.c, {buffer + point * step, row_size, turned}, channel,
                     channel + channels, packed + point * gemm_packed_size(filters, s.c));
    }
  });
}

int64_t winograd_conv2d_stretches(const WinogradShape& s) {
  // Lines of an image, and where a block of tiles ends within a row of them, pieces of lines.
  return s.conv.n * s.conv.oh + ceil_div(s.tiles(), choose_plan(s).tiles) * s.tile;
}

int64_t winograd_conv2d_workspace(const WinogradShape& s, int threads) {
  const Plan plan = choose_plan(s);
  return threads * (patches_size(s, plan.tiles) + products_size(s, plan.tiles));
}

void winograd_conv2d(const WinogradShape& s, const float* x, const float* transformed, float* y,
                     float* workspace, Epilogue epilogue) {
  assert(is_winograd(s.sizes()));
  const Plan plan = choose_plan(s);
  const WinogradWeightShape weight = s.weight();
  const int64_t block = filter_block(weight.oc);
  const int64_t filter_chunks = ceil_div(s.conv.oc, plan.filters);
  const int64_t step = patch_step(s);
  const int64_t buffer = patches_size(s, plan.tiles) + products_size(s, plan.tiles);
  parallel_for(ceil_div(s.tiles(), plan.tiles) * filter_chunks, [&](int64_t chunk, int thread) {
    float* patches = workspace + thread * buffer;
    float* products = patches + patches_size(s, plan.tiles);
    const int64_t begin = chunk / filter_chunks * plan.tiles;
    const int64_t count = std::min(plan.tiles, s.tiles() - begin);
    const int64_t filter_begin = chunk % filter_chunks * plan.filters;
    const int64_t filter_end = std::min(s.conv.oc, filter_begin + plan.filters);
    const int64_t patch_point = point_step(count * step);
    const int64_t product_point = point_step(count * block);
    // Block by block, of one group or several.
    int64_t filters;
    for (int64_t filter = filter_begin; filter < filter_end; filter += filters) {
      const int64_t group = filter / weight.oc, first = filter % weight.oc;
      filters = std::min(block, weight.oc - first);
      if (first == 0 || filter == filter_begin) {
        transform_inputs(s, x, {group * weight.c, weight.c}, begin, count,
                         {.tile = step, .point = patch_point}, patches);
      }
      gemm_packed(count, filters, weight.c, {patches, {.inner_step = step}, {.inner_step = 1}},
                  transformed + group * group_size(weight) + block_offset(weight, first), false,
                  {products, {.inner_step = block}},
                  {.count = s.points(),
                   .a_step = patch_point,
                   .b_step = gemm_packed_size(filters, weight.c),
                   .c_step = product_point});
      // The epilogue takes a row of tiles while it is in the first-level cache.
      const bool last = filter_chunks == 1 && filter + filters >= filter_end;
      each_tile_row(s, begin, begin + count, [&](int64_t row_begin, int64_t row_end) {
        WinogradTile tile = winograd_tile(s, row_begin);
        for (int64_t i = row_begin; i < row_end; ++i, next_tile(s, tile)) {
          const float* from = products + (i - begin) * block;
          winograd_transform(s.sizes(), WinogradTransform::output,
                             points_square(s.sizes(), from, product_point),
                             output_square(s, tile, y, filter), filters);
        }
        if (!last) return;
        each_stretch(s, row_begin, row_end,
                     [&](int64_t from, int64_t to) { epilogue(from, to, thread); });
      });
    }
  });
  if (filter_chunks > 1) run_epilogue(s.conv.rows(), s.conv.oc, epilogue);
}

}  // namespace luge
