#include "simd/group_planes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/group_planes.cc"
#include "simd/highway.h"
#include "simd/partial-inl.h"
#include "simd/transpose-inl.h"

// Vectors lie along the filters.

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

constexpr int64_t kLanes = hn::MaxLanes(F());
constexpr int kTaps = kGroupPlanesWidth;
// Sums that the registers hold next to the weights of a line of the kernel, or to pixels.
template <int Vectors>
constexpr int kPixels = kManyRegisters ? (Vectors == 1 ? 14 : 10) : (Vectors == 1 ? 8 : 4);
constexpr int kChannels = kManyRegisters ? 8 : 4;

void planes(int64_t pixels, int64_t channels, const float* x, int64_t plane, float* out) {
  constexpr int64_t kBlock = 16;  // channels, whose planes stay in the first-level cache
  constexpr int64_t kAhead = 4 * kBlock;
  const int64_t whole = pixels / kSquare * kSquare;
  for (int64_t first = 0; first < channels; first += kBlock) {
    const int64_t end = std::min(channels, first + kBlock);
    for (int64_t i = 0; i < pixels; ++i) __builtin_prefetch(x + i * channels + first + kAhead);
    for (int64_t i = 0; i < whole; i += kSquare) {
      for (int64_t c = first; c < end; c += kSquare) {
        transpose_square(x + i * channels + c, channels, out + c * plane + i, plane);
      }
    }
    for (int64_t i = whole; i < pixels; ++i) {
      for (int64_t c = first; c < end; ++c) out[c * plane + i] = x[i * channels + c];
    }
  }
}

template <int Pixels, int Vectors>
HWY_NOINLINE void convolve(const GroupPlanes& s, const float* HWY_RESTRICT x,
                           const float* HWY_RESTRICT weight, float* HWY_RESTRICT y) {
  const F d;
  V sum[Pixels][Vectors];
  HWY_UNROLL(14)
  for (int i = 0; i < Pixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) {
      sum[i][v] = hn::Zero(d);
      __builtin_prefetch(y + i * s.y_pixel + v * kLanes, 1);  // written far apart
    }
  }
  for (int64_t a = 0; a < s.kh; ++a) {
    const float* from = x + a * s.x_tap;
    for (int64_t c = 0; c < s.channels; ++c, from += s.x_channel) {
      V w[kTaps][Vectors];
      HWY_UNROLL(3)
      for (int b = 0; b < kTaps; ++b, weight += s.filters) {
        HWY_UNROLL(2)
        for (int v = 0; v < Vectors; ++v) w[b][v] = hn::LoadU(d, weight + v * kLanes);
      }
      HWY_UNROLL(16)
      for (int i = 0; i < Pixels + kTaps - 1; ++i) {
        const V pixel = hn::Set(d, from[i]);
        HWY_UNROLL(3)
        for (int b = 0; b < kTaps; ++b) {
          if (i < b || i - b >= Pixels) continue;
          HWY_UNROLL(2)
          for (int v = 0; v < Vectors; ++v) {
            sum[i - b][v] = hn::MulAdd(pixel, w[b][v], sum[i - b][v]);
          }
        }
      }
    }
  }
  HWY_UNROLL(14)
  for (int i = 0; i < Pixels; ++i) {
    HWY_UNROLL(2)
    for (int v = 0; v < Vectors; ++v) hn::StoreU(sum[i][v], d, y + i * s.y_pixel + v * kLanes);
  }
}

// For a number of pixels known at run time, at most Pixels.
template <int Pixels, int Vectors>
HWY_INLINE void convolve_few(int64_t count, const GroupPlanes& s, const float* x,
                             const float* weight, float* y) {
  if constexpr (Pixels > 0) {
    if (count == Pixels) return convolve<Pixels, Vectors>(s, x, weight, y);
    convolve_few<Pixels - 1, Vectors>(count, s, x, weight, y);
  }
}

// The whole line, in pieces as equal as can be, for some of the filters.
template <int Vectors>
void convolve_line(const GroupPlanes& s, const float* x, const float* weight, float* y) {
  constexpr int kMost = kPixels<Vectors>;
  const int64_t pieces = (s.pixels + kMost - 1) / kMost;
  for (int64_t piece = 0; piece < pieces; ++piece) {
    const int64_t first = s.pixels * piece / pieces;
    const int64_t count = s.pixels * (piece + 1) / pieces - first;
    convolve_few<kMost, Vectors>(count, s, x + first, weight, y + first * s.y_pixel);
  }
}

