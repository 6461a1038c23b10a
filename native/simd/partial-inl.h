// Loads and stores of fewer lanes than a vector has, touching no byte beyond them; and how many
// registers there are.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_PARTIAL_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_PARTIAL_INL_H
#undef LUGE_SIMD_PARTIAL_INL_H
#else
#define LUGE_SIMD_PARTIAL_INL_H
#endif

#include <cstring>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Whether masked loads and stores of 32-bit lanes are single instructions that do not fault.
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2
inline constexpr bool kMaskedMemory = true;
#else
inline constexpr bool kMaskedMemory = false;
#endif

// 32 vector registers instead of 16.
inline constexpr bool kManyRegisters = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64;

// The first n lanes from p, zero in the others.
template <class D, class T = hn::TFromD<D>>
HWY_INLINE hn::Vec<D> load_partial(D d, const T* p, size_t n) {
  if constexpr (kMaskedMemory && sizeof(T) == 4) {
    return hn::MaskedLoad(hn::FirstN(d, n), d, p);
  } else {
    HWY_ALIGN T lanes[hn::MaxLanes(d)] = {};
    std::memcpy(lanes, p, n * sizeof(T));
    return hn::Load(d, lanes);
  }
}

template <class D, class T = hn::TFromD<D>>
HWY_INLINE void store_partial(hn::Vec<D> v, D d, T* p, size_t n) {
  if constexpr (kMaskedMemory && sizeof(T) == 4) {
    hn::BlendedStore(v, hn::FirstN(d, n), d, p);
  } else {
    HWY_ALIGN T lanes[hn::MaxLanes(d)];
    hn::Store(v, d, lanes);
    std::memcpy(p, lanes, n * sizeof(T));
  }
}

// Whole vectors, or n lanes.
template <bool partial>
HWY_INLINE hn::Vec<hn::ScalableTag<float>> load_floats(const float* p, size_t n) {
  const hn::ScalableTag<float> d;
  return partial ? load_partial(d, p, n) : hn::LoadU(d, p);
}
template <bool partial>
HWY_INLINE void store_floats(hn::Vec<hn::ScalableTag<float>> v, float* p, size_t n) {
  const hn::ScalableTag<float> d;
  partial ? store_partial(v, d, p, n) : hn::StoreU(v, d, p);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
