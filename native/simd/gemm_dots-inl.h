// Products of few columns, by vectors along the depth: however few the columns, no lanes stay
// empty. Included once per target (no #pragma once).

#if defined(LUGE_SIMD_GEMM_DOTS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_GEMM_DOTS_INL_H
#undef LUGE_SIMD_GEMM_DOTS_INL_H
#else
#define LUGE_SIMD_GEMM_DOTS_INL_H
#endif

#include <algorithm>

#include "hwy/highway.h"
#include "simd/gemm_kernel.h"
#include "simd/partial-inl.h"
#include "simd/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET != HWY_SCALAR

constexpr int64_t kDotColumns = 4;
// Rows whose sums the registers hold together.
constexpr int kDotRows = kManyRegisters ? 6 : 3;

// The sum of the blocks of four lanes.
template <class D>
HWY_INLINE hn::Vec<SquareRow> sum_blocks(D d, hn::Vec<D> blocks) {
  if constexpr (hn::MaxLanes(d) == kSquare) {
    return blocks;
  } else {
    const hn::Half<D> half;
    return sum_blocks(half, hn::Add(hn::LowerHalf(half, blocks), hn::UpperHalf(half, blocks)));
  }
}

// Of each of four vectors, the sum of its lanes.
template <class D>
HWY_INLINE hn::Vec<SquareRow> sums_of_lanes(D d, hn::Vec<D> (&x)[kDotColumns]) {
  turn_squares(d, x);
  return sum_blocks(d, hn::Add(hn::Add(x[0], x[1]), hn::Add(x[2], x[3])));
}

// c[Rows, columns] (+)= a * b^T
template <int Rows>
HWY_INLINE void dot_rows(const float* HWY_RESTRICT a, GemmRows rows, int64_t depth,
                         const float* HWY_RESTRICT b, int64_t ldb, int64_t columns, bool accumulate,
                         float* HWY_RESTRICT c) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  V sum[Rows][kDotColumns];
  HWY_UNROLL(6)
  for (int r = 0; r < Rows; ++r) {
    HWY_UNROLL(4)
    for (int j = 0; j < kDotColumns; ++j) sum[r][j] = hn::Zero(d);
  }
  const auto add_products = [&](auto load) HWY_ATTR {
    V left[Rows];
    HWY_UNROLL(6)
    for (int r = 0; r < Rows; ++r) left[r] = load(a + rows.left[r]);
    HWY_UNROLL(4)
    for (int j = 0; j < kDotColumns; ++j) {
      const V right = load(b + j * ldb);
      HWY_UNROLL(6)
      for (int r = 0; r < Rows; ++r) sum[r][j] = hn::MulAdd(left[r], right, sum[r][j]);
    }
  };
  int64_t p = 0;
  for (; p + kLanes <= depth; p += kLanes) {
    add_products([&](const float* from) HWY_ATTR { return hn::LoadU(d, from + p); });
  }
  if (p < depth) {
    const auto rest = static_cast<size_t>(depth - p);
    add_products([&](const float* from) HWY_ATTR { return load_partial(d, from + p, rest); });
  }
  const SquareRow four;
  HWY_UNROLL(6)
  for (int r = 0; r < Rows; ++r) {
    float* to = c + rows.result[r];
    auto total = sums_of_lanes(d, sum[r]);
    if (accumulate) total = hn::Add(total, load_partial(four, to, columns));
    store_partial(total, four, to, columns);
  }
}

// The same for a number of rows known at run time, at most Rows.
template <int Rows>
HWY_INLINE void dot_few_rows(int64_t count, const float* a, GemmRows rows, int64_t depth,
                             const float* b, int64_t ldb, int64_t columns, bool accumulate,
                             float* c) {
  if constexpr (Rows > 0) {
    if (count == Rows) {
      dot_rows<Rows>(a, rows, depth, b, ldb, columns, accumulate, c);
    } else {
      dot_few_rows<Rows - 1>(count, a, rows, depth, b, ldb, columns, accumulate, c);
    }
  }
}

// c[count, columns] (+)= a[count, depth] * b[kDotColumns, depth]^T for at most kDotColumns columns.
// Rows of b are ldb apart, and all four of them are read.
HWY_INLINE void dot_columns(int64_t count, const float* a, GemmRows rows, int64_t depth,
                            const float* b, int64_t ldb, int64_t columns, bool accumulate,
                            float* c) {
  for (int64_t i = 0; i < count; i += kDotRows) {
    dot_few_rows<kDotRows>(std::min<int64_t>(count - i, kDotRows), a, rows.from(i), depth, b, ldb,
                           columns, accumulate, c);
  }
}

#endif  // HWY_TARGET != HWY_SCALAR
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
