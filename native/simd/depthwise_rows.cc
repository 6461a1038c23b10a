#include "simd/depthwise_rows.h"

#include <algorithm>
#include <cstdlib>

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/depthwise_rows.cc"
#include "simd/highway.h"
#include "simd/partial-inl.h"

// Vectors lie along the channels, as the images do. A pass keeps the sums of some pixels (or, for
// the gradient, of some weights) in registers, so that the other operand is loaded once for all.
// `partial`: fewer channels than a vector has lanes; otherwise the last vector overlaps the one
// before.

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

constexpr int64_t kLanes = hn::MaxLanes(F());
constexpr int kVectors = 2;
constexpr int kPixels = kManyRegisters ? 8 : 4;
constexpr int kTaps = kManyRegisters ? 9 : 5;

// Asks for what the pass so many pixels further on sees that no pass before it on its line or above
// has seen, and for what it writes.
template <int Pixels>
HWY_INLINE void prefetch_pass(const DepthwiseTile& t, int64_t ahead, const float* x,
                              const float* y) {
  constexpr int64_t kLine = 16;  // floats
  const DepthwiseAxis &outer = t.outer, &inner = t.inner;
  x += std::max<int64_t>(0, (outer.taps - 1) * outer.x_tap_step);
  x += std::max<int64_t>(0, (inner.taps - 1) * inner.x_tap_step);
  const int64_t step = std::min(inner.x_step, std::abs(inner.x_tap_step));
  const int64_t line_step = std::max<int64_t>(1, outer.x_tap_step);
  const int64_t lines = std::clamp<int64_t>(outer.x_step / line_step, 1, outer.taps);
  for (int64_t c = 0; c < kVectors * kLanes; c += kLine) {
    for (int64_t line = 0; line < lines; ++line) {
      const float* from = x + c - line * line_step;
      for (int64_t i = ahead * inner.x_step; i < (ahead + Pixels) * inner.x_step; i += step) {
        hwy::Prefetch(from + i);
      }
    }
    if (t.past_caches) continue;
    for (int64_t i = ahead; i < ahead + Pixels; ++i) hwy::Prefetch(y + i * inner.y_step + c);
  }
}

template <int Pixels, int Vectors, bool partial>
HWY_INLINE void sum_taps(const DepthwiseTile& t, const float* HWY_RESTRICT x,
                         const float* HWY_RESTRICT weight, float* HWY_RESTRICT y) {
  const F d;
  V sum[Pixels][Vectors];
  HWY_UNROLL(8)
  for (int i = 0; i < Pixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) sum[i][v] = hn::Zero(d);
  }
  const int64_t step = t.inner.x_step;
  for (int64_t a = 0; a < t.outer.taps; ++a) {
    const float* from = x + a * t.outer.x_tap_step;
    const float* factor = weight + a * t.outer.weight_tap_step;
    for (int64_t b = 0; b < t.inner.taps; ++b) {
      V w[Vectors];
      HWY_UNROLL(2)
      for (int v = 0; v < Vectors; ++v)
        w[v] = load_floats<partial>(factor + v * kLanes, t.channels);
      HWY_UNROLL(8)
      for (int i = 0; i < Pixels; ++i) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) {
          const V pixel = load_floats<partial>(from + i * step + v * kLanes, t.channels);
          sum[i][v] = hn::MulAdd(pixel, w[v], sum[i][v]);
        }
      }
      from += t.inner.x_tap_step;
      factor += t.inner.weight_tap_step;
    }
  }
  HWY_UNROLL(8)
  for (int i = 0; i < Pixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) {
      store_floats<partial>(sum[i][v], y + i * t.inner.y_step + v * kLanes, t.channels);
    }
  }
}

// The same for kPixels pixels whose neighbours are one tap apart, with `Taps` of these in the inner
// axis. x and y are those of the pixel that sees the first of all, from which the others go on as
// the taps do.
template <int Taps, int Vectors>
HWY_INLINE void slide_taps(const DepthwiseTile& t, const float* HWY_RESTRICT x,
                           const float* HWY_RESTRICT weight, float* HWY_RESTRICT y,
                           int64_t y_step) {
  const F d;
  V sum[kPixels][Vectors];
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) sum[i][v] = hn::Zero(d);
  }
  for (int64_t a = 0; a < t.outer.taps; ++a) {
    const float* from = x + a * t.outer.x_tap_step;
    const float* factor = weight + a * t.outer.weight_tap_step;
    V w[Taps][Vectors];
    HWY_UNROLL(5)
    for (int b = 0; b < Taps; ++b) {
      HWY_UNROLL(2)
      for (int v = 0; v < Vectors; ++v)
        w[b][v] = hn::LoadU(d, factor + b * t.inner.weight_tap_step + v * kLanes);
    }
    HWY_UNROLL(12)
    for (int k = 0; k < kPixels + Taps - 1; ++k) {
      HWY_UNROLL(2)
      for (int v = 0; v < Vectors; ++v) {
        const V pixel = hn::LoadU(d, from + v * kLanes);
        HWY_UNROLL(5)
        for (int b = 0; b < Taps; ++b) {
          const int i = k - b;
          if (i >= 0 && i < kPixels) sum[i][v] = hn::MulAdd(pixel, w[b][v], sum[i][v]);
        }
      }
      from += t.inner.x_tap_step;
    }
  }
  HWY_UNROLL(8)
  for (int i = 0; i < kPixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) {
      float* to = y + i * y_step + v * kLanes;
      t.past_caches ? hn::Stream(sum[i][v], d, to) : hn::StoreU(sum[i][v], d, to);
    }
  }
}

