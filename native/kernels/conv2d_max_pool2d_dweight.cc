#include <array>
#include <cassert>

#include "base/parallel.h"
#include "kernels/conv2d_max_pool2d.h"
#include "kernels/matmul_tiling.h"
#include "kernels/pooled_patches.h"
#include "simd/weighted_rows.h"

namespace luge {
namespace {

constexpr int64_t kRowFloats = sizeof(WeightedRow) / sizeof(float);

struct Plan {
  Plan(const Conv2dShape& s, const PoolShape& pool)
      : patches(s, pool),
        sum_size(round_up(s.oc * patches.filter_size(), 16)),
        rows_size(round_up(s.oc * patches.windows() * kRowFloats, 16)),
        thread_size(patches.image_size() + rows_size + round_up(s.oc, 16)) {
    constexpr int64_t kMaxSums = int64_t{1} << 21;  // floats
    constexpr int64_t kMinWindows = 32;             // fewer are added sooner than a piece's sums
    pieces = floor_pow2(std::min({s.n, tile_count(s.multiply_adds()), kMaxSums / sum_size,
                                  s.n * patches.windows() / kMinWindows}));
  }

  PooledPatches patches;
  int64_t sum_size, rows_size, thread_size;  // floats
  int64_t pieces;                            // of the images, each with sums of its own
};

// Lists for every filter the patches that count, [oc, windows], and tells how many there are.
void list_patches(const PooledPatches& patches, int64_t filters, const float* dy,
                  const uint8_t* index, WeightedRow* rows, int32_t* counts) {
  std::array<int32_t, 256> offsets;
  for (int i = 0; i < 256; ++i) {
    offsets[i] = patches.position_offset(patches.position(static_cast<uint8_t>(i)));
  }
  const int64_t windows = patches.windows(), columns = patches.columns();
  for (int64_t f = 0; f < filters; ++f) {
    WeightedRow* next = rows + f * windows;
    for (int64_t window = 0; window < windows; window += columns) {
      const int32_t line = patches.window_begin(window);
      for (int64_t i = 0; i < columns; ++i) {
        const int64_t at = (window + i) * filters + f;
        *next = {line + static_cast<int32_t>(i * patches.column_step()) + offsets[index[at]],
                 dy[at]};
        next += dy[at] != 0;
      }
    }
    counts[f] = static_cast<int32_t>(next - rows - f * windows);
  }
}

// Adds an image's part to sums [oc, filter_size].
void add_image(const PooledPatches& patches, int64_t filters, const float* padded,
               const WeightedRow* rows, const int32_t* counts, float* sums) {
  std::array<int64_t, kMostVectors> from, to;
  const int64_t vectors = patches.vectors();
  const int64_t step = ceil_div(vectors, ceil_div(vectors, kMostVectors));
  for (int64_t first = 0; first < vectors; first += step) {
    const int64_t count = std::min(step, vectors - first);
    patches.write_offsets(first, count, from.data(), to.data());
    for (int64_t f = 0; f < filters; ++f) {
      add_weighted_rows(counts[f], rows + f * patches.windows(), count, padded, from.data(),
                        sums + f * patches.filter_size(), to.data());
    }
  }
}

// dweight [kh, kw * c, oc] = the pieces' sums [oc, kh, kw * c padded], some filters at a time.
void write_dweight(const Plan& plan, const Conv2dShape& s, float* sums, float* dweight) {
  constexpr int64_t kFilters = 4;
  const PooledPatches& patches = plan.patches;
  const int64_t size = patches.filter_size(), line = patches.line_size();
  parallel_for(ceil_div(s.oc, kFilters), [&](int64_t chunk, int) {
    const int64_t begin = chunk * kFilters, end = std::min(s.oc, begin + kFilters);
    for (int64_t piece = 1; piece < plan.pieces; ++piece) {
      const float* more = sums + piece * plan.sum_size;
      for (int64_t i = begin * size; i < end * size; ++i) sums[i] += more[i];
    }
    for (int64_t i = 0; i < s.kh * line; ++i) {
      const float* weight = sums + i / line * patches.line_step() + i % line;
      for (int64_t f = begin; f < end; ++f) dweight[i * s.oc + f] = weight[f * size];
    }
  });
}

}  // namespace

int64_t conv2d_max_pool2d_dweight_workspace(const Conv2dShape& conv, const PoolShape& pool,
                                            int threads) {
  const Plan plan(conv, pool);
  return plan.pieces * plan.sum_size + threads * plan.thread_size;
}

void conv2d_max_pool2d_dweight(const Conv2dShape& s, const PoolShape& pool, const float* x,
                               const float* dy, const uint8_t* index, float* dweight,
                               float* workspace) {
  assert(conv2d_max_pool2d_gradients_fit(s, pool));
  const Plan plan(s, pool);
  const PooledPatches& patches = plan.patches;
  float* buffers = workspace + plan.pieces * plan.sum_size;
  parallel_for(plan.pieces, [&](int64_t piece, int thread) {
    float* sums = workspace + piece * plan.sum_size;
    float* padded = buffers + thread * plan.thread_size;
    auto* rows = reinterpret_cast<WeightedRow*>(padded + patches.image_size());
    auto* counts = reinterpret_cast<int32_t*>(padded + patches.image_size() + plan.rows_size);
    std::fill_n(sums, plan.sum_size, 0.0f);
    const int64_t end = s.n * (piece + 1) / plan.pieces;
    for (int64_t image = s.n * piece / plan.pieces; image < end; ++image) {
      const int64_t at = image * pool.out_image();
      list_patches(patches, s.oc, dy + at, index + at, rows, counts);
      patches.pad(x + image * s.h * s.w * s.c, padded);
      add_image(patches, s.oc, padded, rows, counts, sums);
    }
  });
  write_dweight(plan, s, workspace, dweight);
}

}  // namespace luge
