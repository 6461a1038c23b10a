#include "simd/random_fill.h"

#include <cmath>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/random_fill.cc"
#include "simd/highway.h"
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

using U = hn::ScalableTag<uint32_t>;
using VU = hn::Vec<U>;

// Four words of as many counters as there are lanes.
struct Words {
  VU w0, w1, w2, w3;
};

struct Product {
  VU high, low;
};

HWY_INLINE Product multiply(VU x, uint32_t factor) {
  const U d;
  const VU m = hn::Set(d, factor);
#if HWY_TARGET == HWY_SCALAR
  const uint64_t product = hn::MulEven(x, m).raw;
  return {hn::Set(d, static_cast<uint32_t>(product >> 32)),
          hn::Set(d, static_cast<uint32_t>(product))};
#else
  const hn::Repartition<uint64_t, U> d64;
  const auto even = hn::MulEven(x, m);
  const auto odd = hn::MulEven(hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(d64, x))), m);
  const auto low_half = hn::Set(d64, 0xFFFFFFFFu);
  const auto high = hn::Or(hn::ShiftRight<32>(even), hn::AndNot(low_half, odd));
  const auto low = hn::Or(hn::And(low_half, even), hn::ShiftLeft<32>(odd));
  return {hn::BitCast(d, high), hn::BitCast(d, low)};
#endif
}

HWY_INLINE Words draw(const RandomStream& stream, uint32_t block) {
  const U d;
  const auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
  Words c{hn::Iota(d, block), hn::Set(d, stream.stream), hn::Set(d, low(stream.step)),
          hn::Set(d, low(stream.step >> 32))};
  uint32_t key0 = low(stream.seed);
  uint32_t key1 = low(stream.seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const Product p0 = multiply(c.w0, kPhiloxMultiplier0);
    const Product p1 = multiply(c.w2, kPhiloxMultiplier1);
    c = {hn::Xor(hn::Xor(p1.high, c.w1), hn::Set(d, key0)), p1.low,
         hn::Xor(hn::Xor(p0.high, c.w3), hn::Set(d, key1)), p0.low};
    key0 += kPhiloxWeyl0;
    key1 += kPhiloxWeyl1;
  }
  return c;
}

HWY_INLINE V from_small(VU x) { return hn::ConvertTo(F(), hn::BitCast(I(), x)); }

// The high 24 bits as a float in [0, 1).
HWY_INLINE V unit(VU w) { return hn::Mul(from_small(hn::ShiftRight<8>(w)), constant(0x1p-24f)); }

// All 32 bits as a float in (0, 1], for the tails of a logarithm.
HWY_INLINE V positive_unit(VU w) {
  const VU low = hn::And(w, hn::Set(U(), 0xFFFFu));
  const V x = hn::MulAdd(from_small(hn::ShiftRight<16>(w)), constant(65536.0f), from_small(low));
  return hn::Mul(hn::Add(x, constant(0.5f)), constant(0x1p-32f));
}

// In (-1, 1).
HWY_INLINE V signed_unit(VU w) {
  return hn::Mul(hn::Add(hn::ConvertTo(F(), hn::BitCast(I(), w)), constant(0.5f)),
                 constant(0x1p-31f));
}

struct Uniform {
  Uniform(float low, float high) : low(low), range(high - low), largest(::nextafterf(high, low)) {}
  HWY_INLINE V one(VU w) const {
    return hn::Min(hn::MulAdd(unit(w), constant(range), constant(low)), constant(largest));
  }
  HWY_INLINE void operator()(const Words& w, V* y) const {
    y[0] = one(w.w0);
    y[1] = one(w.w1);
    y[2] = one(w.w2);
    y[3] = one(w.w3);
  }
  float low, range, largest;
};

