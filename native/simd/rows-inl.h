// Whole vectors of a row and what is left of it, by the same code.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_ROWS_INL_H
#undef LUGE_SIMD_ROWS_INL_H
#else
#define LUGE_SIMD_ROWS_INL_H
#endif

#include <cstdint>

#include "hwy/highway.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// All lanes of a vector.
struct WholeVector {
  HWY_INLINE V load(const float* from) const { return hn::LoadU(F(), from); }
  HWY_INLINE void store(V x, float* to) const { hn::StoreU(x, F(), to); }
};

// The first `lanes`.
struct PartialVector {
  size_t lanes;
  HWY_INLINE V load(const float* from) const { return load_partial(F(), from, lanes); }
  HWY_INLINE void store(V x, float* to) const { store_partial(x, F(), to, lanes); }
};

// Calls visit(vector, position) along a row of n floats.
template <class Visit>
HWY_INLINE void for_vectors(int64_t n, Visit visit) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(F()));
  int64_t j = 0;
  for (; j + lanes <= n; j += lanes) visit(WholeVector(), j);
  if (j < n) visit(PartialVector{static_cast<size_t>(n - j)}, j);
}

// Zeros where there is nothing to read, and nowhere where nothing is wanted.
template <class Vector>
HWY_INLINE V load_or_zero(Vector vector, const float* row, int64_t at) {
  return row == nullptr ? hn::Zero(F()) : vector.load(row + at);
}
template <class Vector>
HWY_INLINE void store_if_wanted(Vector vector, V x, float* row, int64_t at) {
  if (row != nullptr) vector.store(x, row + at);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
