#include "simd/winograd_transform.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/winograd_transform.cc"
#include "simd/highway.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

HWY_INLINE V set(float x) { return hn::Set(F(), x); }

constexpr float kA = 0.70710678f;  // points a and b: a^2 = 1/2, b^2 = 2, a b = 1
constexpr float kB = 1.41421356f;

constexpr float kScaleA = -2.0f / 3;  // of what is taken at +-a
constexpr float kScaleB = 1.0f / 6;   // and at +-b

// The parts of a polynomial at +-a and at +-b that are even and odd there.
struct Pairs {
  V even_a, odd_a, even_b, odd_b;
};

// Its values at these points.
HWY_INLINE void put_pairs(const Pairs& p, V* y) {
  y[1] = hn::Add(p.even_a, p.odd_a);
  y[2] = hn::Sub(p.even_a, p.odd_a);
  y[3] = hn::Add(p.even_b, p.odd_b);
  y[4] = hn::Sub(p.even_b, p.odd_b);
}

// The other way around, with the weight's scales.
HWY_INLINE Pairs scaled_pairs(const V* x) {
  return {
      hn::Mul(set(kScaleA), hn::Add(x[1], x[2])), hn::Mul(set(kScaleA * kA), hn::Sub(x[1], x[2])),
      hn::Mul(set(kScaleB), hn::Add(x[3], x[4])), hn::Mul(set(kScaleB * kB), hn::Sub(x[3], x[4]))};
}

// One dimension of each transform: x[In] -> y[Out]. The numbers are those of points, or of outputs
// and elements of the kernel.

struct Input4 {
  static constexpr int kIn = 4, kOut = 4;
  static HWY_INLINE void apply(const V* x, V* y) {
    y[0] = hn::Sub(x[0], x[2]);
    y[1] = hn::Add(x[1], x[2]);
    y[2] = hn::Sub(x[2], x[1]);
    y[3] = hn::Sub(x[3], x[1]);
  }
};

struct Weight2x3 {
  static constexpr int kIn = 3, kOut = 4;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V half = set(0.5f);
    const V even = hn::Mul(half, hn::Add(x[0], x[2]));
    const V odd = hn::Mul(half, x[1]);
    y[0] = x[0];
    y[1] = hn::Add(even, odd);
    y[2] = hn::Sub(even, odd);
    y[3] = x[2];
  }
};

struct Output2x3 {
  static constexpr int kIn = 4, kOut = 2;
  static HWY_INLINE void apply(const V* x, V* y) {
    y[0] = hn::Add(x[0], hn::Add(x[1], x[2]));
    y[1] = hn::Add(x[3], hn::Sub(x[1], x[2]));
  }
};

struct Dy2x3 {
  static constexpr int kIn = 2, kOut = 4;
  static HWY_INLINE void apply(const V* x, V* y) {
    y[0] = x[0];
    y[1] = hn::Add(x[0], x[1]);
    y[2] = hn::Sub(x[0], x[1]);
    y[3] = x[1];
  }
};

struct Dweight2x3 {
  static constexpr int kIn = 4, kOut = 3;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V half = set(0.5f);
    const V even = hn::Mul(half, hn::Add(x[1], x[2]));
    y[0] = hn::Add(x[0], even);
    y[1] = hn::Mul(half, hn::Sub(x[1], x[2]));
    y[2] = hn::Add(x[3], even);
  }
};

struct Input6 {
  static constexpr int kIn = 6, kOut = 6;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V even_a = hn::NegMulAdd(set(2.0f), x[2], x[4]);
    const V odd_a = hn::Mul(set(kA), hn::NegMulAdd(set(2.0f), x[1], x[3]));
    const V even_b = hn::NegMulAdd(set(0.5f), x[2], x[4]);
    const V odd_b = hn::Mul(set(kB), hn::NegMulAdd(set(0.5f), x[1], x[3]));
    y[0] = hn::Add(x[0], hn::NegMulAdd(set(2.5f), x[2], x[4]));
    put_pairs({even_a, odd_a, even_b, odd_b}, y);
    y[5] = hn::Add(x[1], hn::NegMulAdd(set(2.5f), x[3], x[5]));
  }
};

struct Weight4x3 {
  static constexpr int kIn = 3, kOut = 6;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V even_a = hn::Mul(set(kScaleA), hn::MulAdd(set(0.5f), x[2], x[0]));
    const V odd_a = hn::Mul(set(kScaleA * kA), x[1]);
    const V even_b = hn::Mul(set(kScaleB), hn::MulAdd(set(2.0f), x[2], x[0]));
    const V odd_b = hn::Mul(set(kScaleB * kB), x[1]);
    y[0] = x[0];
    put_pairs({even_a, odd_a, even_b, odd_b}, y);
    y[5] = x[2];
  }
};

