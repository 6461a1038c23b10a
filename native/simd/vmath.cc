#include "simd/vmath.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/vmath.cc"
#include "simd/highway.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace lanes {  // one function a row of vmath_list.inc

HWY_INLINE V from_mask(M mask) { return hn::IfThenElseZero(mask, constant(1.0f)); }
HWY_INLINE VI ints(V x) { return hn::BitCast(I(), x); }
HWY_INLINE V bits(VI x) { return hn::BitCast(F(), x); }
HWY_INLINE V from_mask(hn::Mask<I> mask) {
  return bits(hn::IfThenElseZero(mask, ints(constant(1.0f))));
}

HWY_INLINE V neg(V x) { return hn::Neg(x); }
HWY_INLINE V abs(V x) { return hn::Abs(x); }
HWY_INLINE V sign(V x) {
  const V zero = hn::Zero(F());
  return hn::IfThenElse(hn::Gt(x, zero), constant(1.0f),
                        hn::IfThenElse(hn::Lt(x, zero), constant(-1.0f), x));
}
HWY_INLINE V exp(V x) { return exp_of(x); }
HWY_INLINE V log(V x) { return log_of(x); }
HWY_INLINE V log1p(V x) { return log1p_of(x); }
HWY_INLINE V expm1(V x) { return expm1_of(x); }
HWY_INLINE V sqrt(V x) { return hn::Sqrt(x); }
HWY_INLINE V rsqrt(V x) { return hn::Div(constant(1.0f), hn::Sqrt(x)); }
HWY_INLINE V square(V x) { return hn::Mul(x, x); }
HWY_INLINE V reciprocal(V x) { return hn::Div(constant(1.0f), x); }
HWY_INLINE V tanh(V x) { return tanh_of(x); }
HWY_INLINE V sigmoid(V x) { return sigmoid_of(x); }
HWY_INLINE V relu(V x) { return hn::IfThenZeroElse(hn::Le(x, hn::Zero(F())), x); }
HWY_INLINE V softplus(V x) { return softplus_of(x); }
HWY_INLINE V erf(V x) { return erf_of(x); }
HWY_INLINE V sin(V x) { return sin_of(x); }
HWY_INLINE V cos(V x) { return cos_of(x); }
HWY_INLINE V floor(V x) { return hn::Floor(x); }
HWY_INLINE V ceil(V x) { return hn::Ceil(x); }
HWY_INLINE V round(V x) { return hn::Round(x); }

HWY_INLINE V add(V a, V b) { return hn::Add(a, b); }
HWY_INLINE V sub(V a, V b) { return hn::Sub(a, b); }
HWY_INLINE V mul(V a, V b) { return hn::Mul(a, b); }
HWY_INLINE V div(V a, V b) { return hn::Div(a, b); }
HWY_INLINE V pow(V a, V b) { return pow_of(a, b); }
HWY_INLINE V max(V a, V b) { return max_nan(a, b); }
HWY_INLINE V min(V a, V b) { return min_nan(a, b); }
HWY_INLINE V eq(V a, V b) { return from_mask(hn::Eq(a, b)); }
// Not(Eq), as Highway's Ne is false for NaN on AVX2.
HWY_INLINE V ne(V a, V b) { return from_mask(hn::Not(hn::Eq(a, b))); }
HWY_INLINE V lt(V a, V b) { return from_mask(hn::Lt(a, b)); }
HWY_INLINE V le(V a, V b) { return from_mask(hn::Le(a, b)); }
HWY_INLINE V gt(V a, V b) { return from_mask(hn::Gt(a, b)); }
HWY_INLINE V ge(V a, V b) { return from_mask(hn::Ge(a, b)); }
HWY_INLINE V relu_grad(V dy, V y) { return hn::IfThenElseZero(hn::Gt(y, hn::Zero(F())), dy); }
HWY_INLINE V tanh_grad(V dy, V y) { return hn::Mul(dy, hn::NegMulAdd(y, y, constant(1.0f))); }
HWY_INLINE V sigmoid_grad(V dy, V y) { return hn::Mul(hn::Mul(dy, y), hn::Sub(constant(1.0f), y)); }

