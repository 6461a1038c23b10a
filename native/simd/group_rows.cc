#include "simd/group_rows.h"

#include <algorithm>
#include <type_traits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/group_rows.cc"
#include "simd/highway.h"
#include "simd/partial-inl.h"

// Vectors lie along the filters, over several groups at once. A channel meets the filters of its
// own group alone: within a vector of channels it is repeated over the lanes of its group. Where a
// vector has no more lanes than a group has channels, one channel fills it.

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

constexpr int64_t kLanes = hn::MaxLanes(F());
constexpr int kPixels = kManyRegisters ? 8 : 4;
// Elements of the kernel whose sums over all pixels are in registers together.
template <int Size>
constexpr int kTaps = kManyRegisters&& Size == 4 ? 3 : 8 / Size;

// Which lanes a channel of every group is repeated from.
template <int Size>
struct Repeated {
  constexpr Repeated() : lanes{} {
    for (int c = 0; c < Size; ++c) {
      for (int64_t i = 0; i < kLanes; ++i) lanes[c][i] = static_cast<int32_t>(i / Size * Size + c);
    }
  }
  alignas(64) int32_t lanes[Size][kLanes];
};
template <int Size>
constexpr Repeated<Size> kRepeated;

// Channels of one vector, from which to take one of every group.
template <int Size, bool partial>
struct Channels {
  static constexpr bool kSeveralGroups = Size < kLanes;

  HWY_INLINE explicit Channels(const float* x, int64_t before, int64_t channels)
      : group(x - before),
        all(kSeveralGroups ? load_floats<partial>(x, channels) : hn::Zero(F())) {}

  HWY_INLINE V one(int c) const {
    if constexpr (kSeveralGroups) {
      return hn::TableLookupLanes(all, hn::SetTableIndices(F(), kRepeated<Size>.lanes[c]));
    } else {
      return hn::Set(F(), group[c]);
    }
  }

  const float* group;
  V all;
};

// A vector's channels: the first of them, how many of its group are before it, how many there are.
struct Part {
  int64_t first, before, channels;
};

template <int Size, int Pixels, bool partial>
HWY_NOINLINE void sum_taps(const DepthwiseTile& t, const Part& part, const float* HWY_RESTRICT x,
                           const float* HWY_RESTRICT weight, float* HWY_RESTRICT y) {
  const F d;
  V sum[Pixels];
  HWY_UNROLL(8)
  for (int i = 0; i < Pixels; ++i) sum[i] = hn::Zero(d);
  for (int64_t a = 0; a < t.outer.taps; ++a) {
    const float* from = x + a * t.outer.x_tap_step + part.first;
    const float* factor = weight + a * t.outer.weight_tap_step + part.first;
    for (int64_t b = 0; b < t.inner.taps; ++b) {
      HWY_UNROLL(8)
      for (int c = 0; c < Size; ++c) {
        const V w = load_floats<partial>(factor + c * t.channels, part.channels);
        HWY_UNROLL(8)
        for (int i = 0; i < Pixels; ++i) {
          const Channels<Size, partial> pixel(from + i * t.inner.x_step, part.before,
                                              part.channels);
          sum[i] = hn::MulAdd(pixel.one(c), w, sum[i]);
        }
      }
      from += t.inner.x_tap_step;
      factor += t.inner.weight_tap_step;
    }
  }
  y += part.first;
  HWY_UNROLL(8)
  for (int i = 0; i < Pixels; ++i) {
    store_floats<partial>(sum[i], y + i * t.inner.y_step, part.channels);
  }
}

// The same for a number of pixels known at run time, at most Pixels; none for 0.
template <int Size, int Pixels, bool partial>
HWY_INLINE void sum_taps_of_few(int64_t pixels, const DepthwiseTile& t, const Part& part,
                                const float* x, const float* weight, float* y) {
  if constexpr (Pixels > 0) {
    if (pixels == Pixels) {
      sum_taps<Size, Pixels, partial>(t, part, x, weight, y);
    } else {
      sum_taps_of_few<Size, Pixels - 1, partial>(pixels, t, part, x, weight, y);
    }
  }
}

// Calls body(part, std::bool_constant<partial>) for vectors that together are all channels.
template <int Size, class Body>
HWY_INLINE void for_parts(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + kLanes <= channels; c += kLanes) {
    body(Part{c, c % Size, kLanes}, std::bool_constant<false>());
  }
  if (c < channels) body(Part{c, c % Size, channels - c}, std::bool_constant<true>());
}