struct Output4x3 {
  static constexpr int kIn = 6, kOut = 4;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V even_a = hn::Add(x[1], x[2]);
    const V odd_a = hn::Mul(set(kA), hn::Sub(x[1], x[2]));
    const V even_b = hn::Add(x[3], x[4]);
    const V odd_b = hn::Mul(set(kB), hn::Sub(x[3], x[4]));
    y[0] = hn::Add(x[0], hn::Add(even_a, even_b));
    y[1] = hn::Add(odd_a, odd_b);
    y[2] = hn::MulAdd(set(0.5f), even_a, hn::Mul(set(2.0f), even_b));
    y[3] = hn::Add(x[5], hn::MulAdd(set(0.5f), odd_a, hn::Mul(set(2.0f), odd_b)));
  }
};

struct Dy4x3 {
  static constexpr int kIn = 4, kOut = 6;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V even_a = hn::MulAdd(set(0.5f), x[2], x[0]);
    const V odd_a = hn::Mul(set(kA), hn::MulAdd(set(0.5f), x[3], x[1]));
    const V even_b = hn::MulAdd(set(2.0f), x[2], x[0]);
    const V odd_b = hn::Mul(set(kB), hn::MulAdd(set(2.0f), x[3], x[1]));
    y[0] = x[0];
    put_pairs({even_a, odd_a, even_b, odd_b}, y);
    y[5] = x[3];
  }
};

struct Dweight4x3 {
  static constexpr int kIn = 6, kOut = 3;
  static HWY_INLINE void apply(const V* x, V* y) {
    const auto [even_a, odd_a, even_b, odd_b] = scaled_pairs(x);
    y[0] = hn::Add(x[0], hn::Add(even_a, even_b));
    y[1] = hn::Add(odd_a, odd_b);
    y[2] = hn::Add(x[5], hn::MulAdd(set(0.5f), even_a, hn::Mul(set(2.0f), even_b)));
  }
};

struct Weight2x5 {
  static constexpr int kIn = 5, kOut = 6;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V sum_a = hn::MulAdd(set(0.5f), hn::MulAdd(set(0.5f), x[4], x[2]), x[0]);
    const V sum_b = hn::MulAdd(set(2.0f), hn::MulAdd(set(2.0f), x[4], x[2]), x[0]);
    const V even_a = hn::Mul(set(kScaleA), sum_a);
    const V odd_a = hn::Mul(set(kScaleA * kA), hn::MulAdd(set(0.5f), x[3], x[1]));
    const V even_b = hn::Mul(set(kScaleB), sum_b);
    const V odd_b = hn::Mul(set(kScaleB * kB), hn::MulAdd(set(2.0f), x[3], x[1]));
    y[0] = x[0];
    put_pairs({even_a, odd_a, even_b, odd_b}, y);
    y[5] = x[4];
  }
};

struct Output2x5 {
  static constexpr int kIn = 6, kOut = 2;
  static HWY_INLINE void apply(const V* x, V* y) {
    const V odd_a = hn::Mul(set(kA), hn::Sub(x[1], x[2]));
    const V odd_b = hn::Mul(set(kB), hn::Sub(x[3], x[4]));
    y[0] = hn::Add(x[0], hn::Add(hn::Add(x[1], x[2]), hn::Add(x[3], x[4])));
    y[1] = hn::Add(x[5], hn::Add(odd_a, odd_b));
  }
};

struct Dy2x5 {
  static constexpr int kIn = 2, kOut = 6;
  static HWY_INLINE void apply(const V* x, V* y) {
    y[0] = x[0];
    y[1] = hn::MulAdd(set(kA), x[1], x[0]);
    y[2] = hn::NegMulAdd(set(kA), x[1], x[0]);
    y[3] = hn::MulAdd(set(kB), x[1], x[0]);
    y[4] = hn::NegMulAdd(set(kB), x[1], x[0]);
    y[5] = x[1];
  }
};

struct Dweight2x5 {
  static constexpr int kIn = 6, kOut = 5;
  static HWY_INLINE void apply(const V* x, V* y) {
    const auto [even_a, odd_a, even_b, odd_b] = scaled_pairs(x);
    y[0] = hn::Add(x[0], hn::Add(even_a, even_b));
    y[1] = hn::Add(odd_a, odd_b);
    y[2] = hn::MulAdd(set(0.5f), even_a, hn::Mul(set(2.0f), even_b));
    y[3] = hn::MulAdd(set(0.5f), odd_a, hn::Mul(set(2.0f), odd_b));
    y[4] = hn::Add(x[5], hn::MulAdd(set(0.25f), even_a, hn::Mul(set(4.0f), even_b)));
  }
};