template <int Taps>
HWY_NOINLINE void slide_channels(const DepthwiseTile& t, int64_t begin, int64_t end, int64_t ahead,
                                 const float* x, const float* weight, float* y) {
  // The gradient's taps go from the last pixel back.
  const int64_t first = t.inner.x_tap_step < 0 ? kPixels - 1 : 0;
  const int64_t y_step = first > 0 ? -t.inner.y_step : t.inner.y_step;
  const float* from = x + first * t.inner.x_step;
  float* to = y + first * t.inner.y_step;
  int64_t c = begin;
  for (; c + kVectors * kLanes <= end; c += kVectors * kLanes) {
    if (ahead > 0) prefetch_pass<kPixels>(t, ahead, x + c, y + c);
    slide_taps<Taps, kVectors>(t, from + c, weight + c, to + c, y_step);
  }
  for (; c < end; c += kLanes) {
    const int64_t at = std::min(c, t.channels - kLanes);
    slide_taps<Taps, 1>(t, from + at, weight + at, to + at, y_step);
  }
}

// Channels [begin, end) of some pixels.
template <int Pixels>
HWY_NOINLINE void sum_channels(const DepthwiseTile& t, int64_t begin, int64_t end, int64_t ahead,
                               const float* x, const float* weight, float* y) {
  if (t.channels < kLanes) return sum_taps<Pixels, 1, true>(t, x, weight, y);
  int64_t c = begin;
  for (; c + kVectors * kLanes <= end; c += kVectors * kLanes) {
    if (ahead > 0) prefetch_pass<Pixels>(t, ahead, x + c, y + c);
    sum_taps<Pixels, kVectors, false>(t, x + c, weight + c, y + c);
  }
  for (; c < end; c += kLanes) {
    const int64_t at = std::min(c, t.channels - kLanes);
    sum_taps<Pixels, 1, false>(t, x + at, weight + at, y + at);
  }
}

// The same for a number of pixels known at run time, at most Pixels; none for 0.
template <int Pixels>
HWY_INLINE void sum_channels_of_few(int64_t pixels, const DepthwiseTile& t, int64_t begin,
                                    int64_t end, const float* x, const float* weight, float* y) {
  if constexpr (Pixels > 0) {
    if (pixels == Pixels) {
      sum_channels<Pixels>(t, begin, end, 0, x, weight, y);
    } else {
      sum_channels_of_few<Pixels - 1>(pixels, t, begin, end, x, weight, y);
    }
  }
}

// Sums over all pixels for taps [first, first + Taps) of the tile.
template <int Taps, int Vectors, bool partial>
HWY_INLINE void sum_pixels(const DepthwiseTile& t, int64_t first, const float* HWY_RESTRICT x,
                           const float* HWY_RESTRICT dy, float* HWY_RESTRICT dweight) {
  const float* from[Taps];
  float* to[Taps];
  V sum[Taps][Vectors];
  HWY_UNROLL(9)
  for (int k = 0; k < Taps; ++k) {
    const int64_t a = (first + k) / t.inner.taps, b = (first + k) % t.inner.taps;
    from[k] = x + a * t.outer.x_tap_step + b * t.inner.x_tap_step;
    to[k] = dweight + a * t.outer.weight_tap_step + b * t.inner.weight_tap_step;
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v)
      sum[k][v] = load_floats<partial>(to[k] + v * kLanes, t.channels);
  }
  for (int64_t i = 0; i < t.outer.pixels; ++i) {
    int64_t offset = i * t.outer.x_step;
    const float* gradient = dy + i * t.outer.y_step;
    for (int64_t j = 0; j < t.inner.pixels; ++j) {
      V g[Vectors];
      HWY_UNROLL(2)
      for (int v = 0; v < Vectors; ++v)
        g[v] = load_floats<partial>(gradient + v * kLanes, t.channels);
      HWY_UNROLL(9)
      for (int k = 0; k < Taps; ++k) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) {
          const V pixel = load_floats<partial>(from[k] + offset + v * kLanes, t.channels);
          sum[k][v] = hn::MulAdd(pixel, g[v], sum[k][v]);
        }
      }
      offset += t.inner.x_step;
      gradient += t.inner.y_step;
    }
  }
  HWY_UNROLL(9)
  for (int k = 0; k < Taps; ++k) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v)
      store_floats<partial>(sum[k][v], to[k] + v * kLanes, t.channels);
  }
}

