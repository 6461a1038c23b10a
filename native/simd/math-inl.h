// Elementary functions of a vector of floats with IEEE specials. Highway's contrib/math is accurate
// but lets NaN and infinity slip through as numbers; a diverging model must show them.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_MATH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_MATH_INL_H
#undef LUGE_SIMD_MATH_INL_H
#else
#define LUGE_SIMD_MATH_INL_H
#endif

#include <cmath>
#include <limits>

#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F = hn::ScalableTag<float>;
using I = hn::ScalableTag<int32_t>;
using V = hn::Vec<F>;
using VI = hn::Vec<I>;
using M = hn::Mask<F>;

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();
inline constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

HWY_INLINE V constant(float x) { return hn::Set(F(), x); }

// NaN wins over any number, whichever side it is on.
HWY_INLINE V max_nan(V a, V b) { return hn::IfThenElse(hn::Or(hn::Gt(a, b), hn::IsNaN(a)), a, b); }
HWY_INLINE V min_nan(V a, V b) { return hn::IfThenElse(hn::Or(hn::Lt(a, b), hn::IsNaN(a)), a, b); }

HWY_INLINE V keep_nan(V x, V y) { return hn::IfThenElse(hn::IsNaN(x), x, y); }

// e^104 is infinite and e^-105 is zero, so clamping changes no result and keeps Highway's argument
// reduction in range.
HWY_INLINE V clamp_exponent(V x) {
  return hn::Min(hn::Max(x, constant(-105.0f)), constant(104.0f));
}
HWY_INLINE V exp_of(V x) { return keep_nan(x, hn::Exp(F(), clamp_exponent(x))); }
HWY_INLINE V expm1_of(V x) {
  return keep_nan(x,
                  hn::IfThenElse(hn::Eq(x, hn::Zero(F())), x, hn::Expm1(F(), clamp_exponent(x))));
}

// Poles and domain of a logarithm: `pole` gives -inf, anything below NaN, and inf and NaN
// themselves.
HWY_INLINE V log_specials(V x, V y, V pole) {
  y = hn::IfThenElse(hn::Eq(x, pole), constant(-kInfinity), y);
  y = hn::IfThenElse(hn::Lt(x, pole), constant(kNaN), y);
  return hn::IfThenElse(hn::Lt(x, constant(kInfinity)), y, x);  // inf and NaN themselves
}
HWY_INLINE V log_of(V x) { return log_specials(x, hn::Log(F(), x), hn::Zero(F())); }
HWY_INLINE V log1p_of(V x) { return log_specials(x, hn::Log1p(F(), x), constant(-1.0f)); }

// Through e^-|x| <= 1, so that both tails keep their relative accuracy.
HWY_INLINE V sigmoid_of(V x) {
  const V z = exp_of(hn::Neg(hn::Abs(x)));
  const V y = hn::Div(constant(1.0f), hn::Add(constant(1.0f), z));
  return hn::IfThenElse(hn::Lt(x, hn::Zero(F())), hn::Mul(z, y), y);
}
HWY_INLINE V softplus_of(V x) {
  const V tail = log1p_of(exp_of(hn::Neg(hn::Abs(x))));
  return hn::Add(hn::IfThenElseZero(hn::Gt(x, hn::Zero(F())), x), tail);
}
HWY_INLINE V tanh_of(V x) {
  const V limit = constant(20.0f);
  return keep_nan(x, hn::Tanh(F(), hn::Min(hn::Max(x, hn::Neg(limit)), limit)));
}

// Two minimax polynomials: erf(x) / x in x^2 up to 0.93, log(erfc(x)) / x from there to 4, where
// erf rounds to 1.
HWY_INLINE V erf_of(V x) {
  const V t = hn::Min(hn::Abs(x), constant(4.0f));
  const V s = hn::Mul(t, t);
  V small = constant(8.316817547893152e-05f);
  small = hn::MulAdd(small, s, constant(-8.130024652928114e-04f));
  small = hn::MulAdd(small, s, constant(5.199907813221216e-03f));
  small = hn::MulAdd(small, s, constant(-2.6858942583203316e-02f));
  small = hn::MulAdd(small, s, constant(1.1283687502145767e-01f));
  small = hn::MulAdd(small, s, constant(-3.7612631916999817e-01f));
  small = hn::MulAdd(small, s, constant(1.28379225730896e-01f));
  small = hn::MulAdd(small, t, t);
  V large = constant(2.13187872e-04f);
  large = hn::MulAdd(large, t, constant(-3.20845214e-03f));
  large = hn::MulAdd(large, t, constant(2.28693467e-02f));
  large = hn::MulAdd(large, t, constant(-1.05230078e-01f));
  large = hn::MulAdd(large, t, constant(-6.35742128e-01f));
  large = hn::MulAdd(large, t, constant(-1.12850738f));
  large = hn::Sub(constant(1.0f), hn::Exp(F(), hn::Mul(large, t)));
  const V y = hn::IfThenElse(hn::Lt(t, constant(0.93f)), small, large);
  return keep_nan(x, hn::CopySign(y, x));
}

