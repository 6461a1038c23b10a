// The largest of several numbers and where it is, for pooling.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_LARGEST_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_LARGEST_INL_H
#undef LUGE_SIMD_LARGEST_INL_H
#else
#define LUGE_SIMD_LARGEST_INL_H
#endif

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whether b is larger, of numbers, or also of NaN, which wins.
struct LargerNumber {
  template <class T>
  HWY_INLINE auto operator()(T a, T b) const {
    return hn::Gt(b, a);
  }
};
struct LargerOrNaN {
  template <class T>
  HWY_INLINE auto operator()(T a, T b) const {
    return hn::AndNot(hn::Le(b, a), hn::Eq(a, a));
  }
};

// The largest element of each window, and its position there where kIndex says that it is wanted.
template <class D>
struct Largest {
  hn::Vec<D> value;
  hn::Vec<hn::Rebind<int32_t, D>> index;
};

// The first of the largest.
template <bool kIndex, class D, class Larger>
HWY_INLINE Largest<D> largest(D, const Largest<D>& a, const Largest<D>& b, Larger larger) {
  const auto second = larger(a.value, b.value);
  Largest<D> chosen{hn::IfThenElse(second, b.value, a.value), a.index};
  if (kIndex) {
    const hn::Rebind<int32_t, D> di;
    chosen.index = hn::IfThenElse(hn::RebindMask(di, second), b.index, a.index);
  }
  return chosen;
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
