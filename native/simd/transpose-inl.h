// Squares of floats turned in registers.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_TRANSPOSE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_TRANSPOSE_INL_H
#undef LUGE_SIMD_TRANSPOSE_INL_H
#else
#define LUGE_SIMD_TRANSPOSE_INL_H
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// The width of a square.
constexpr int64_t kSquare = HWY_TARGET == HWY_SCALAR ? 1 : 4;

using SquareRow = hn::FixedTag<float, kSquare>;

// Turns squares that lie side by side: of each, rows[j][i] = rows[i][j].
template <class D>
HWY_INLINE void turn_squares([[maybe_unused]] D d, [[maybe_unused]] hn::Vec<D> (&rows)[kSquare]) {
#if HWY_TARGET != HWY_SCALAR
  const hn::Repartition<double, D> dd;
  const auto low01 = hn::BitCast(dd, hn::InterleaveLower(d, rows[0], rows[1]));
  const auto low23 = hn::BitCast(dd, hn::InterleaveLower(d, rows[2], rows[3]));
  const auto high01 = hn::BitCast(dd, hn::InterleaveUpper(d, rows[0], rows[1]));
  const auto high23 = hn::BitCast(dd, hn::InterleaveUpper(d, rows[2], rows[3]));
  rows[0] = hn::BitCast(d, hn::InterleaveLower(dd, low01, low23));
  rows[1] = hn::BitCast(d, hn::InterleaveUpper(dd, low01, low23));
  rows[2] = hn::BitCast(d, hn::InterleaveLower(dd, high01, high23));
  rows[3] = hn::BitCast(d, hn::InterleaveUpper(dd, high01, high23));
#endif
}

// The rows of one square, or of two, of which the second lies `next` floats behind the first.
template <class D>
HWY_INLINE void load_squares(D d, const float* from, int64_t step, [[maybe_unused]] int64_t next,
                             hn::Vec<D> (&rows)[kSquare]) {
  for (int64_t i = 0; i < kSquare; ++i) {
    const float* row = from + i * step;
#if HWY_TARGET != HWY_SCALAR
    if constexpr (hn::MaxLanes(d) > kSquare) {
      const SquareRow half;
      rows[i] = hn::Combine(d, hn::LoadU(half, row + next), hn::LoadU(half, row));
    } else {
      rows[i] = hn::LoadU(d, row);
    }
#else
    rows[i] = hn::LoadU(d, row);
#endif
  }
}

// to[j * to_step + i] = from[i * step + j] for a square.
HWY_INLINE void transpose_square(const float* from, int64_t step, float* to, int64_t to_step) {
  const SquareRow d;
  hn::Vec<SquareRow> rows[kSquare];
  load_squares(d, from, step, 0, rows);
  turn_squares(d, rows);
  for (int64_t j = 0; j < kSquare; ++j) hn::StoreU(rows[j], d, to + j * to_step);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