template <int Size>
HWY_INLINE void rows_of_size(const DepthwiseTile& t, const float* x, const float* weight,
                             float* y) {
  const int64_t x_step = t.inner.x_step, y_step = t.inner.y_step;
  for_parts<Size>(t.channels, [&](const Part& part, auto partial) HWY_ATTR {
    for (int64_t i = 0; i < t.outer.pixels; ++i) {
      const float* from = x + i * t.outer.x_step;
      float* to = y + i * t.outer.y_step;
      int64_t j = 0;
      for (; j + kPixels <= t.inner.pixels; j += kPixels) {
        sum_taps<Size, kPixels, partial()>(t, part, from + j * x_step, weight, to + j * y_step);
      }
      sum_taps_of_few<Size, kPixels - 1, partial()>(t.inner.pixels - j, t, part, from + j * x_step,
                                                    weight, to + j * y_step);
    }
  });
}

// Sums over all pixels for taps [first, first + Taps) of the tile.
template <int Size, int Taps, bool partial>
HWY_NOINLINE void sum_pixels(const DepthwiseTile& t, int64_t first, const Part& part,
                             const float* HWY_RESTRICT x, const float* HWY_RESTRICT dy,
                             float* HWY_RESTRICT dweight) {
  const float* from[Taps];
  float* to[Taps];
  V sum[Taps][Size];
  HWY_UNROLL(8)
  for (int k = 0; k < Taps; ++k) {
    const int64_t a = (first + k) / t.inner.taps, b = (first + k) % t.inner.taps;
    from[k] = x + a * t.outer.x_tap_step + b * t.inner.x_tap_step + part.first;
    to[k] = dweight + a * t.outer.weight_tap_step + b * t.inner.weight_tap_step + part.first;
    HWY_UNROLL(8)
    for (int c = 0; c < Size; ++c)
      sum[k][c] = load_floats<partial>(to[k] + c * t.channels, part.channels);
  }
  for (int64_t i = 0; i < t.outer.pixels; ++i) {
    int64_t offset = i * t.outer.x_step;
    const float* gradient = dy + i * t.outer.y_step + part.first;
    for (int64_t j = 0; j < t.inner.pixels; ++j) {
      const V g = load_floats<partial>(gradient, part.channels);
      HWY_UNROLL(8)
      for (int k = 0; k < Taps; ++k) {
        const Channels<Size, partial> pixel(from[k] + offset, part.before, part.channels);
        HWY_UNROLL(8)
        for (int c = 0; c < Size; ++c) sum[k][c] = hn::MulAdd(pixel.one(c), g, sum[k][c]);
      }
      offset += t.inner.x_step;
      gradient += t.inner.y_step;
    }
  }
  HWY_UNROLL(8)
  for (int k = 0; k < Taps; ++k) {
    HWY_UNROLL(8)
    for (int c = 0; c < Size; ++c) {
      store_floats<partial>(sum[k][c], to[k] + c * t.channels, part.channels);
    }
  }
}

template <int Size>
HWY_INLINE void dweight_rows_of_size(const DepthwiseTile& t, const float* x, const float* dy,
                                     float* dweight) {
  constexpr int kAtOnce = kTaps<Size>;
  const int64_t taps = t.outer.taps * t.inner.taps;
  for_parts<Size>(t.channels, [&](const Part& part, auto partial) HWY_ATTR {
    int64_t first = 0;
    for (; first + kAtOnce <= taps; first += kAtOnce) {
      sum_pixels<Size, kAtOnce, partial()>(t, first, part, x, dy, dweight);
    }
    for (; first < taps; ++first) {
      sum_pixels<Size, 1, partial()>(t, first, part, x, dy, dweight);
    }
  });
}

void rows(int64_t size, const DepthwiseTile& tile, const float* x, const float* weight, float* y) {
  // Taps in the order in which x lies: backwards, memory is half as fast.
  DepthwiseTile t = tile;
  for (DepthwiseAxis* axis : {&t.outer, &t.inner}) {
    if (axis->x_tap_step > 0 || axis->taps == 0) continue;
    x += (axis->taps - 1) * axis->x_tap_step;
    weight += (axis->taps - 1) * axis->weight_tap_step;
    axis->x_tap_step = -axis->x_tap_step;
    axis->weight_tap_step = -axis->weight_tap_step;
  }
  size == 4 ? rows_of_size<4>(t, x, weight, y) : rows_of_size<8>(t, x, weight, y);
}

void dweight_rows(int64_t size, const DepthwiseTile& t, const float* x, const float* dy,
                  float* dweight) {
  size == 4 ? dweight_rows_of_size<4>(t, x, dy, dweight)
            : dweight_rows_of_size<8>(t, x, dy, dweight);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(rows);
HWY_EXPORT(dweight_rows);

void group_rows(int64_t size, const DepthwiseTile& tile, const float* x, const float* weight,
                float* y) {
  HWY_DYNAMIC_DISPATCH(rows)(size, tile, x, weight, y);
}
void group_dweight_rows(int64_t size, const DepthwiseTile& tile, const float* x, const float* dy,
                        float* dweight) {
  HWY_DYNAMIC_DISPATCH(dweight_rows)(size, tile, x, dy, dweight);
}

}  // namespace luge
#endif  // HWY_ONCE
