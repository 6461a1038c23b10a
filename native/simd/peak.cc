#include "simd/peak.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/peak.cc"
#include "simd/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

// Chains that do not wait for each other: enough to hide the latency, few enough for the registers.
constexpr int kChains = 12;

int64_t multiply_adds(int64_t rounds) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  volatile float start = 1;  // keeps the compiler from knowing the result
  const V factor = hn::Set(d, 0.5f * start);
  const V offset = hn::Set(d, start);
  V sum[kChains];
  HWY_UNROLL(kChains)
  for (int i = 0; i < kChains; ++i) sum[i] = hn::Set(d, static_cast<float>(i));
  for (int64_t round = 0; round < rounds; ++round) {
    HWY_UNROLL(kChains)
    for (int i = 0; i < kChains; ++i) sum[i] = hn::MulAdd(sum[i], factor, offset);  // tends to 2
  }
  V total = hn::Zero(d);
  HWY_UNROLL(kChains)
  for (int i = 0; i < kChains; ++i) total = hn::Add(total, sum[i]);
  start = hn::GetLane(total);
  return 2 * rounds * kChains * static_cast<int64_t>(hn::Lanes(d));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(multiply_adds);

int64_t run_multiply_adds(int64_t rounds) { return HWY_DYNAMIC_DISPATCH(multiply_adds)(rounds); }

}  // namespace luge
#endif  // HWY_ONCE