template <class T>
HWY_INLINE bool is_whole(const WinogradSquare<T>& s, int size) {
  return s.row_begin <= 0 && s.row_end >= size && s.column_begin <= 0 && s.column_end >= size;
}
template <class T>
HWY_INLINE bool contains(const WinogradSquare<T>& s, int i, int j) {
  return i >= s.row_begin && i < s.row_end && j >= s.column_begin && j < s.column_end;
}

// Columns, then rows, for one vector of channels from c on; n lanes of it count.
template <class T, bool whole, bool partial>
HWY_INLINE void transform_vector(const WinogradSquare<const float>& from,
                                 const WinogradSquare<float>& to, int64_t c, size_t n) {
  const F d;
  constexpr int in = T::kIn, out = T::kOut;
  V between[out][in];
  HWY_UNROLL(6)
  for (int j = 0; j < in; ++j) {
    V x[in];
    V y[out];
    HWY_UNROLL(6)
    for (int i = 0; i < in; ++i) {
      const float* p = from.data + i * from.row_step + j * from.column_step + c;
      if (!whole && !contains(from, i, j)) {
        x[i] = hn::Zero(d);
      } else {
        x[i] = partial ? load_partial(d, p, n) : hn::LoadU(d, p);
      }
    }
    T::apply(x, y);
    HWY_UNROLL(6)
    for (int i = 0; i < out; ++i) between[i][j] = y[i];
  }
  HWY_UNROLL(6)
  for (int i = 0; i < out; ++i) {
    V y[out];
    T::apply(between[i], y);
    HWY_UNROLL(6)
    for (int j = 0; j < out; ++j) {
      if (!whole && !contains(to, i, j)) continue;
      float* p = to.data + i * to.row_step + j * to.column_step + c;
      if (partial) {
        store_partial(y[j], d, p, n);
      } else {
        hn::StoreU(y[j], d, p);
      }
    }
  }
}

template <class T, bool whole>
HWY_INLINE void transform_channels(const WinogradSquare<const float>& from,
                                   const WinogradSquare<float>& to, int64_t channels) {
  const int64_t lanes = hn::Lanes(F());
  int64_t c = 0;
  for (; c + lanes <= channels; c += lanes) transform_vector<T, whole, false>(from, to, c, lanes);
  if (c < channels) transform_vector<T, whole, true>(from, to, c, channels - c);
}

template <class T>
HWY_NOINLINE void transform(const WinogradSquare<const float>& from,
                            const WinogradSquare<float>& to, int64_t channels) {
  if (is_whole(from, T::kIn) && is_whole(to, T::kOut)) {
    transform_channels<T, true>(from, to, channels);
  } else {
    transform_channels<T, false>(from, to, channels);
  }
}

template <class Weight, class Output, class Dy, class Dweight>
void transform_kind(WinogradTransform kind, const WinogradSquare<const float>& from,
                    const WinogradSquare<float>& to, int64_t channels) {
  using Input = std::conditional_t<Weight::kOut == 4, Input4, Input6>;
  switch (kind) {
    case WinogradTransform::input: return transform<Input>(from, to, channels);
    case WinogradTransform::weight: return transform<Weight>(from, to, channels);
    case WinogradTransform::output: return transform<Output>(from, to, channels);
    case WinogradTransform::dy: return transform<Dy>(from, to, channels);
    case WinogradTransform::dweight: return transform<Dweight>(from, to, channels);
  }
}

void transform_any(WinogradSizes sizes, WinogradTransform kind,
                   const WinogradSquare<const float>& from, const WinogradSquare<float>& to,
                   int64_t channels) {
  if (sizes.kernel == 5) {
    transform_kind<Weight2x5, Output2x5, Dy2x5, Dweight2x5>(kind, from, to, channels);
  } else if (sizes.tile == 4) {
    transform_kind<Weight4x3, Output4x3, Dy4x3, Dweight4x3>(kind, from, to, channels);
  } else {
    transform_kind<Weight2x3, Output2x3, Dy2x3, Dweight2x3>(kind, from, to, channels);
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(transform_any);

void winograd_transform(WinogradSizes sizes, WinogradTransform kind,
                        const WinogradSquare<const float>& from, const WinogradSquare<float>& to,
                        int64_t channels) {
  HWY_DYNAMIC_DISPATCH(transform_any)(sizes, kind, from, to, channels);
}

}  // namespace luge
#endif  // HWY_ONCE