// Replaces the lanes of y where `mask` holds by f(x): the way out for rare arguments.
template <class Function>
HWY_INLINE V patch_lanes(M mask, V x, V y, Function f) {
  if (HWY_LIKELY(hn::AllFalse(F(), mask))) return y;
  HWY_ALIGN float in[hn::MaxLanes(F())];
  HWY_ALIGN float out[hn::MaxLanes(F())];
  hn::Store(x, F(), in);
  for (size_t i = 0; i < hn::Lanes(F()); ++i) out[i] = f(in[i]);
  return hn::IfThenElse(mask, hn::Load(F(), out), y);
}

// Highway reduces arguments well up to 39000.
HWY_INLINE M beyond_reduction(V x) { return hn::Not(hn::Le(hn::Abs(x), constant(39000.0f))); }
HWY_INLINE V sin_of(V x) {
  const M far = beyond_reduction(x);
  return patch_lanes(far, x, hn::Sin(F(), hn::IfThenZeroElse(far, x)),
                     [](float v) { return ::sinf(v); });
}
HWY_INLINE V cos_of(V x) {
  const M far = beyond_reduction(x);
  return patch_lanes(far, x, hn::Cos(F(), hn::IfThenZeroElse(far, x)),
                     [](float v) { return ::cosf(v); });
}

// e^(b log a) in double precision for a half vector of a > 0; 0 and inf get logarithms so large
// that any b != 0 drives the result to its limit.
template <class VHalf>
HWY_INLINE VHalf pow_half(VHalf a, VHalf b) {
  const hn::ScalableTag<double> dd;
  const hn::Rebind<float, decltype(dd)> df;
  const auto x = hn::PromoteTo(dd, a);
  const auto zero = hn::Zero(dd);
  auto log = hn::Log(dd, x);
  log = hn::IfThenElse(hn::Eq(x, zero), hn::Set(dd, -1e300), log);
  log = hn::IfThenElse(hn::Gt(x, hn::Set(dd, 1e300)), hn::Set(dd, 1e300), log);
  const auto product = hn::Mul(hn::PromoteTo(dd, b), log);
  const auto clamped = hn::Min(hn::Max(product, hn::Set(dd, -200.0)), hn::Set(dd, 200.0));
  return hn::DemoteTo(df, hn::Exp(dd, clamped));
}

// As std::pow in all special cases.
HWY_INLINE V pow_of(V a, V b) {
  const F d;
  const V one = constant(1.0f);
  const V magnitude = hn::Abs(a);
#if HWY_TARGET == HWY_SCALAR
  V y = pow_half(magnitude, b);
#else
  const hn::Half<F> dh;
  V y = hn::Combine(d, pow_half(hn::UpperHalf(dh, magnitude), hn::UpperHalf(dh, b)),
                    pow_half(hn::LowerHalf(dh, magnitude), hn::LowerHalf(dh, b)));
#endif
  const M integer = hn::Eq(hn::Floor(b), b);
  const V half = hn::Mul(b, constant(0.5f));
  const M odd = hn::And(integer, hn::Ne(hn::Floor(half), half));
  y = hn::IfThenElse(odd, hn::CopySign(y, a), y);
  const M fractional = hn::And(hn::Lt(a, hn::Zero(d)), hn::Not(integer));
  y = hn::IfThenElse(hn::And(fractional, hn::Lt(magnitude, constant(kInfinity))), constant(kNaN),
                     y);
  y = hn::IfThenElse(hn::Or(hn::IsNaN(a), hn::IsNaN(b)), constant(kNaN), y);
  const M units = hn::And(hn::Eq(magnitude, one), hn::Eq(hn::Abs(b), constant(kInfinity)));
  return hn::IfThenElse(hn::Or(units, hn::Or(hn::Eq(a, one), hn::Eq(b, hn::Zero(d)))), one, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