// Rare and exact: one lane after another.
template <class T, class Function>
HWY_INLINE V each_lane(V a, V b, Function f) {
  const hn::ScalableTag<T> d;
  HWY_ALIGN T x[hn::MaxLanes(F())];
  HWY_ALIGN T y[hn::MaxLanes(F())];
  hn::Store(hn::BitCast(d, a), d, x);
  hn::Store(hn::BitCast(d, b), d, y);
  for (size_t i = 0; i < hn::Lanes(d); ++i) x[i] = f(x[i], y[i]);
  return hn::BitCast(F(), hn::Load(d, x));
}

// The remainder takes the divisor's sign, as in Python and NumPy.
HWY_INLINE float remainder_of(float a, float b) {
  const float r = ::fmodf(a, b);
  if (r == 0.0f) return ::copysignf(0.0f, b);
  return (r < 0.0f) == (b < 0.0f) ? r : r + b;
}
HWY_INLINE V floor_mod(V a, V b) {
  return each_lane<float>(a, b, [](float x, float y) { return remainder_of(x, y); });
}
HWY_INLINE V floor_div(V a, V b) {
  return each_lane<float>(a, b, [](float x, float y) {
    if (x == 0.0f || y == 0.0f) return x / y;
    const float r = ::fmodf(x, y);
    const float floor = ::rintf((x - r) / y) - (r != 0.0f && (r < 0.0f) != (y < 0.0f));
    return floor == 0.0f ? ::copysignf(0.0f, x / y) : floor;
  });
}

HWY_INLINE V mul_add(V a, V b, V c) { return hn::MulAdd(a, b, c); }
HWY_INLINE V select(V condition, V b, V c) {
  return hn::IfThenElse(hn::Eq(condition, hn::Zero(F())), c, b);
}

HWY_INLINE V i32_neg(V x) { return bits(hn::Neg(ints(x))); }
HWY_INLINE V i32_abs(V x) { return bits(hn::Abs(ints(x))); }
HWY_INLINE V i32_sign(V x) {
  const I d;
  const VI one = hn::Set(d, 1);
  return bits(hn::Max(hn::Min(ints(x), one), hn::Neg(one)));
}
HWY_INLINE V i32_add(V a, V b) { return bits(hn::Add(ints(a), ints(b))); }
HWY_INLINE V i32_sub(V a, V b) { return bits(hn::Sub(ints(a), ints(b))); }
HWY_INLINE V i32_mul(V a, V b) { return bits(hn::Mul(ints(a), ints(b))); }
HWY_INLINE V i32_max(V a, V b) { return bits(hn::Max(ints(a), ints(b))); }
HWY_INLINE V i32_min(V a, V b) { return bits(hn::Min(ints(a), ints(b))); }
HWY_INLINE int32_t quotient_of(int32_t a, int32_t b) {
  if (b == 0) return 0;
  const int64_t q = int64_t{a} / b;
  return static_cast<int32_t>(q - ((int64_t{a} % b != 0) && ((a < 0) != (b < 0))));
}
HWY_INLINE V i32_floor_div(V a, V b) { return each_lane<int32_t>(a, b, &quotient_of); }
HWY_INLINE V i32_floor_mod(V a, V b) {
  return each_lane<int32_t>(a, b, [](int32_t x, int32_t y) {
    const int64_t q = quotient_of(x, y);
    return y == 0 ? 0 : static_cast<int32_t>(x - q * y);
  });
}
HWY_INLINE V i32_eq(V a, V b) { return from_mask(hn::Eq(ints(a), ints(b))); }
HWY_INLINE V i32_ne(V a, V b) { return from_mask(hn::Not(hn::Eq(ints(a), ints(b)))); }
HWY_INLINE V i32_lt(V a, V b) { return from_mask(hn::Lt(ints(a), ints(b))); }
HWY_INLINE V i32_le(V a, V b) { return from_mask(hn::Not(hn::Gt(ints(a), ints(b)))); }
HWY_INLINE V i32_gt(V a, V b) { return from_mask(hn::Gt(ints(a), ints(b))); }
HWY_INLINE V i32_ge(V a, V b) { return from_mask(hn::Not(hn::Lt(ints(a), ints(b)))); }
HWY_INLINE V i32_to_f32(V x) { return hn::ConvertTo(F(), ints(x)); }
HWY_INLINE V f32_to_i32(V x) {  // truncates and saturates; NaN gives 0
  return bits(hn::ConvertTo(I(), hn::IfThenZeroElse(hn::IsNaN(x), x)));
}

}  // namespace lanes

