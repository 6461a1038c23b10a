#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "kernels/winograd.h"
#include "kernels/winograd_tiles.h"
#include "simd/gemm_kernel.h"

namespace luge {
namespace {

// For each point, sums[c, oc] = sum over tiles of v[tile, c] * z[tile, oc]. A small weight: pieces
// of the tiles, each with sums of its own. A large one: a stage of tiles is transformed by all
// threads, then the points are shared out.
struct Plan {
  bool by_points;
  int64_t pieces;
  int64_t tiles;  // at a time
};

Plan choose_plan(const WinogradShape& s) {
  constexpr int64_t kMaxPartials = int64_t{1} << 22;  // floats
  constexpr int64_t kCacheFloats = int64_t{1} << 17;
  constexpr int64_t kStageFloats = int64_t{1} << 21;
  constexpr int64_t kFewest = 48;  // tiles, or the sums would be read and written too often
  const Conv2dShape& c = s.conv;
  const int64_t wanted = tile_count(s.tiles() * s.points() * c.c * c.oc);
  const int64_t pieces =
      floor_pow2(std::min({wanted, s.tiles() / kFewest, kMaxPartials / (s.points() * c.c * c.oc)}));
  const int64_t per_tile = s.points() * (c.c + c.oc);
  const bool by_points = pieces < std::min<int64_t>(wanted, 16);
  const int64_t fewest = by_points ? c.c * c.oc / (c.c + c.oc) : 0;
  const int64_t most = by_points ? s.tiles() : ceil_div(s.tiles(), pieces);
  const int64_t fitting = (by_points ? kStageFloats : kCacheFloats) / per_tile;
  const int64_t tiles = std::min(most, std::max({fitting, fewest, kFewest}));
  return {by_points, by_points ? 1 : pieces, tiles};
}

struct Layout {
  int64_t v_step, z_step;  // floats of a transformed tile at one point
  int64_t v_size, z_size;  // of a buffer of tiles
  int64_t sums_size;       // [points, c, oc]; of whole cache lines, as there are 16 or 36 points
};

Layout layout_of(const WinogradShape& s, const Plan& plan) {
  const int64_t v_step = round_up(s.conv.c, 16);
  const int64_t z_step = round_up(s.conv.oc, 16);
  return {v_step, z_step, s.points() * point_step(plan.tiles * v_step),
          s.points() * point_step(plan.tiles * z_step), s.points() * s.conv.c * s.conv.oc};
}

// sums (+)= v' z at one point, for `count` tiles.
void multiply_point(const WinogradShape& s, const Layout& l, int64_t point, int64_t count,
                    const float* v, const float* z, bool accumulate, float* sums) {
  const int64_t size = s.conv.c * s.conv.oc;
  gemm_kernel(
      s.conv.c, s.conv.oc, count,
      {v + point * point_step(count * l.v_step), {.inner_step = 1}, {.inner_step = l.v_step}},
      {z + point * point_step(count * l.z_step), l.z_step}, accumulate, sums + point * size,
      s.conv.oc);
}

void sum_pieces(const WinogradShape& s, const Plan& plan, const Layout& l, const float* x,
                const float* dy, float* sums, float* buffers) {
  const int64_t per_piece = ceil_div(s.tiles(), plan.pieces);
  parallel_for(ceil_div(s.tiles(), per_piece), [&](int64_t piece, int thread) {
    float* v = buffers + thread * (l.v_size + l.z_size);
    float* z = v + l.v_size;
    const int64_t first = piece * per_piece;
    const int64_t end = std::min(s.tiles(), first + per_piece);
    for (int64_t begin = first; begin < end; begin += plan.tiles) {
      const int64_t count = std::min(plan.tiles, end - begin);
      transform_inputs(s, x, begin, count, {l.v_step, point_step(count * l.v_step)}, v);
      transform_dy(s, dy, begin, count, {l.z_step, point_step(count * l.z_step)}, z);
      for (int64_t point = 0; point < s.points(); ++point) {
        multiply_point(s, l, point, count, v, z, begin > first, sums + piece * l.sums_size);
      }
    }
  });
  const int64_t pieces = ceil_div(s.tiles(), per_piece);
  if (pieces > 1) {
    add_partials(s.points() * s.conv.c, s.conv.oc, pieces - 1, sums + l.sums_size, sums, {});
  }
}

void sum_points(const WinogradShape& s, const Plan& plan, const Layout& l, const float* x,
                const float* dy, float* sums, float* buffers) {
  constexpr int64_t kTiles = 16;  // of a chunk
  float* v = buffers;
  float* z = v + l.v_size;
  for (int64_t begin = 0; begin < s.tiles(); begin += plan.tiles) {
    const int64_t count = std::min(plan.tiles, s.tiles() - begin);
    parallel_for(ceil_div(count, kTiles), [&](int64_t chunk, int) {
      const int64_t from = chunk * kTiles;
      const int64_t some = std::min(kTiles, count - from);
      transform_inputs(s, x, begin + from, some, {l.v_step, point_step(count * l.v_step)},
                       v + from * l.v_step);
      transform_dy(s, dy, begin + from, some, {l.z_step, point_step(count * l.z_step)},
                   z + from * l.z_step);
    });
    parallel_for(s.points(), [&](int64_t point, int) {
      multiply_point(s, l, point, count, v, z, begin > 0, sums);
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

  const int64_t size = s.conv.c * s.conv.oc;
  const int64_t rows = std::max<int64_t>(1, 4096 / s.conv.oc);
  parallel_for(ceil_div(s.conv.c, rows), [&](int64_t chunk, int) {
    const int64_t first = chunk * rows * s.conv.oc;
    const int64_t count = std::min(rows * s.conv.oc, size - first);
    winograd_transform(
        s.sizes(), WinogradTransform::dweight, points_square<const float>(s, sums + first, size),
        {.data = dweight + first, .row_step = s.conv.kw * size, .column_step = size}, count);
  });
}

}  // namespace luge
