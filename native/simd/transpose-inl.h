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

// rows[j][i] = from[i * step + j]
HWY_INLINE void load_transposed(const float* from, [[maybe_unused]] int64_t step,
                                hn::Vec<SquareRow> (&rows)[kSquare]) {
  const SquareRow d;
#if HWY_TARGET == HWY_SCALAR
  rows[0] = hn::LoadU(d, from);
#else
  const hn::Repartition<double, SquareRow> dd;
  const auto r0 = hn::LoadU(d, from), r1 = hn::LoadU(d, from + step);
  const auto r2 = hn::LoadU(d, from + 2 * step), r3 = hn::LoadU(d, from + 3 * step);
  const auto low01 = hn::BitCast(dd, hn::InterleaveLower(d, r0, r1));
  const auto low23 = hn::BitCast(dd, hn::InterleaveLower(d, r2, r3));
  const auto high01 = hn::BitCast(dd, hn::InterleaveUpper(d, r0, r1));
  const auto high23 = hn::BitCast(dd, hn::InterleaveUpper(d, r2, r3));
  rows[0] = hn::BitCast(d, hn::InterleaveLower(dd, low01, low23));
  rows[1] = hn::BitCast(d, hn::InterleaveUpper(dd, low01, low23));
  rows[2] = hn::BitCast(d, hn::InterleaveLower(dd, high01, high23));
  rows[3] = hn::BitCast(d, hn::InterleaveUpper(dd, high01, high23));
#endif
}

// to[j * to_step + i] = from[i * step + j] for a square.
HWY_INLINE void transpose_square(const float* from, int64_t step, float* to, int64_t to_step) {
  hn::Vec<SquareRow> rows[kSquare];
  load_transposed(from, step, rows);
  for (int64_t j = 0; j < kSquare; ++j) hn::StoreU(rows[j], SquareRow(), to + j * to_step);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