// Box and Muller: a radius and an angle give two normal numbers.
struct Normal {
  HWY_INLINE void pair(VU w0, VU w1, V* y) const {
    const V log = hn::Log(F(), positive_unit(w0));
    const V radius = hn::Mul(hn::Sqrt(hn::Mul(constant(-2.0f), log)), constant(stddev));
    const V angle = hn::Mul(signed_unit(w1), constant(3.14159265358979f));
    y[0] = hn::MulAdd(radius, hn::Cos(F(), angle), constant(mean));
    y[1] = hn::MulAdd(radius, hn::Sin(F(), angle), constant(mean));
  }
  HWY_INLINE void operator()(const Words& w, V* y) const {
    pair(w.w0, w.w1, y);
    pair(w.w2, w.w3, y + 2);
  }
  float mean, stddev;
};

// The inverse of the distribution function, which is smooth between two standard deviations: the
// central polynomial for the inverse of erf of M. Giles, "Approximating the erfinv function", 2010.
struct TruncatedNormal {
  HWY_INLINE V one(VU word) const {
    const V x = hn::Mul(signed_unit(word), constant(0.954499736f));  // erf(2 / sqrt(2))
    const V w = hn::Sub(hn::Neg(hn::Log(F(), hn::NegMulAdd(x, x, constant(1.0f)))), constant(2.5f));
    V p = constant(2.81022636e-08f);
    for (float coefficient : {3.43273939e-07f, -3.5233877e-06f, -4.39150654e-06f, 2.1858087e-04f,
                              -1.25372503e-03f, -4.17768164e-03f, 0.246640727f, 1.50140941f}) {
      p = hn::MulAdd(p, w, constant(coefficient));
    }
    const V z = hn::Mul(hn::Mul(p, x), constant(1.41421356f));
    const V within = hn::Min(hn::Max(z, constant(-2.0f)), constant(2.0f));
    return hn::MulAdd(within, constant(stddev), constant(mean));
  }
  HWY_INLINE void operator()(const Words& w, V* y) const {
    y[0] = one(w.w0);
    y[1] = one(w.w1);
    y[2] = one(w.w2);
    y[3] = one(w.w3);
  }
  float mean, stddev;
};

struct DropoutMask {
  HWY_INLINE V one(VU w) const {
    return hn::IfThenElseZero(hn::Ge(unit(w), constant(rate)), constant(1.0f / (1.0f - rate)));
  }
  HWY_INLINE void operator()(const Words& w, V* y) const {
    y[0] = one(w.w0);
    y[1] = one(w.w1);
    y[2] = one(w.w2);
    y[3] = one(w.w3);
  }
  float rate;
};

template <class Transform>
void fill_with(const RandomStream& stream, uint32_t block, int64_t n, float* out,
               const Transform& transform) {
  const F d;
  const int64_t batch = 4 * static_cast<int64_t>(hn::Lanes(d));
  HWY_ALIGN float rest[4 * hn::MaxLanes(d)];
  for (int64_t i = 0; i < n; i += batch) {
    V y[4];
    transform(draw(stream, block + static_cast<uint32_t>(i / 4)), y);
    if (i + batch <= n) {
      hn::StoreInterleaved4(y[0], y[1], y[2], y[3], d, out + i);
    } else {
      hn::StoreInterleaved4(y[0], y[1], y[2], y[3], d, rest);
      std::memcpy(out + i, rest, (n - i) * sizeof(float));
    }
  }
}

void fill(Distribution distribution, const RandomStream& stream, uint32_t block, int64_t n, float a,
          float b, float* out) {
  switch (distribution) {
    case Distribution::uniform: return fill_with(stream, block, n, out, Uniform(a, b));
    case Distribution::normal: return fill_with(stream, block, n, out, Normal{a, b});
    case Distribution::truncated_normal:
      return fill_with(stream, block, n, out, TruncatedNormal{a, b});
    case Distribution::dropout_mask: return fill_with(stream, block, n, out, DropoutMask{a});
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(fill);

void fill_random(Distribution distribution, const RandomStream& stream, uint32_t first_block,
                 int64_t n, float a, float b, float* out) {
  HWY_DYNAMIC_DISPATCH(fill)(distribution, stream, first_block, n, a, b, out);
}

}  // namespace luge
#endif  // HWY_ONCE
