// The activations of recurrent cells. A step has five of them for each unit, which would take a
// third of its time with the functions of math-inl.h: these are twice as fast, right to five units
// in the last place where those are right to four, and flush what is no normal number.
// Included once per target (no #pragma once).

#if defined(LUGE_SIMD_GATES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef LUGE_SIMD_GATES_INL_H
#undef LUGE_SIMD_GATES_INL_H
#else
#define LUGE_SIMD_GATES_INL_H
#endif

#include "hwy/highway.h"
#include "simd/math-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// e^x for |x| <= 88: 2^n e^r, with n added to the exponent's bits and a minimax polynomial in
// |r| <= log(2) / 2.
HWY_INLINE V exp_in_range(V x) {
  const V shift = constant(12582912.0f);  // 1.5 * 2^23: rounds, and leaves n in the lowest bits
  const V shifted = hn::MulAdd(x, constant(1.44269504f), shift);
  const V n = hn::Sub(shifted, shift);
  V r = hn::NegMulAdd(n, constant(0.693359375f), x);  // log(2) in two parts
  r = hn::NegMulAdd(n, constant(-2.12194440e-4f), r);
  V p = constant(1.3814320554956794e-3f);
  p = hn::MulAdd(p, r, constant(8.36885068565607e-3f));
  p = hn::MulAdd(p, r, constant(4.1668400168418884e-2f));
  p = hn::MulAdd(p, r, constant(1.666651964187622e-1f));
  p = hn::MulAdd(p, r, constant(4.999999403953552e-1f));
  const V y = hn::Add(hn::MulAdd(hn::Mul(p, r), r, r), constant(1.0f));
  const I d;
  return hn::BitCast(F(), hn::Add(hn::BitCast(d, y), hn::ShiftLeft<23>(hn::BitCast(d, shifted))));
}

// 1 / (1 + e^-x)
HWY_INLINE V gate_sigmoid(V x) {
  const V limit = constant(88.0f);
  const V least = hn::Neg(limit);
  const V z = exp_in_range(hn::Neg(hn::Min(hn::Max(x, least), limit)));
  const V y = hn::Div(constant(1.0f), hn::Add(constant(1.0f), z));
  return keep_nan(x, hn::IfThenZeroElse(hn::Lt(x, least), y));
}

// tanh(x) / x as a minimax quotient in x^2 (within 1.4e-8) up to 8.6, where tanh rounds to 1.
HWY_INLINE V gate_tanh(V x) {
  const V limit = constant(8.6f);
  const V t = hn::Min(hn::Max(x, hn::Neg(limit)), limit);
  const V s = hn::Mul(t, t);
  const V one = constant(1.0f);
  V p = constant(1.40824667e-8f);
  p = hn::MulAdd(p, s, constant(2.11223742e-5f));
  p = hn::MulAdd(p, s, constant(3.52640101e-3f));
  p = hn::MulAdd(p, s, constant(1.34068742e-1f));
  p = hn::MulAdd(p, s, one);
  V q = constant(8.07063373e-7f);
  q = hn::MulAdd(q, s, constant(3.33626929e-4f));
  q = hn::MulAdd(q, s, constant(2.59938966e-2f));
  q = hn::MulAdd(q, s, constant(4.67401952e-1f));
  q = hn::MulAdd(q, s, one);
  return keep_nan(x, hn::Div(hn::Mul(t, p), q));
}

// Their derivatives, from their values.
HWY_INLINE V dsigmoid_of(V y) { return hn::NegMulAdd(y, y, y); }
HWY_INLINE V dtanh_of(V y) { return hn::NegMulAdd(y, y, constant(1.0f)); }

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#endif
