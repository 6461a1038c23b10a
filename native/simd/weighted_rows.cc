#include "simd/weighted_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/weighted_rows.cc"
#include "simd/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

int64_t lanes() { return static_cast<int64_t>(hn::Lanes(F())); }

template <int Vectors>
HWY_NOINLINE void add(int64_t count, const WeightedRow* HWY_RESTRICT rows,
                      const float* HWY_RESTRICT x, const int64_t* HWY_RESTRICT from,
                      float* HWY_RESTRICT y, const int64_t* HWY_RESTRICT to) {
  const F d;
  V sum[Vectors];
  int64_t offset[Vectors];
  HWY_UNROLL(8)
  for (int v = 0; v < Vectors; ++v) {
    sum[v] = hn::LoadU(d, y + to[v]);
    offset[v] = from[v];
  }
  for (int64_t i = 0; i < count; ++i) {
    const float* row = x + rows[i].begin;
    const V weight = hn::Set(d, rows[i].weight);
    HWY_UNROLL(8)
    for (int v = 0; v < Vectors; ++v) {
      sum[v] = hn::MulAdd(weight, hn::LoadU(d, row + offset[v]), sum[v]);
    }
  }
  HWY_UNROLL(8)
  for (int v = 0; v < Vectors; ++v) hn::StoreU(sum[v], d, y + to[v]);
}

void add_rows(int64_t count, const WeightedRow* rows, int64_t vectors, const float* x,
              const int64_t* from, float* y, const int64_t* to) {
  static_assert(kMostVectors == 8);
  switch (vectors) {
    case 1: return add<1>(count, rows, x, from, y, to);
    case 2: return add<2>(count, rows, x, from, y, to);
    case 3: return add<3>(count, rows, x, from, y, to);
    case 4: return add<4>(count, rows, x, from, y, to);
    case 5: return add<5>(count, rows, x, from, y, to);
    case 6: return add<6>(count, rows, x, from, y, to);
    case 7: return add<7>(count, rows, x, from, y, to);
    default: return add<8>(count, rows, x, from, y, to);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(lanes);
HWY_EXPORT(add_rows);

int64_t vector_floats() { return HWY_DYNAMIC_DISPATCH(lanes)(); }

void add_weighted_rows(int64_t count, const WeightedRow* rows, int64_t vectors, const float* x,
                       const int64_t* from, float* y, const int64_t* to) {
  HWY_DYNAMIC_DISPATCH(add_rows)(count, rows, vectors, x, from, y, to);
}

}  // namespace luge
#endif  // HWY_ONCE
