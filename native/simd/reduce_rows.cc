#include "simd/reduce_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/reduce_rows.cc"
#include "simd/highway.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

struct Sum {
  static constexpr Reduction kReduction = Reduction::sum;
  static HWY_INLINE V combine(V a, V b) { return hn::Add(a, b); }
  static HWY_INLINE double combine(double a, double b) { return a + b; }
  static HWY_INLINE float over_lanes(V v) { return hn::GetLane(hn::SumOfLanes(F(), v)); }
};

struct Max {
  static constexpr Reduction kReduction = Reduction::max;
  static HWY_INLINE V combine(V a, V b) { return max_nan(a, b); }
  static HWY_INLINE double combine(double a, double b) { return a > b || a != a ? a : b; }
  static HWY_INLINE float over_lanes(V v) {
    if (!hn::AllFalse(F(), hn::IsNaN(v))) return kNaN;
    return hn::GetLane(hn::MaxOfLanes(F(), v));
  }
};

struct Min {
  static constexpr Reduction kReduction = Reduction::min;
  static HWY_INLINE V combine(V a, V b) { return min_nan(a, b); }
  static HWY_INLINE double combine(double a, double b) { return a < b || a != a ? a : b; }
  static HWY_INLINE float over_lanes(V v) {
    if (!hn::AllFalse(F(), hn::IsNaN(v))) return kNaN;
    return hn::GetLane(hn::MinOfLanes(F(), v));
  }
};

struct Prod {
  static constexpr Reduction kReduction = Reduction::prod;
  static HWY_INLINE V combine(V a, V b) { return hn::Mul(a, b); }
  static HWY_INLINE double combine(double a, double b) { return a * b; }
  static HWY_INLINE float over_lanes(V v) {
    HWY_ALIGN float lanes[hn::MaxLanes(F())];
    hn::Store(v, F(), lanes);
    float product = lanes[0];
    for (size_t i = 1; i < hn::Lanes(F()); ++i) product *= lanes[i];
    return product;
  }
};

template <class Op>
HWY_INLINE V load_or_identity(const float* x, size_t n) {
  const F d;
  return hn::IfThenElse(hn::FirstN(d, n), load_partial(d, x, n),
                        constant(identity_of(Op::kReduction)));
}

// Of at most a few thousand elements, in single precision with four chains.
template <class Op>
HWY_INLINE float reduce_block(const float* x, int64_t n) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  if (n <= step) return Op::over_lanes(load_or_identity<Op>(x, n));
  V a = constant(identity_of(Op::kReduction));
  V b = a, c = a, e = a;
  int64_t i = 0;
  for (; i + 4 * step <= n; i += 4 * step) {
    a = Op::combine(a, hn::LoadU(d, x + i));
    b = Op::combine(b, hn::LoadU(d, x + i + step));
    c = Op::combine(c, hn::LoadU(d, x + i + 2 * step));
    e = Op::combine(e, hn::LoadU(d, x + i + 3 * step));
  }
  for (; i + step <= n; i += step) a = Op::combine(a, hn::LoadU(d, x + i));
  if (i < n) b = Op::combine(b, load_or_identity<Op>(x + i, n - i));
  return Op::over_lanes(Op::combine(Op::combine(a, b), Op::combine(c, e)));
}

template <class Op>
double row(const float* x, int64_t n) {
  constexpr int64_t kBlock = 1024;
  double total = reduce_block<Op>(x, std::min(n, kBlock));
  for (int64_t i = kBlock; i < n; i += kBlock) {
    total =
        Op::combine(total, static_cast<double>(reduce_block<Op>(x + i, std::min(n - i, kBlock))));
  }
  return total;
}

template <class Op>
void each_row(const float* x, int64_t rows, int64_t n, double scale, float* y) {
  for (int64_t r = 0; r < rows; ++r) y[r] = static_cast<float>(row<Op>(x + r * n, n) * scale);
}

template <class Op>
void columns(const float* x, int64_t rows, int64_t stride, int64_t width, float* acc) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t j = 0;
  for (; j + 4 * step <= width; j += 4 * step) {
    V a = hn::LoadU(d, acc + j), b = hn::LoadU(d, acc + j + step);
    V c = hn::LoadU(d, acc + j + 2 * step), e = hn::LoadU(d, acc + j + 3 * step);
    for (int64_t r = 0; r < rows; ++r) {
      const float* at = x + r * stride + j;
      a = Op::combine(a, hn::LoadU(d, at));
      b = Op::combine(b, hn::LoadU(d, at + step));
      c = Op::combine(c, hn::LoadU(d, at + 2 * step));
      e = Op::combine(e, hn::LoadU(d, at + 3 * step));
    }
    hn::StoreU(a, d, acc + j);
    hn::StoreU(b, d, acc + j + step);
    hn::StoreU(c, d, acc + j + 2 * step);
    hn::StoreU(e, d, acc + j + 3 * step);
  }
  for (; j < width; j += step) {
    const size_t lanes = std::min(step, width - j);
    V a = load_partial(d, acc + j, lanes);
    for (int64_t r = 0; r < rows; ++r) {
      a = Op::combine(a, load_partial(d, x + r * stride + j, lanes));
    }
    store_partial(a, d, acc + j, lanes);
  }
}