template <V (*function)(V)>
void block1(float* out, const float* a, const float*, const float*, int64_t n) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) hn::StoreU(function(hn::LoadU(d, a + i)), d, out + i);
  if (i < n) store_partial(function(load_partial(d, a + i, n - i)), d, out + i, n - i);
}

template <V (*function)(V, V)>
void block2(float* out, const float* a, const float* b, const float*, int64_t n) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    hn::StoreU(function(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, out + i);
  }
  if (i < n) {
    const size_t rest = n - i;
    const V y = function(load_partial(d, a + i, rest), load_partial(d, b + i, rest));
    store_partial(y, d, out + i, rest);
  }
}

template <V (*function)(V, V, V)>
void block3(float* out, const float* a, const float* b, const float* c, int64_t n) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    const V y = function(hn::LoadU(d, a + i), hn::LoadU(d, b + i), hn::LoadU(d, c + i));
    hn::StoreU(y, d, out + i);
  }
  if (i < n) {
    const size_t rest = n - i;
    const V y = function(load_partial(d, a + i, rest), load_partial(d, b + i, rest),
                         load_partial(d, c + i, rest));
    store_partial(y, d, out + i, rest);
  }
}

const VmathFunction* table() {
  static constexpr VmathFunction functions[] = {
#define LUGE_VMATH(name, arity, type) &block##arity<lanes::name>,
#include "simd/vmath_list.inc"
#undef LUGE_VMATH
  };
  return functions;
}

void u8_block(float* out, const uint8_t* x, int64_t n) {
  const F d;
  const I di;
  const hn::Rebind<uint8_t, F> db;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    hn::StoreU(hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(db, x + i))), d, out + i);
  }
  if (i < n) {
    const V y = hn::ConvertTo(d, hn::PromoteTo(di, load_partial(db, x + i, n - i)));
    store_partial(y, d, out + i, n - i);
  }
}

void to_u8_block(uint8_t* out, const float* x, int64_t n) {
  const F d;
  const hn::Rebind<uint8_t, F> db;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  const auto convert = [](V v) HWY_ATTR {  // NaN falls to 0 in the first comparison
    const V positive = hn::IfThenElseZero(hn::Gt(v, hn::Zero(F())), v);
    return hn::ConvertTo(I(), hn::Min(positive, constant(255.0f)));
  };
  int64_t i = 0;
  for (; i + step <= n; i += step) {
    hn::StoreU(hn::DemoteTo(db, convert(hn::LoadU(d, x + i))), db, out + i);
  }
  if (i < n) {
    store_partial(hn::DemoteTo(db, convert(load_partial(d, x + i, n - i))), db, out + i, n - i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(table);
HWY_EXPORT(u8_block);
HWY_EXPORT(to_u8_block);

const VmathFunction* vmath_table() { return HWY_DYNAMIC_DISPATCH(table)(); }
void u8_to_f32(float* out, const uint8_t* x, int64_t n) {
  HWY_DYNAMIC_DISPATCH(u8_block)(out, x, n);
}
void f32_to_u8(uint8_t* out, const float* x, int64_t n) {
  HWY_DYNAMIC_DISPATCH(to_u8_block)(out, x, n);
}

}  // namespace luge
#endif  // HWY_ONCE
