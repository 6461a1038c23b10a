#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "kernels/winograd.h"
#include "kernels/winograd_tiles.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// For each point and group, sums[c, oc] = sum over tiles of v[tile, c] * z[tile, oc]. A small
// weight: pieces of the tiles, each with sums of its own, group by group. A large one: a stage of
// tiles is transformed by all threads, then the points are shared out.
struct Plan {
  bool by_points;
  int64_t pieces;
  int64_t tiles;  // at a time
};

Plan choose_plan(const WinogradShape& s) {
  constexpr int64_t kMaxPartials = int64_t{1} << 22;  // floats
  constexpr int64_t kCacheFloats = int64_t{1} << 17;
  constexpr int64_t kStageFloats = int64_t{1} << 21;
  constexpr int64_t kFewSums = int64_t{1} << 16;
  constexpr int64_t kFewest = 48;  // tiles, or the sums would be read and written too often
  const Conv2dShape& c = s.conv;
  const int64_t sums = s.points() * c.group_c() * c.oc;
  const int64_t wanted = tile_count(s.tiles() * sums);
  const int64_t pieces =
      floor_pow2(std::min({wanted / c.groups, s.tiles() / kFewest, kMaxPartials / sums}));
  // Points are shared out at the price of sending all tiles from core to core.
  const bool by_points = sums > kFewSums && pieces * c.groups < std::min<int64_t>(wanted, 16);
  const int64_t groups_at_once = by_points ? c.groups : 1;
  const int64_t per_tile = s.points() * groups_at_once * (c.group_c() + c.group_oc());
  const int64_t fewest = by_points ? c.group_c() * c.oc / (c.c + c.oc) : 0;
  const int64_t most = by_points ? s.tiles() : ceil_div(s.tiles(), pieces);
  const int64_t fitting = (by_points ? kStageFloats : kCacheFloats) / per_tile;
  const int64_t tiles = ceil_div(most, ceil_div(most, std::max({fitting, fewest, kFewest})));
  return {by_points, by_points ? 1 : pieces, tiles};
}

struct Layout {
  int64_t v_step, z_step;  // floats of a transformed tile at one point
  int64_t v_size, z_size;  // of a buffer of tiles
  int64_t group_size;      // sums of a group, [points, c, oc]
  int64_t sums_size;       // of all groups
};

Layout layout_of(const WinogradShape& s, const Plan& plan) {
  const int64_t v_step = round_up(plan.by_points ? s.conv.c : s.conv.group_c(), 16);
  const int64_t z_step = round_up(plan.by_points ? s.conv.oc : s.conv.group_oc(), 16);
  const int64_t group_size = s.points() * s.conv.group_c() * s.conv.group_oc();
  return {.v_step = v_step,
          .z_step = z_step,
          .v_size = s.points() * point_step(plan.tiles * v_step),
          .z_size = s.points() * point_step(plan.tiles * z_step),
          .group_size = group_size,
          .sums_size = s.conv.groups * group_size};
}

// sums (+)= v' z at one point, for `count` tiles of a group.
void multiply_point(const WinogradShape& s, const Layout& l, int64_t point, int64_t count,
                    const float* v, const float* z, bool accumulate, float* sums) {
  const int64_t c = s.conv.group_c(), oc = s.conv.group_oc();
  gemm_kernel(
      c, oc, count,
      {v + point * point_step(count * l.v_step), {.inner_step = 1}, {.inner_step = l.v_step}},
      {z + point * point_step(count * l.z_step), l.z_step}, accumulate,
      {sums + point * c * oc, {.inner_step = oc}});
}