void deviations(const float* x, int64_t rows, int64_t stride, int64_t width, const float* center,
                float* first, float* second) {
  const F d;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  int64_t j = 0;
  for (; j + 4 * step <= width; j += 4 * step) {
    const V c0 = hn::LoadU(d, center + j), c1 = hn::LoadU(d, center + j + step);
    const V c2 = hn::LoadU(d, center + j + 2 * step), c3 = hn::LoadU(d, center + j + 3 * step);
    V a0 = hn::LoadU(d, first + j), a1 = hn::LoadU(d, first + j + step);
    V a2 = hn::LoadU(d, first + j + 2 * step), a3 = hn::LoadU(d, first + j + 3 * step);
    V b0 = hn::LoadU(d, second + j), b1 = hn::LoadU(d, second + j + step);
    V b2 = hn::LoadU(d, second + j + 2 * step), b3 = hn::LoadU(d, second + j + 3 * step);
    for (int64_t r = 0; r < rows; ++r) {
      const float* at = x + r * stride + j;
      const V x0 = hn::Sub(hn::LoadU(d, at), c0), x1 = hn::Sub(hn::LoadU(d, at + step), c1);
      const V x2 = hn::Sub(hn::LoadU(d, at + 2 * step), c2);
      const V x3 = hn::Sub(hn::LoadU(d, at + 3 * step), c3);
      a0 = hn::Add(a0, x0);
      a1 = hn::Add(a1, x1);
      a2 = hn::Add(a2, x2);
      a3 = hn::Add(a3, x3);
      b0 = hn::MulAdd(x0, x0, b0);
      b1 = hn::MulAdd(x1, x1, b1);
      b2 = hn::MulAdd(x2, x2, b2);
      b3 = hn::MulAdd(x3, x3, b3);
    }
    hn::StoreU(a0, d, first + j);
    hn::StoreU(a1, d, first + j + step);
    hn::StoreU(a2, d, first + j + 2 * step);
    hn::StoreU(a3, d, first + j + 3 * step);
    hn::StoreU(b0, d, second + j);
    hn::StoreU(b1, d, second + j + step);
    hn::StoreU(b2, d, second + j + 2 * step);
    hn::StoreU(b3, d, second + j + 3 * step);
  }
  for (; j < width; j += step) {
    const size_t lanes = std::min(step, width - j);
    const V c = load_partial(d, center + j, lanes);
    V a = load_partial(d, first + j, lanes), b = load_partial(d, second + j, lanes);
    for (int64_t r = 0; r < rows; ++r) {
      const V v = hn::Sub(load_partial(d, x + r * stride + j, lanes), c);
      a = hn::Add(a, v);
      b = hn::MulAdd(v, v, b);
    }
    store_partial(a, d, first + j, lanes);
    store_partial(b, d, second + j, lanes);
  }
}

// Where x replaces the best so far: strictly beyond it, or NaN where the best is none.
template <Extremum extremum>
HWY_INLINE M beats(V x, V best) {
  const M beyond = extremum == Extremum::max ? hn::Gt(x, best) : hn::Lt(x, best);
  return hn::Or(beyond, hn::AndNot(hn::IsNaN(best), hn::IsNaN(x)));
}
template <Extremum extremum>
HWY_INLINE bool beats(float x, float best) {
  const bool beyond = extremum == Extremum::max ? x > best : x < best;
  return beyond || (best == best && x != x);
}

template <Extremum extremum>
HWY_INLINE int32_t arg_row(const float* x, int64_t n) {
  const F d;
  const I di;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  const int64_t lanes = std::min(n, step);
  V best = load_partial(d, x, lanes);
  VI index = hn::Iota(di, 0);
  VI at = index;
  for (int64_t i = step; i < n; i += step) {
    at = hn::Add(at, hn::Set(di, static_cast<int32_t>(step)));
    const size_t rest = std::min(n - i, step);
    const V v = load_partial(d, x + i, rest);
    const M better = hn::And(beats<extremum>(v, best), hn::FirstN(d, rest));
    best = hn::IfThenElse(better, v, best);
    index = hn::IfThenElse(hn::RebindMask(di, better), at, index);
  }
  HWY_ALIGN float values[hn::MaxLanes(d)];
  HWY_ALIGN int32_t indices[hn::MaxLanes(d)];
  hn::Store(best, d, values);
  hn::Store(index, di, indices);
  int64_t winner = 0;
  for (int64_t k = 1; k < lanes; ++k) {
    const bool tie = !beats<extremum>(values[winner], values[k]);
    if (beats<extremum>(values[k], values[winner]) || (tie && indices[k] < indices[winner])) {
      winner = k;
    }
  }
  return indices[winner];
}