void line(const GroupPlanes& s, const float* x, const float* weight, float* y) {
  int64_t f = 0;
  for (; f + 2 * kLanes <= s.filters; f += 2 * kLanes) convolve_line<2>(s, x, weight + f, y + f);
  for (; f < s.filters; f += kLanes) convolve_line<1>(s, x, weight + f, y + f);
}

// sum[b, c] += x[c, pixel] * dy[pixel - b] for elements [First, Last) of a line of the kernel.
template <int First, int Last, int Channels>
HWY_INLINE void add_pixel(const float* HWY_RESTRICT x, int64_t x_channel,
                          const float* HWY_RESTRICT dy, int64_t y_pixel,
                          V (&sum)[kTaps][Channels]) {
  const F d;
  V gradient[kTaps];
  HWY_UNROLL(3)
  for (int b = First; b < Last; ++b) gradient[b] = hn::LoadU(d, dy - b * y_pixel);
  HWY_UNROLL(8)
  for (int c = 0; c < Channels; ++c) {
    const V pixel = hn::Set(d, x[c * x_channel]);
    HWY_UNROLL(3)
    for (int b = First; b < Last; ++b) sum[b][c] = hn::MulAdd(pixel, gradient[b], sum[b][c]);
  }
}

// Some channels, a vector of filters and one line of the kernel.
template <int Channels>
HWY_NOINLINE void correlate(const GroupPlanes& s, int64_t lines, int64_t x_line, int64_t dy_line,
                            const float* HWY_RESTRICT x, const float* HWY_RESTRICT dy,
                            bool accumulate, float* HWY_RESTRICT dweight) {
  const F d;
  const int64_t tap_step = s.channels * s.weight_step;
  V sum[kTaps][Channels];
  HWY_UNROLL(3)
  for (int b = 0; b < kTaps; ++b) {
    HWY_UNROLL(8)
    for (int c = 0; c < Channels; ++c) {
      const float* from = dweight + b * tap_step + c * s.weight_step;
      sum[b][c] = accumulate ? hn::LoadU(d, from) : hn::Zero(d);
    }
  }
  const int64_t last = s.pixels - 1, channel = s.x_channel, step = s.y_pixel;
  for (int64_t line = 0; line < lines; ++line, x += x_line, dy += dy_line) {
    add_pixel<0, 1>(x, channel, dy, step, sum);
    if (last == 0) {
      add_pixel<1, 2>(x + 1, channel, dy + step, step, sum);
    } else {
      add_pixel<0, 2>(x + 1, channel, dy + step, step, sum);
      for (int64_t i = 2; i <= last; ++i) add_pixel<0, 3>(x + i, channel, dy + i * step, step, sum);
      add_pixel<1, 3>(x + last + 1, channel, dy + (last + 1) * step, step, sum);
    }
    add_pixel<2, 3>(x + last + 2, channel, dy + (last + 2) * step, step, sum);
  }
  HWY_UNROLL(3)
  for (int b = 0; b < kTaps; ++b) {
    HWY_UNROLL(8)
    for (int c = 0; c < Channels; ++c) {
      hn::StoreU(sum[b][c], d, dweight + b * tap_step + c * s.weight_step);
    }
  }
}

void dweight_lines(const GroupPlanes& s, int64_t lines, int64_t x_line, int64_t dy_line,
                   const float* x, const float* dy, bool accumulate, float* dweight) {
  for (int64_t a = 0; a < s.kh; ++a) {
    for (int64_t c = 0; c < s.channels; c += kChannels) {
      const float* from = x + a * s.x_tap + c * s.x_channel;
      float* to = dweight + (a * kTaps * s.channels + c) * s.weight_step;
      for (int64_t f = 0; f < s.filters; f += kLanes) {
        correlate<kChannels>(s, lines, x_line, dy_line, from, dy + f, accumulate, to + f);
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(planes);
HWY_EXPORT(line);
HWY_EXPORT(dweight_lines);

void line_to_planes(int64_t pixels, int64_t channels, const float* x, int64_t plane, float* out) {
  HWY_DYNAMIC_DISPATCH(planes)(pixels, channels, x, plane, out);
}
void group_planes_line(const GroupPlanes& group, const float* x, const float* weight, float* y) {
  HWY_DYNAMIC_DISPATCH(line)(group, x, weight, y);
}
void group_planes_dweight(const GroupPlanes& group, int64_t lines, int64_t x_line, int64_t dy_line,
                          const float* x, const float* dy, bool accumulate, float* dweight) {
  HWY_DYNAMIC_DISPATCH(dweight_lines)
  (group, lines, x_line, dy_line, x, dy, accumulate, dweight);
}

}  // namespace luge
#endif  // HWY_ONCE