template <int Taps, int Vectors, bool partial>
HWY_INLINE void sum_pixels_of_few(int64_t taps, const DepthwiseTile& t, int64_t first,
                                  const float* x, const float* dy, float* dweight) {
  if constexpr (Taps > 0) {
    if (taps == Taps) {
      sum_pixels<Taps, Vectors, partial>(t, first, x, dy, dweight);
    } else {
      sum_pixels_of_few<Taps - 1, Vectors, partial>(taps, t, first, x, dy, dweight);
    }
  }
}

template <int Vectors, bool partial>
HWY_NOINLINE void sum_rectangle(const DepthwiseTile& t, const float* x, const float* dy,
                                float* dweight) {
  const int64_t taps = t.outer.taps * t.inner.taps;
  int64_t first = 0;
  for (; first + kTaps <= taps; first += kTaps) {
    sum_pixels<kTaps, Vectors, partial>(t, first, x, dy, dweight);
  }
  sum_pixels_of_few<kTaps - 1, Vectors, partial>(taps - first, t, first, x, dy, dweight);
}

void rows(const DepthwiseTile& tile, const float* x, const float* weight, float* y) {
  DepthwiseTile t = tile;
  // So many channels at a time that their weights stay in the first-level cache.
  constexpr int64_t kWeights = 4096, kStep = kVectors * kLanes;
  const int64_t taps = std::max<int64_t>(1, t.outer.taps * t.inner.taps);
  const int64_t block = std::max(kStep, kWeights / taps / kStep * kStep);
  const int64_t x_step = t.inner.x_step, y_step = t.inner.y_step;
  // Wide lines come from memory, ahead of which the processor does not read for itself.
  constexpr int64_t kWide = 4 * kPixels;
  const bool is_wide = t.inner.pixels >= kWide && t.outer.taps * t.inner.taps > 0;
  const bool slides = t.channels >= kLanes && std::abs(t.inner.x_tap_step) == x_step &&
                      (t.inner.taps == 3 || t.inner.taps == 5);
  const auto pass = !slides             ? &sum_channels<kPixels>
                    : t.inner.taps == 3 ? &slide_channels<3>
                                        : &slide_channels<5>;
  t.past_caches &= slides;
  for (int64_t i = 0; i < t.outer.pixels; ++i) {
    const float* from = x + i * t.outer.x_step;
    float* to = y + i * t.outer.y_step;
    for (int64_t begin = 0; begin < t.channels; begin += block) {
      const int64_t end = std::min(t.channels, begin + block);
      int64_t j = 0;
      for (; j + kPixels <= t.inner.pixels; j += kPixels) {
        const int64_t next = std::min(j + kPixels, t.inner.pixels - kPixels);
        pass(t, begin, end, is_wide ? next - j : 0, from + j * x_step, weight, to + j * y_step);
      }
      sum_channels_of_few<kPixels - 1>(t.inner.pixels - j, t, begin, end, from + j * x_step, weight,
                                       to + j * y_step);
    }
  }
  if (t.past_caches) hwy::FlushStream();
}

void dweight_rows(const DepthwiseTile& t, const float* x, const float* dy, float* dweight) {
  int64_t c = 0;
  for (; c + kVectors * kLanes <= t.channels; c += kVectors * kLanes) {
    sum_rectangle<kVectors, false>(t, x + c, dy + c, dweight + c);
  }
  for (; c + kLanes <= t.channels; c += kLanes) {
    sum_rectangle<1, false>(t, x + c, dy + c, dweight + c);
  }
  if (c == t.channels) return;
  DepthwiseTile rest = t;  // no overlap here: what is added twice is wrong
  rest.channels = t.channels - c;
  sum_rectangle<1, true>(rest, x + c, dy + c, dweight + c);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(rows);
HWY_EXPORT(dweight_rows);

void depthwise_rows(const DepthwiseTile& tile, const float* x, const float* weight, float* y) {
  HWY_DYNAMIC_DISPATCH(rows)(tile, x, weight, y);
}
void depthwise_dweight_rows(const DepthwiseTile& tile, const float* x, const float* dy,
                            float* dweight) {
  HWY_DYNAMIC_DISPATCH(dweight_rows)(tile, x, dy, dweight);
}

}  // namespace luge
#endif  // HWY_ONCE