template <Extremum extremum>
void arg_rows(const float* x, int64_t rows, int64_t n, int32_t* y) {
  for (int64_t r = 0; r < rows; ++r) y[r] = arg_row<extremum>(x + r * n, n);
}

template <Extremum extremum>
void arg_each_column(const float* x, int64_t rows, int64_t stride, int64_t width, int32_t* y) {
  const F d;
  const I di;
  const int64_t step = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t j = 0; j < width; j += step) {
    const size_t lanes = std::min(step, width - j);
    V best = load_partial(d, x + j, lanes);
    VI index = hn::Zero(di);
    for (int64_t r = 1; r < rows; ++r) {
      const V v = load_partial(d, x + r * stride + j, lanes);
      const M better = beats<extremum>(v, best);
      best = hn::IfThenElse(better, v, best);
      index =
          hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, static_cast<int32_t>(r)), index);
    }
    store_partial(index, di, y + j, lanes);
  }
}

void each_row_of(Reduction reduction, const float* x, int64_t rows, int64_t n, double scale,
                 float* y) {
  switch (reduction) {
    case Reduction::sum: return each_row<Sum>(x, rows, n, scale, y);
    case Reduction::max: return each_row<Max>(x, rows, n, scale, y);
    case Reduction::min: return each_row<Min>(x, rows, n, scale, y);
    case Reduction::prod: return each_row<Prod>(x, rows, n, scale, y);
  }
}

double row_of(Reduction reduction, const float* x, int64_t n) {
  switch (reduction) {
    case Reduction::sum: return row<Sum>(x, n);
    case Reduction::max: return row<Max>(x, n);
    case Reduction::min: return row<Min>(x, n);
    case Reduction::prod: return row<Prod>(x, n);
  }
  return 0.0;
}

void columns_of(Reduction reduction, const float* x, int64_t rows, int64_t stride, int64_t width,
                float* acc) {
  switch (reduction) {
    case Reduction::sum: return columns<Sum>(x, rows, stride, width, acc);
    case Reduction::max: return columns<Max>(x, rows, stride, width, acc);
    case Reduction::min: return columns<Min>(x, rows, stride, width, acc);
    case Reduction::prod: return columns<Prod>(x, rows, stride, width, acc);
  }
}

void arg_rows_of(Extremum extremum, const float* x, int64_t rows, int64_t n, int32_t* y) {
  if (extremum == Extremum::max) return arg_rows<Extremum::max>(x, rows, n, y);
  return arg_rows<Extremum::min>(x, rows, n, y);
}

void arg_columns_of(Extremum extremum, const float* x, int64_t rows, int64_t stride, int64_t width,
                    int32_t* y) {
  if (extremum == Extremum::max) return arg_each_column<Extremum::max>(x, rows, stride, width, y);
  return arg_each_column<Extremum::min>(x, rows, stride, width, y);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(each_row_of);
HWY_EXPORT(row_of);
HWY_EXPORT(columns_of);
HWY_EXPORT(deviations);
HWY_EXPORT(arg_rows_of);
HWY_EXPORT(arg_columns_of);

void reduce_each_row(Reduction reduction, const float* x, int64_t rows, int64_t n, double scale,
                     float* y) {
  HWY_DYNAMIC_DISPATCH(each_row_of)(reduction, x, rows, n, scale, y);
}

double reduce_row(Reduction reduction, const float* x, int64_t n) {
  return HWY_DYNAMIC_DISPATCH(row_of)(reduction, x, n);
}

void reduce_columns(Reduction reduction, const float* x, int64_t rows, int64_t stride,
                    int64_t width, float* acc) {
  HWY_DYNAMIC_DISPATCH(columns_of)(reduction, x, rows, stride, width, acc);
}

void add_deviations(const float* x, int64_t rows, int64_t stride, int64_t width,
                    const float* center, float* first, float* second) {
  HWY_DYNAMIC_DISPATCH(deviations)(x, rows, stride, width, center, first, second);
}

void arg_each_row(Extremum extremum, const float* x, int64_t rows, int64_t n, int32_t* y) {
  HWY_DYNAMIC_DISPATCH(arg_rows_of)(extremum, x, rows, n, y);
}

void arg_columns(Extremum extremum, const float* x, int64_t rows, int64_t stride, int64_t width,
                 int32_t* y) {
  HWY_DYNAMIC_DISPATCH(arg_columns_of)(extremum, x, rows, stride, width, y);
}

}  // namespace luge
#endif  // HWY_ONCE
