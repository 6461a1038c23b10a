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
        lists(patches.windows() * patches.positions()),
        packed_size(round_up(s.oc * patches.filter_size(), 16)),
        rows_size(round_up(lists * s.oc * kRowFloats, 16)),
        thread_size(patches.image_size() + rows_size + round_up(lists, 16)) {}

  PooledPatches patches;
  int64_t lists;                                // of filters, for every position of every window
  int64_t packed_size, rows_size, thread_size;  // floats
};

// packed [oc, kh, kw * c padded] = weight [kh, kw * c, oc]
void pack_filters(const PooledPatches& patches, const Conv2dShape& s, const float* weight,
                  float* packed) {
  constexpr int64_t kFilters = 8;
  const int64_t line = patches.line_size(), step = patches.line_step();
  parallel_for(ceil_div(s.oc, kFilters), [&](int64_t chunk, int) {
    const int64_t begin = chunk * kFilters, end = std::min(s.oc, begin + kFilters);
    std::fill(packed + begin * patches.filter_size(), packed + end * patches.filter_size(), 0.0f);
    for (int64_t i = 0; i < s.kh * line; ++i) {
      float* to = packed + i / line * step + i % line;
      for (int64_t f = begin; f < end; ++f) to[f * patches.filter_size()] = weight[i * s.oc + f];
    }
  });
}

// Lists for every position of every window the filters whose maximum was there, and tells how many
// there are: rows [windows, positions, oc], counts [windows, positions].
void list_filters(const PooledPatches& patches, int64_t filters, const float* dy,
                  const uint8_t* index, WeightedRow* rows, int32_t* counts) {
  const int64_t positions = patches.positions();
  const auto step = static_cast<int32_t>(patches.filter_size());
  std::fill_n(counts, patches.windows() * positions, 0);
  for (int64_t window = 0; window < patches.windows(); ++window) {
    for (int64_t f = 0; f < filters; ++f, ++dy, ++index) {
      const int64_t p = patches.position(*index);
      rows[p * filters + counts[p]] = {static_cast<int32_t>(f) * step, *dy};
      counts[p] += *dy != 0;
    }
    rows += positions * filters;
    counts += positions;
  }
}

// Adds the filters that were listed to the patches that they saw.
void add_filters(const PooledPatches& patches, int64_t filters, const float* packed,
                 const WeightedRow* rows, const int32_t* counts, float* padded) {
  std::array<int64_t, kMostVectors> from, to;
  const int64_t vectors = patches.vectors(), positions = patches.positions();
  const int64_t step = ceil_div(vectors, ceil_div(vectors, kMostVectors));
  for (int64_t first = 0; first < vectors; first += step) {
    const int64_t count = std::min(step, vectors - first);
    patches.write_offsets(first, count, to.data(), from.data());
    for (int64_t window = 0; window < patches.windows(); ++window) {
      float* begin = padded + patches.window_begin(window);
      for (int64_t p = 0; p < positions; ++p) {
        const int64_t list = window * positions + p;
        if (counts[list] == 0) continue;
        add_weighted_rows(counts[list], rows + list * filters, count, packed, from.data(),
                          begin + patches.position_offset(p), to.data());
      }
    }
  }
}

}  // namespace

int64_t conv2d_max_pool2d_dx_workspace(const Conv2dShape& conv, const PoolShape& pool,
                                       int threads) {
  const Plan plan(conv, pool);
  return plan.packed_size + threads * plan.thread_size;
}

void conv2d_max_pool2d_dx(const Conv2dShape& s, const PoolShape& pool, const float* dy,
                          const uint8_t* index, const float* weight, float* dx, float* workspace,
                          Epilogue epilogue) {
  assert(conv2d_max_pool2d_gradients_fit(s, pool));
  const Plan plan(s, pool);
  const PooledPatches& patches = plan.patches;
  pack_filters(patches, s, weight, workspace);
  parallel_for(s.n, [&](int64_t image, int thread) {
    float* padded = workspace + plan.packed_size + thread * plan.thread_size;
    auto* rows = reinterpret_cast<WeightedRow*>(padded + patches.image_size());
    auto* counts = reinterpret_cast<int32_t*>(padded + patches.image_size() + plan.rows_size);
    const int64_t at = image * pool.out_image();
    list_filters(patches, s.oc, dy + at, index + at, rows, counts);
    std::fill_n(padded, patches.image_size(), 0.0f);
    add_filters(patches, s.oc, workspace, rows, counts, padded);
    patches.unpad(padded, dx + image * s.h * s.w * s.c);
    epilogue(image * s.h * s.w, (image + 1) * s.h * s.w, thread);
  });
}

}  // namespace luge
