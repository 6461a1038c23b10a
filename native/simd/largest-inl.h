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

// Of two numbers, the larger and whether that is the second alone.
struct LargerNumber {
  template <class T>
  HWY_INLINE T value(T a, T b) const {
    return hn::Max(a, b);
  }
  template <class T>
  HWY_INLINE auto is_second(T a, T b) const {
    return hn::Gt(b, a);
  }
};

// The same where NaN may be among them, which wins.
struct LargerOrNaN {
  template <class T>
  HWY_INLINE T value(T a, T b) const {
    return hn::IfThenElse(is_second(a, b), b, a);
  }
  template <class T>
  HWY_INLINE auto is_second(T a, T b) const {
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
  Largest<D> chosen{larger.value(a.value, b.value), a.index};
  if (kIndex) {
    const hn::Rebind<int32_t, D> di;
    const auto second = hn::RebindMask(di, larger.is_second(a.value, b.value));
    chosen.index = hn::IfThenElse(second, b.index, a.index);
  }
  return chosen;
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
