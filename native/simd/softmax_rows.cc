#include "simd/softmax_rows.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/softmax_rows.cc"
#include "simd/highway.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// Calls visit(i, lanes) for every vector of a row: all lanes, then what is left.
template <class Visit>
HWY_INLINE void each_vector(int64_t n, Visit visit) {
  const int64_t step = static_cast<int64_t>(hn::Lanes(F()));
  for (int64_t i = 0; i < n; i += step) visit(i, static_cast<size_t>(std::min(step, n - i)));
}

HWY_INLINE V load(const float* x, size_t lanes) {
  return lanes == hn::Lanes(F()) ? hn::LoadU(F(), x) : load_partial(F(), x, lanes);
}
HWY_INLINE void store(V v, float* y, size_t lanes) {
  if (lanes == hn::Lanes(F())) {
    hn::StoreU(v, F(), y);
  } else {
    store_partial(v, F(), y, lanes);
  }
}
HWY_INLINE V first_lanes(V v, size_t lanes) {
  return hn::IfThenElseZero(hn::FirstN(F(), lanes), v);
}

// The sum of term(i, lanes) over a row, in double every 1024 elements.
template <class Term>
HWY_INLINE double sum_over(int64_t n, Term term) {
  constexpr int64_t kBlock = 1024;
  double total = 0.0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    V sum = hn::Zero(F());
    each_vector(std::min(kBlock, n - begin), [&](int64_t i, size_t lanes) HWY_ATTR {
      sum = hn::Add(sum, first_lanes(term(begin + i, lanes), lanes));
    });
    total += hn::GetLane(hn::SumOfLanes(F(), sum));
  }
  return total;
}

// NaN does not count: it comes back with the exponentials.
HWY_INLINE float max_of(const float* x, int64_t n) {
  V most = constant(-kInfinity);
  each_vector(n, [&](int64_t i, size_t lanes) HWY_ATTR {
    const V v = load(x + i, lanes);
    most = hn::IfThenElse(hn::And(hn::Gt(v, most), hn::FirstN(F(), lanes)), v, most);
  });
  return hn::GetLane(hn::MaxOfLanes(F(), most));
}

HWY_INLINE double sum_exp(const float* x, int64_t n, float shift) {
  return sum_over(n, [&](int64_t i, size_t lanes)
                         HWY_ATTR { return exp_of(hn::Sub(load(x + i, lanes), constant(shift))); });
}

template <class Function>
HWY_INLINE void transform(int64_t n, float* y, Function f) {
  each_vector(n, [&](int64_t i, size_t lanes) HWY_ATTR { store(f(i, lanes), y + i, lanes); });
}

void softmax(const float* x, int64_t rows, int64_t n, float* y) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const V shift = constant(max_of(x, n));
    const double sum = sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR {
      const V e = exp_of(hn::Sub(load(x + i, lanes), shift));
      store(e, y + i, lanes);
      return e;
    });
    const V scale = constant(static_cast<float>(1.0 / sum));
    transform(n, y,
              [&](int64_t i, size_t lanes) HWY_ATTR { return hn::Mul(load(y + i, lanes), scale); });
  }
}

void log_softmax(const float* x, int64_t rows, int64_t n, float* y) {
  for (int64_t r = 0; r < rows; ++r, x += n, y += n) {
    const float most = max_of(x, n);
    const V shift = constant(most);
    const V log_sum = constant(static_cast<float>(std::log(sum_exp(x, n, most))));
    transform(n, y, [&](int64_t i, size_t lanes) HWY_ATTR {
      return hn::Sub(hn::Sub(load(x + i, lanes), shift), log_sum);
    });
  }
}

void softmax_dx(const float* dy, const float* y, int64_t rows, int64_t n, float* dx) {
  for (int64_t r = 0; r < rows; ++r, dy += n, y += n, dx += n) {
    const double dot = sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR {
      return hn::Mul(load(dy + i, lanes), load(y + i, lanes));
    });
    const V shift = constant(static_cast<float>(dot));
    transform(n, dx, [&](int64_t i, size_t lanes) HWY_ATTR {
      return hn::Mul(load(y + i, lanes), hn::Sub(load(dy + i, lanes), shift));
    });
  }
}

