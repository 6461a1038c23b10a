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

// to[columns, rows] = from[rows, columns], whose rows are `step` apart, by squares of 4x4, which
// read beyond the rows but write nothing beyond `to`.
inline void transpose_planes(const float* from, int64_t step, int64_t rows, int64_t columns,
                             float* to) {
  for (int64_t i = 0; i < rows; i += kSquare) {
    const int64_t width = std::min(kSquare, rows - i);
    for (int64_t j = 0; j < columns; j += kSquare) {
      hn::Vec<SquareRow> turned[kSquare];
      load_transposed(from + i * step + j, step, turned);
      const int64_t height = std::min(kSquare, columns - j);
      for (int64_t r = 0; r < height; ++r) {
        float* row = to + (j + r) * rows + i;
        if (width == kSquare) {
          hn::StoreU(turned[r], SquareRow(), row);
        } else {
          store_partial(turned[r], SquareRow(), row, static_cast<size_t>(width));
        }
      }
    }
  }
}

// y[columns, filters] and, where there is one, index[columns, filters] from planes of so many
// columns. `buffer` is for columns * filters floats and a vector more.
inline void write_planes(const Planes& planes, int64_t filters, int64_t columns, float* y,
                         uint8_t* index, float* buffer) {
  transpose_planes(planes.best, planes.step, filters, columns, y);
  if (planes.index == nullptr) return;
  transpose_planes(planes.index, planes.step, filters, columns, buffer);
  const hn::ScalableTag<float> d;
  const hn::ScalableTag<int32_t> di;
  const hn::Rebind<uint8_t, decltype(d)> bytes;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const int64_t count = columns * filters;
  for (int64_t i = 0; i < count; i += kLanes) {
    const auto narrow = hn::DemoteTo(bytes, hn::BitCast(di, hn::LoadU(d, buffer + i)));
    if (i + kLanes <= count) {
      hn::StoreU(narrow, bytes, index + i);
    } else {
      store_partial(narrow, bytes, index + i, static_cast<size_t>(count - i));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
