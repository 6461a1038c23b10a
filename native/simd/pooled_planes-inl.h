// Results of max pooling that lie as planes, one for each filter, and their way from there to
// where filters lie side by side.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_POOLED_PLANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_POOLED_PLANES_INL_H
#undef LUGE_SIMD_POOLED_PLANES_INL_H
#else
#define LUGE_SIMD_POOLED_PLANES_INL_H
#endif

#include <algorithm>

#include "hwy/highway.h"
#include "simd/largest-inl.h"
#include "simd/partial-inl.h"
#include "simd/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Planes `step` apart; positions are moved around as if they were floats.
struct Planes {
  float* best;
  float* index;  // or null
  int64_t step;

  Planes from(int64_t i) const { return {best + i, index ? index + i : nullptr, step}; }
  Planes plane(int64_t filter) const { return from(filter * step); }
};

template <bool kIndex, class D>
HWY_INLINE void store(D d, const Largest<D>& pooled, const Planes& out) {
  hn::StoreU(pooled.value, d, out.best);
  if (kIndex) hn::StoreU(hn::BitCast(d, pooled.index), d, out.index);
}

// to[columns, width] = from[width, columns], where that is no more rows than D has lanes.
template <class D>
HWY_INLINE void transpose_rows(D d, const float* from, int64_t step, int64_t width, int64_t columns,
                               float* to, int64_t to_step) {
  const auto turned = [&](int64_t j, auto store) HWY_ATTR {
    hn::Vec<D> rows[kSquare];
    load_squares(d, from + j, step, kSquare * step, rows);
    turn_squares(d, rows);
    HWY_UNROLL(4)
    for (int64_t r = 0; r < kSquare; ++r) store(rows[r], j + r);
  };
  int64_t j = 0;
  if (width == static_cast<int64_t>(hn::MaxLanes(d))) {
    for (; j + kSquare <= columns; j += kSquare) {
      turned(j, [&](auto row, int64_t at) HWY_ATTR { hn::StoreU(row, d, to + at * to_step); });
    }
  }
  for (; j < columns; j += kSquare) {
    turned(j, [&](auto row, int64_t at) HWY_ATTR {
      if (at < columns) store_partial(row, d, to + at * to_step, static_cast<size_t>(width));
    });
  }
}

// to[columns, rows] = from[rows, columns], by squares of 4x4, which read up to three rows and
// columns more, but write nothing else. Rows of `from` are `step` apart, those of `to` `to_step`.
inline void transpose_planes(const float* from, int64_t step, int64_t rows, int64_t columns,
                             float* to, int64_t to_step) {
  const SquareRow one;
  const hn::CappedTag<float, 2 * kSquare> two;
  int64_t i = 0;
  if constexpr (hn::MaxLanes(two) > kSquare) {
    for (; rows - i > kSquare; i += 2 * kSquare) {
      const int64_t width = std::min(rows - i, 2 * kSquare);
      transpose_rows(two, from + i * step, step, width, columns, to + i, to_step);
    }
  }
  for (; i < rows; i += kSquare) {
    const int64_t width = std::min(rows - i, kSquare);
    transpose_rows(one, from + i * step, step, width, columns, to + i, to_step);
  }
}

// Bytes from indices that have been moved as if they were floats.
inline void narrow_index(const float* from, int64_t count, uint8_t* index) {
  const hn::ScalableTag<float> d;
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(d)> bytes;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  for (int64_t i = 0; i < count; i += kLanes) {
    const auto narrow = hn::DemoteTo(bytes, hn::BitCast(di, hn::LoadU(d, from + i)));
    if (i + kLanes <= count) {
      hn::StoreU(narrow, bytes, index + i);
    } else {
      store_partial(narrow, bytes, index + i, static_cast<size_t>(count - i));
    }
  }
}

// y[columns, filters] and, where there is one, index[columns, filters] from planes of so many
// columns. `buffer` is for columns * filters floats and a vector more.
inline void write_planes(const Planes& planes, int64_t filters, int64_t columns, float* y,
                         uint8_t* index, float* buffer) {
  transpose_planes(planes.best, planes.step, filters, columns, y, filters);
  if (planes.index == nullptr) return;
  transpose_planes(planes.index, planes.step, filters, columns, buffer, filters);
  narrow_index(buffer, columns * filters, index);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