void log_softmax_dx(const float* dy, const float* y, int64_t rows, int64_t n, float* dx) {
  for (int64_t r = 0; r < rows; ++r, dy += n, y += n, dx += n) {
    const double total =
        sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR { return load(dy + i, lanes); });
    const V sum = constant(static_cast<float>(total));
    transform(n, dx, [&](int64_t i, size_t lanes) HWY_ATTR {
      return hn::NegMulAdd(exp_of(load(y + i, lanes)), sum, load(dy + i, lanes));
    });
  }
}

int64_t class_of(const Labels& labels, int64_t row) {
  return labels.dtype == DType::uint8 ? static_cast<const uint8_t*>(labels.data)[row]
                                      : static_cast<const int32_t*>(labels.data)[row];
}

void cross_entropy(const float* x, const Labels& labels, int64_t first_row, int64_t rows, int64_t n,
                   float* loss) {
  for (int64_t r = first_row; r < first_row + rows; ++r) {
    const float* logits = x + r * n;
    const float most = max_of(logits, n);
    const double log_sum = std::log(sum_exp(logits, n, most));
    if (labels.sparse) {
      const int64_t k = class_of(labels, r);
      loss[r] = k < 0 || k >= n ? kNaN : static_cast<float>(log_sum - (logits[k] - most));
      continue;
    }
    const float* target = static_cast<const float*>(labels.data) + r * n;
    const double weight =
        sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR { return load(target + i, lanes); });
    const double dot = sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR {
      const V t = load(target + i, lanes);
      const V shifted = hn::Sub(load(logits + i, lanes), constant(most));
      return hn::IfThenZeroElse(hn::Eq(t, hn::Zero(F())), hn::Mul(t, shifted));
    });
    loss[r] = static_cast<float>(log_sum * weight - dot);
  }
}

void cross_entropy_dx(const float* x, const Labels& labels, const float* dloss, int64_t first_row,
                      int64_t rows, int64_t n, float* dx) {
  for (int64_t r = first_row; r < first_row + rows; ++r) {
    float* out = dx + r * n;
    if (labels.sparse) {
      const int64_t k = class_of(labels, r);
      if (k < 0 || k >= n) {
        std::fill_n(out, n, kNaN);
        continue;
      }
      softmax(x + r * n, 1, n, out);
      out[k] -= 1.0f;
      transform(n, out, [&](int64_t i, size_t lanes) HWY_ATTR {
        return hn::Mul(load(out + i, lanes), constant(dloss[r]));
      });
      continue;
    }
    const float* target = static_cast<const float*>(labels.data) + r * n;
    const double total =
        sum_over(n, [&](int64_t i, size_t lanes) HWY_ATTR { return load(target + i, lanes); });
    const V weight = constant(static_cast<float>(total));
    softmax(x + r * n, 1, n, out);
    transform(n, out, [&](int64_t i, size_t lanes) HWY_ATTR {
      const V p = load(out + i, lanes);
      return hn::Mul(hn::MulSub(p, weight, load(target + i, lanes)), constant(dloss[r]));
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(softmax);
HWY_EXPORT(log_softmax);
HWY_EXPORT(softmax_dx);
HWY_EXPORT(log_softmax_dx);
HWY_EXPORT(cross_entropy);
HWY_EXPORT(cross_entropy_dx);

void softmax_rows(const float* x, int64_t rows, int64_t n, float* y) {
  HWY_DYNAMIC_DISPATCH(softmax)(x, rows, n, y);
}
void log_softmax_rows(const float* x, int64_t rows, int64_t n, float* y) {
  HWY_DYNAMIC_DISPATCH(log_softmax)(x, rows, n, y);
}
void softmax_dx_rows(const float* dy, const float* y, int64_t rows, int64_t n, float* dx) {
  HWY_DYNAMIC_DISPATCH(softmax_dx)(dy, y, rows, n, dx);
}
void log_softmax_dx_rows(const float* dy, const float* y, int64_t rows, int64_t n, float* dx) {
  HWY_DYNAMIC_DISPATCH(log_softmax_dx)(dy, y, rows, n, dx);
}
void cross_entropy_rows(const float* x, const Labels& labels, int64_t first_row, int64_t rows,
                        int64_t n, float* loss) {
  HWY_DYNAMIC_DISPATCH(cross_entropy)(x, labels, first_row, rows, n, loss);
}
void cross_entropy_dx_rows(const float* x, const Labels& labels, const float* dloss,
                           int64_t first_row, int64_t rows, int64_t n, float* dx) {
  HWY_DYNAMIC_DISPATCH(cross_entropy_dx)(x, labels, dloss, first_row, rows, n, dx);
}

}  // namespace luge
#endif  // HWY_ONCE