void sum_pieces(const WinogradShape& s, const Plan& plan, const Layout& l, const float* x,
                const float* dy, float* sums, float* buffers) {
  const int64_t per_piece = ceil_div(s.tiles(), plan.pieces);
  const int64_t pieces = ceil_div(s.tiles(), per_piece);
  const int64_t c = s.conv.group_c(), oc = s.conv.group_oc();
  parallel_for(pieces * s.conv.groups, [&](int64_t chunk, int thread) {
    const int64_t piece = chunk / s.conv.groups;
    const int64_t group = chunk % s.conv.groups;
    float* group_sums = sums + piece * l.sums_size + group * l.group_size;
    float* v = buffers + thread * (l.v_size + l.z_size);
    float* z = v + l.v_size;
    const int64_t first = piece * per_piece;
    const int64_t end = std::min(s.tiles(), first + per_piece);
    for (int64_t begin = first; begin < end; begin += plan.tiles) {
      const int64_t count = std::min(plan.tiles, end - begin);
      transform_inputs(s, x, {group * c, c}, begin, count, {l.v_step, point_step(count * l.v_step)},
                       v);
      transform_dy(s, dy, {group * oc, oc}, begin, count, {l.z_step, point_step(count * l.z_step)},
                   z);
      for (int64_t point = 0; point < s.points(); ++point) {
        multiply_point(s, l, point, count, v, z, begin > first, group_sums);
      }
    }
  });
  if (pieces > 1) {
    add_partials(s.points() * c, s.conv.oc, pieces - 1, sums + l.sums_size, sums, {});
  }
}

void sum_points(const WinogradShape& s, const Plan& plan, const Layout& l, const float* x,
                const float* dy, float* sums, float* buffers) {
  constexpr int64_t kTiles = 16;  // of a chunk
  const int64_t c = s.conv.group_c(), oc = s.conv.group_oc();
  float* v = buffers;
  float* z = v + l.v_size;
  for (int64_t begin = 0; begin < s.tiles(); begin += plan.tiles) {
    const int64_t count = std::min(plan.tiles, s.tiles() - begin);
    const int64_t v_point = point_step(count * l.v_step), z_point = point_step(count * l.z_step);
    parallel_for(ceil_div(count, kTiles), [&](int64_t chunk, int) {
      const int64_t from = chunk * kTiles;
      const int64_t some = std::min(kTiles, count - from);
      transform_inputs(s, x, {0, s.conv.c}, begin + from, some, {l.v_step, v_point},
                       v + from * l.v_step);
      transform_dy(s, dy, {0, s.conv.oc}, begin + from, some, {l.z_step, z_point},
                   z + from * l.z_step);
    });
    parallel_for(s.points(), [&](int64_t point, int) {
      for (int64_t group = 0; group < s.conv.groups; ++group) {
        multiply_point(s, l, point, count, v + group * c, z + group * oc, begin > 0,
                       sums + group * l.group_size);
      }
    });
  }
}

}  // namespace

int64_t winograd_dweight_workspace(const WinogradShape& s, int threads) {
  const Plan plan = choose_plan(s);
  const Layout l = layout_of(s, plan);
  return plan.pieces * l.sums_size + (plan.by_points ? 1 : threads) * (l.v_size + l.z_size);
}

void winograd_dweight(const WinogradShape& s, const float* x, const float* dy, float* dweight,
                      float* workspace) {
  assert(is_winograd(s.sizes()));
  const Plan plan = choose_plan(s);
  const Layout l = layout_of(s, plan);
  float* sums = workspace;
  float* buffers = workspace + plan.pieces * l.sums_size;
  (plan.by_points ? sum_points : sum_pieces)(s, plan, l, x, dy, sums, buffers);

  const int64_t c = s.conv.group_c(), oc = s.conv.group_oc();
  const int64_t part_c = c / s.parts, part_oc = oc / s.parts;
  const int64_t tap = part_c * s.conv.oc;
  const int64_t rows = std::max<int64_t>(1, 4096 / oc);
  const int64_t per_group = ceil_div(c, rows);
  parallel_for(s.conv.groups * per_group, [&](int64_t chunk, int) {
    const int64_t group = chunk / per_group, begin = chunk % per_group * rows;
    const int64_t end = std::min(c, begin + rows);
    // Without groups, rows lie side by side.
    const int64_t at_once = s.conv.groups * s.parts == 1 ? end - begin : 1;
    for (int64_t row = begin; row < end; row += at_once) {
      const int64_t offset = row / part_c * part_oc;
      const float* from = sums + group * l.group_size + row * oc + offset;
      winograd_transform(s.sizes(), WinogradTransform::dweight,
                         points_square(s.sizes(), from, c * oc),
                         {.data = dweight + row % part_c * s.conv.oc + group * oc + offset,
                          .row_step = s.conv.kw * tap,
                          .column_step = tap},
                         at_once * part_oc);
    }
  });
}

}  // namespace luge
