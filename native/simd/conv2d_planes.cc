#include "simd/conv2d_planes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/conv2d_planes.cc"
#include "simd/highway.h"
#include "simd/largest-inl.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"
#include "simd/pooled_planes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// A single lane has no pairs of columns to compare.
#if HWY_TARGET == HWY_SCALAR

namespace {
bool fit(int64_t) { return false; }
void max_pool_line(const PlanesLine&, const float*, const float*, float*, uint8_t*, float*) {}
}  // namespace

#else

namespace {

using Half = hn::Half<F>;

constexpr int64_t kLanes = hn::MaxLanes(F());
constexpr int64_t kHalf = kLanes / 2;
// Sums that the registers hold, next to a line and a weight: 24 of 32, or 12 of 16.
constexpr int kSums = kManyRegisters ? 24 : 12;

// The windows over two lines side by side of a vector's width: the first of a window's columns are
// in `even`, the second in `odd`, the upper line in the lower lanes.
template <bool kIndex, class D, class Larger>
HWY_INLINE Largest<hn::Half<D>> pool(D d, hn::Vec<D> even, hn::Vec<D> odd, Larger larger) {
  const hn::Half<D> half;
  const hn::Rebind<int32_t, D> di;
  const hn::Rebind<int32_t, hn::Half<D>> half_i;
  const auto below = hn::Set(half_i, 2);
  const auto positions = hn::Combine(di, below, hn::Zero(half_i));
  const Largest<D> columns =
      largest<kIndex>(d, {even, positions}, {odd, hn::Add(positions, hn::Set(di, 1))}, larger);
  return largest<kIndex>(
      half, {hn::LowerHalf(half, columns.value), hn::LowerHalf(half_i, columns.index)},
      {hn::UpperHalf(half, columns.value), hn::UpperHalf(half_i, columns.index)}, larger);
}

// Where the vectors of a piece of a line begin. A tail of half a vector is taken together with that
// of the line below.
struct Piece {
  int64_t first, second, tail;
};

// Vectors of sums: of two lines for each whole vector, of both lines for the tail.
template <int Whole, bool Tail>
constexpr int kVectors = 2 * Whole + Tail;

template <bool kIndex, int Filters, int Whole, bool Tail, class Larger>
HWY_INLINE void pool_sums(const V (&sums)[Filters][kVectors<Whole, Tail>], const Piece& piece,
                          const Planes& out, Larger larger) {
  const F d;
  HWY_UNROLL(12)
  for (int f = 0; f < Filters; ++f) {
    const V* sum = sums[f];
    const Planes row = out.plane(f);
    for (int w = 0; w < Whole; ++w) {
      const V even = hn::ConcatEven(d, sum[2 * w + 1], sum[2 * w]);
      const V odd = hn::ConcatOdd(d, sum[2 * w + 1], sum[2 * w]);
      store<kIndex>(Half(), pool<kIndex>(d, even, odd, larger),
                    row.from((w == 0 ? piece.first : piece.second) / 2));
    }
    if (Tail) {
      const Half half;
      const V both = sum[2 * Whole];
      const auto even = hn::LowerHalf(half, hn::ConcatEven(d, both, both));
      const auto odd = hn::LowerHalf(half, hn::ConcatOdd(d, both, both));
      store<kIndex>(hn::Half<Half>(), pool<kIndex>(half, even, odd, larger),
                    row.from(piece.tail / 2));
    }
  }
}

template <int Filters, int Whole, bool Tail>
HWY_NOINLINE void pool_piece(const PlanesLine& s, const float* HWY_RESTRICT x, const Piece& piece,
                             const float* HWY_RESTRICT weight, const Planes& out) {
  const F d;
  const Half half;
  constexpr int kCount = kVectors<Whole, Tail>;
  V sums[Filters][kCount];
  HWY_UNROLL(12)
  for (int f = 0; f < Filters; ++f) {
    HWY_UNROLL(5)
    for (int v = 0; v < kCount; ++v) sums[f][v] = hn::Zero(d);
  }
  for (int64_t p = 0; p < s.depth; ++p) {
    const float* from = x + s.taps[p];
    const float* below = from + s.line_step;
    V pixels[kCount];
    if (Whole > 0) {
      pixels[0] = hn::LoadU(d, from + piece.first);
      pixels[1] = hn::LoadU(d, below + piece.first);
    }
    if (Whole > 1) {
      pixels[2] = hn::LoadU(d, from + piece.second);
      pixels[3] = hn::LoadU(d, below + piece.second);
    }
    if (Tail) {
      pixels[2 * Whole] =
          hn::Combine(d, hn::LoadU(half, below + piece.tail), hn::LoadU(half, from + piece.tail));
    }
    HWY_UNROLL(12)
    for (int f = 0; f < Filters; ++f) {
      const V w = hn::Set(d, weight[p * s.filters + f]);
      HWY_UNROLL(5)
      for (int v = 0; v < kCount; ++v) sums[f][v] = hn::MulAdd(pixels[v], w, sums[f][v]);
    }
  }
  // NaN, which compares as nothing does, shows in a sum.
  V all = hn::Zero(d);
  HWY_UNROLL(12)
  for (int f = 0; f < Filters; ++f) {
    V some = sums[f][0];
    HWY_UNROLL(5)
    for (int v = 1; v < kCount; ++v) some = hn::Add(some, sums[f][v]);
    all = hn::Add(all, some);
  }
  if (HWY_UNLIKELY(!hn::AllFalse(d, hn::IsNaN(all)))) {
    out.index ? pool_sums<true, Filters, Whole, Tail>(sums, piece, out, LargerOrNaN())
              : pool_sums<false, Filters, Whole, Tail>(sums, piece, out, LargerOrNaN());
  } else if (out.index) {
    pool_sums<true, Filters, Whole, Tail>(sums, piece, out, LargerNumber());
  } else {
    pool_sums<false, Filters, Whole, Tail>(sums, piece, out, LargerNumber());
  }
}

// For a number of filters known at run time.
template <int Filters, int Whole, bool Tail>
HWY_INLINE void pool_some(int64_t count, const PlanesLine& s, const float* x, const Piece& piece,
                          const float* weight, const Planes& out) {
  if constexpr (Filters > 0) {
    if (count == Filters) return pool_piece<Filters, Whole, Tail>(s, x, piece, weight, out);
    pool_some<Filters - 1, Whole, Tail>(count, s, x, piece, weight, out);
  }
}

// A piece of the line for all filters, as many at a time as there are registers for.
template <int Whole, bool Tail>
void pool_filters(const PlanesLine& s, const float* x, const Piece& piece, const float* weight,
                  const Planes& out) {
  constexpr int kMost = kSums / kVectors<Whole, Tail>;
  const int64_t passes = (s.filters + kMost - 1) / kMost;
  for (int64_t pass = 0; pass < passes; ++pass) {
    const int64_t first = s.filters * pass / passes;
    const int64_t count = s.filters * (pass + 1) / passes - first;
    pool_some<kMost, Whole, Tail>(count, s, x, piece, weight + first, out.plane(first));
  }
}

// Two whole vectors at a time; what is left over at the end is the last half or whole vector.
void pool_pieces(const PlanesLine& s, const float* x, const float* weight, const Planes& out) {
  const int64_t pixels = 2 * s.columns;
  const int64_t rest = pixels % kLanes;
  const bool tail = rest > 0 && rest <= kHalf;
  const int64_t whole = pixels / kLanes + (rest > kHalf);
  const auto begin = [&](int64_t v) { return std::min(v * kLanes, pixels - kLanes); };
  int64_t v = 0;
  for (; whole - v >= 2 && !(tail && whole - v == 2); v += 2) {
    pool_filters<2, false>(s, x, {begin(v), begin(v + 1), 0}, weight, out);
  }
  const Piece last{begin(v), begin(v + 1), pixels - kHalf};
  if (whole - v == 2) {
    pool_filters<2, true>(s, x, last, weight, out);
  } else if (whole - v == 1) {
    tail ? pool_filters<1, true>(s, x, last, weight, out)
         : pool_filters<1, false>(s, x, last, weight, out);
  }
}

void max_pool_line(const PlanesLine& s, const float* x, const float* weight, float* y,
                   uint8_t* index, float* buffer) {
  // Room for whole squares of 4x4 beyond the last filter and column.
  const int64_t step = s.columns + 16;
  const int64_t size = step * (s.filters + 4);
  const Planes planes{buffer, index ? buffer + size : nullptr, step};
  pool_pieces(s, x, weight, planes);
  write_planes(planes, s.filters, s.columns, y, index, buffer + 2 * size);
}

bool fit(int64_t columns) { return 2 * columns >= kLanes; }

}  // namespace
#endif  // HWY_TARGET == HWY_SCALAR
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(fit);
HWY_EXPORT(max_pool_line);

bool planes_fit(int64_t columns) { return HWY_DYNAMIC_DISPATCH(fit)(columns); }

void planes_max_pool_line(const PlanesLine& line, const float* x, const float* weight, float* y,
                          uint8_t* index, float* buffer) {
  HWY_DYNAMIC_DISPATCH(max_pool_line)(line, x, weight, y, index, buffer);
}

}  // namespace luge
#endif  // HWY_ONCE
