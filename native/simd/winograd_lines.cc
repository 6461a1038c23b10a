#include "simd/winograd_lines.h"

#include <algorithm>

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/winograd_lines.cc"
#include "simd/highway.h"
#include "simd/largest-inl.h"
#include "simd/partial-inl.h"
#include "simd/pooled_planes-inl.h"
#include "simd/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

constexpr int kKernel = WinogradLines::kKernel;
constexpr int kPoints = WinogradLines::kPoints;

// Filters whose sums the registers hold together: for each, of two lines, those at two points and
// four outputs.
constexpr int kFilters = kManyRegisters ? 2 : 1;

// Asks for what will be read or written a while later.
HWY_INLINE void prefetch(const void* from, size_t bytes) {
  constexpr size_t kLine = 64;
  const char* line = static_cast<const char*>(from);
  for (size_t i = 0; i < bytes; i += kLine) hwy::Prefetch(line + i);
}

// x[i] = pixel i of tiles that are four pixels apart.
template <class D>
HWY_INLINE void load_pixels(D d, const float* line, hn::Vec<D> (&x)[4]) {
#if HWY_TARGET == HWY_SCALAR
  for (int i = 0; i < 4; ++i) x[i] = hn::LoadU(d, line + i);
#else
  load_squares(d, line, kSquare, kSquare * kSquare, x);
  turn_squares(d, x);
#endif
}

// Eight pixels of each tile -> their values at the points.
template <class D>
HWY_INLINE void transform_tiles(D d, const float* line, float* to, int64_t point_size) {
  using V = hn::Vec<D>;
  V low[4], high[4];
  load_pixels(d, line, low);
  load_pixels(d, line + 4, high);
  const auto [x0, x1, x2, x3] = low;
  const auto [x4, x5, x6, x7] = high;
  const auto set = [&](float x) HWY_ATTR { return hn::Set(d, x); };
  const auto put = [&](int point, V value)
                       HWY_ATTR { hn::StoreU(value, d, to + point * point_size); };
  const auto put_pair = [&](int point, V even, V odd) HWY_ATTR {
    put(point, hn::Add(even, odd));
    put(point + 1, hn::Sub(even, odd));
  };
  put(0, hn::MulAdd(set(5.25f), hn::Sub(x4, x2), hn::Sub(x0, x6)));
  put_pair(1, hn::NegMulAdd(set(4.25f), x4, hn::Add(x2, x6)),
           hn::NegMulAdd(set(4.25f), x3, hn::Add(x1, x5)));
  put_pair(3, hn::MulAdd(set(4.0f), x2, hn::NegMulAdd(set(5.0f), x4, x6)),
           hn::MulAdd(set(0.5f), x5, hn::NegMulAdd(set(2.5f), x3, hn::Add(x1, x1))));
  put_pair(5, hn::MulAdd(set(0.25f), x2, hn::NegMulAdd(set(1.25f), x4, x6)),
           hn::MulAdd(set(0.5f), x1, hn::NegMulAdd(set(2.5f), x3, hn::Add(x5, x5))));
  put(7, hn::MulAdd(set(5.25f), hn::Sub(x3, x5), hn::Sub(x7, x1)));
}

// Whether sums of products of such numbers, however transformed, are numbers: none is NaN, infinite
// or so large that they could be.
bool are_moderate(const float* x, int64_t count) {
  constexpr int32_t kLargest = (127 + 40) << 23;  // 2^40
  const hn::ScalableTag<float> d;
  const hn::ScalableTag<int32_t> di;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  auto largest = hn::Zero(di);
  const auto look = [&](hn::Vec<decltype(d)> values) HWY_ATTR {
    // As integers, NaN and infinity are the largest.
    largest = hn::Max(largest, hn::BitCast(di, hn::Abs(values)));
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) look(hn::LoadU(d, x + i));
  if (i < count) look(load_partial(d, x + i, static_cast<size_t>(count - i)));
  return hn::AllTrue(di, hn::Lt(largest, hn::Set(di, kLargest)));
}

bool is_moderate(const WinogradLines& s, const float* x, int64_t step) {
  bool all = true;
  for (int64_t i = 0; i < s.input_lines(); ++i) {
    all &= are_moderate(x + i * step, s.input_columns() * s.channels);
  }
  return all;
}

// The input as [channels, line % 2, points, line / 2, tiles]. What a vector writes beyond the tiles
// of a line, the next one replaces, and zeros those of the last. The image behind this one is asked
// for.
void transform_input(const WinogradLines& s, const float* x, int64_t step, float* line,
                     float* transformed) {
  const hn::CappedTag<float, 8> d;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  const int64_t tiles = s.tiles(), point_size = s.point_size();
  std::fill(line, line + s.line_size(), 0.0f);
  // Lines of one channel can be read where they are, when no tile looks beyond them, and no vector
  // beyond the image.
  const int64_t reach = (tiles - 1) / kLanes * kLanes * 4 + kLanes * 4 + 4;
  const int64_t below = (reach - s.input_columns() + step - 1) / step;  // lines that are reached
  const int64_t in_place = s.channels == 1 && s.columns % 2 == 0 ? s.input_lines() - below : 0;
  for (int64_t channel = 0; channel < s.channels; ++channel) {
    float* planes = transformed + 2 * channel * kPoints * point_size;
    for (int64_t i = 0; i < s.input_lines(); ++i) {
      const float* from = x + i * step + channel;
      if (channel == 0) prefetch(from + s.input_lines() * step, step * sizeof(float));
      if (i >= in_place) {
        for (int64_t j = 0; j < s.input_columns(); ++j) line[j] = from[j * s.channels];
        from = line;
      }
      float* to = planes + i % 2 * kPoints * point_size + i / 2 * tiles;
      for (int64_t t = 0; t < tiles; t += kLanes) {
        transform_tiles(d, from + 4 * t, to + t, point_size);
      }
    }
    for (int64_t i = 0; i < 2 * kPoints; ++i) {
      std::fill_n(planes + (i + 1) * point_size - WinogradLines::kMore, WinogradLines::kMore, 0.0f);
    }
  }
}

// Of an even line of outputs and the odd one below it.
template <class V, int Filters>
struct Lines {
  V even[Filters], odd[Filters];
};

// Where the vectors begin that each line of the kernel meets, for the even line of outputs and the
// one below it.
struct InputLines {
  const float* line[kKernel + 1];
  int64_t channel_step;
};

// What is multiplied: a vector of tiles, and the weights of some filters.
struct Products {
  int64_t channels, point_size;
  InputLines x;
  const float* weight;
};

// The sums of products at two points, side by side, so that no addition waits for the one before.
template <class V, int Filters>
struct PointSums {
  Lines<V, Filters> at[2];
};

template <int Filters, class D>
HWY_INLINE PointSums<hn::Vec<D>, Filters> multiply_points(D d, const Products& s, int first,
                                                          int second) {
  using V = hn::Vec<D>;
  const int points[2] = {first, second};
  V even[2][Filters], odd[2][Filters];
  HWY_UNROLL(2)
  for (int p = 0; p < 2; ++p) {
    HWY_UNROLL(2)
    for (int f = 0; f < Filters; ++f) even[p][f] = odd[p][f] = hn::Zero(d);
  }
  for (int64_t channel = 0; channel < s.channels; ++channel) {
    V above[2][Filters];
    // Line i of the input meets line i of the kernel for the even output, i - 1 for the odd one.
    HWY_UNROLL(6)
    for (int i = 0; i <= kKernel; ++i) {
      HWY_UNROLL(2)
      for (int p = 0; p < 2; ++p) {
        const float* line = s.x.line[i] + channel * s.x.channel_step;
        const float* taps = s.weight + (channel * kPoints + points[p]) * kKernel * Filters;
        const V pixels = hn::LoadU(d, line + points[p] * s.point_size);
        HWY_UNROLL(2)
        for (int f = 0; f < Filters; ++f) {
          if (i > 0) odd[p][f] = hn::MulAdd(pixels, above[p][f], odd[p][f]);
          if (i == kKernel) continue;
          above[p][f] = hn::Set(d, taps[i * Filters + f]);
          even[p][f] = hn::MulAdd(pixels, above[p][f], even[p][f]);
        }
      }
    }
  }
  PointSums<V, Filters> sums;
  HWY_UNROLL(2)
  for (int p = 0; p < 2; ++p) {
    HWY_UNROLL(2)
    for (int f = 0; f < Filters; ++f) {
      sums.at[p].even[f] = even[p][f];
      sums.at[p].odd[f] = odd[p][f];
    }
  }
  return sums;
}

// Four outputs of each tile.
template <class V>
struct Outputs {
  V y[4];
};

template <class D>
HWY_INLINE void add_pair(D d, hn::Vec<D> plus, hn::Vec<D> minus, float point,
                         Outputs<hn::Vec<D>>& out) {
  const auto even = hn::Add(plus, minus), odd = hn::Sub(plus, minus);
  out.y[0] = hn::Add(out.y[0], even);
  out.y[1] = hn::MulAdd(odd, hn::Set(d, point), out.y[1]);
  out.y[2] = hn::MulAdd(even, hn::Set(d, point * point), out.y[2]);
  out.y[3] = hn::MulAdd(odd, hn::Set(d, point * point * point), out.y[3]);
}

// A vector of tiles has two pooled outputs for each: first the left ones of all tiles, then the
// right ones, as many floats behind as a vector has at most.
constexpr int64_t kMostTiles = hn::MaxLanes(hn::ScalableTag<float>());

// The windows of each tile are the first and last two outputs of both lines.
template <bool kIndex, class D, class Larger>
HWY_INLINE void pool_tile(D d, const Outputs<hn::Vec<D>>& even, const Outputs<hn::Vec<D>>& odd,
                          Larger larger, const float* bias, const Planes& out) {
  using V = hn::Vec<D>;
  const hn::Rebind<int32_t, D> di;
  const auto window = [&](V a, V b, V c, V e) HWY_ATTR {
    const auto at = [&](V value, int32_t position) HWY_ATTR {
      return Largest<D>{value, hn::Set(di, position)};
    };
    return largest<kIndex>(d, largest<kIndex>(d, at(a, 0), at(b, 1), larger),
                           largest<kIndex>(d, at(c, 2), at(e, 3), larger), larger);
  };
  const Largest<D> left = window(even.y[0], even.y[1], odd.y[0], odd.y[1]);
  const Largest<D> right = window(even.y[2], even.y[3], odd.y[2], odd.y[3]);
  const auto finish = [&](V value) HWY_ATTR {
    if (bias == nullptr) return value;
    const V sum = hn::Add(value, hn::Set(d, *bias));
    return hn::IfThenZeroElse(hn::Le(sum, hn::Zero(d)), sum);
  };
  store<kIndex>(d, Largest<D>{finish(left.value), left.index}, out);
  store<kIndex>(d, Largest<D>{finish(right.value), right.index}, out.from(kMostTiles));
}

// The outputs of a vector of tiles for some filters.
template <int Filters, class D>
HWY_INLINE Lines<Outputs<hn::Vec<D>>, Filters> filter_tiles(D d, const Products& s) {
  using V = hn::Vec<D>;
  Lines<Outputs<V>, Filters> sums;
  const auto begin = [&](V plus, V minus, Outputs<V>& to) HWY_ATTR {
    to.y[0] = to.y[2] = hn::Add(plus, minus);
    to.y[1] = to.y[3] = hn::Sub(plus, minus);
  };
  const auto ones = multiply_points<Filters>(d, s, 1, 2);
  HWY_UNROLL(2)
  for (int f = 0; f < Filters; ++f) {
    begin(ones.at[0].even[f], ones.at[1].even[f], sums.even[f]);
    begin(ones.at[0].odd[f], ones.at[1].odd[f], sums.odd[f]);
  }
  const auto ends = multiply_points<Filters>(d, s, 0, 7);
  HWY_UNROLL(2)
  for (int f = 0; f < Filters; ++f) {
    sums.even[f].y[0] = hn::Add(sums.even[f].y[0], ends.at[0].even[f]);
    sums.odd[f].y[0] = hn::Add(sums.odd[f].y[0], ends.at[0].odd[f]);
    sums.even[f].y[3] = hn::Add(sums.even[f].y[3], ends.at[1].even[f]);
    sums.odd[f].y[3] = hn::Add(sums.odd[f].y[3], ends.at[1].odd[f]);
  }
  const auto add = [&](int first, float point) HWY_ATTR {
    const auto pair = multiply_points<Filters>(d, s, first, first + 1);
    HWY_UNROLL(2)
    for (int f = 0; f < Filters; ++f) {
      add_pair(d, pair.at[0].even[f], pair.at[1].even[f], point, sums.even[f]);
      add_pair(d, pair.at[0].odd[f], pair.at[1].odd[f], point, sums.odd[f]);
    }
  };
  add(3, 0.5f);
  add(5, 2.0f);
  return sums;
}

template <class D>
HWY_INLINE void pool(D d, const Outputs<hn::Vec<D>>& even, const Outputs<hn::Vec<D>>& odd,
                     bool numbers, const float* bias, const Planes& out) {
  if (HWY_UNLIKELY(!numbers)) {
    out.index ? pool_tile<true>(d, even, odd, LargerOrNaN(), bias, out)
              : pool_tile<false>(d, even, odd, LargerOrNaN(), bias, out);
  } else if (out.index) {
    pool_tile<true>(d, even, odd, LargerNumber(), bias, out);
  } else {
    pool_tile<false>(d, even, odd, LargerNumber(), bias, out);
  }
}

// A vector of tiles for `count` filters, a multiple of Filters. Channels are counted at compile
// time if there is one.
template <int Filters, bool kOneChannel, class D>
HWY_NOINLINE void pool_filters(D d, const WinogradLines& s, const float* HWY_RESTRICT x,
                               const float* HWY_RESTRICT weight, const float* bias, bool numbers,
                               int64_t count, const Planes& out) {
  const int64_t tiles = s.tiles(), parity_step = kPoints * s.point_size();
  Products products{.channels = kOneChannel ? 1 : s.channels,
                    .point_size = s.point_size(),
                    .x = {.line = {}, .channel_step = 2 * parity_step},
                    .weight = weight};
  for (int64_t i = 0; i <= kKernel; ++i) {
    products.x.line[i] = x + i % 2 * parity_step + i / 2 * tiles;
  }
  for (int64_t first = 0; first < count; first += Filters) {
    products.weight = weight + WinogradLines::weight_size(products.channels, first);
    const auto sums = filter_tiles<Filters>(d, products);
    HWY_UNROLL(2)
    for (int f = 0; f < Filters; ++f) {
      pool(d, sums.even[f], sums.odd[f], numbers, bias ? bias + first + f : nullptr,
           out.plane(first + f));
    }
  }
}

// A vector of tiles for all filters.
template <class D>
HWY_INLINE void pool_all_filters(D d, const WinogradLines& s, const float* x, const float* weight,
                                 const float* bias, bool numbers, const Planes& out) {
  const int64_t together = s.filters / kFilters * kFilters;
  s.channels == 1 ? pool_filters<kFilters, true>(d, s, x, weight, bias, numbers, together, out)
                  : pool_filters<kFilters, false>(d, s, x, weight, bias, numbers, together, out);
  if (together < s.filters) {
    pool_filters<1, false>(d, s, x, weight + WinogradLines::weight_size(s.channels, together),
                           bias ? bias + together : nullptr, numbers, 1, out.plane(together));
  }
}

// to[tiles, 2, filters] from the planes of a vector of tiles.
HWY_INLINE void turn_tiles(const float* planes, int64_t step, int64_t filters, int64_t tiles,
                           float* to) {
  transpose_planes(planes, step, filters, tiles, to, 2 * filters);
  transpose_planes(planes + kMostTiles, step, filters, tiles, to + filters, 2 * filters);
}

// Where the last tile of a line is half empty, there is a column too many. Calls body(first
// element, pixel, count) for the runs of `count` pixels that remain of tiles [begin, end).
template <class Body>
HWY_INLINE void for_runs(const WinogradLines& s, int64_t begin, int64_t end, Body body) {
  if (s.columns == 2 * s.tiles()) return body(0, 2 * begin, 2 * (end - begin));
  for (int64_t tile = begin; tile < end;) {
    const int64_t line = tile / s.tiles(), column = 2 * (tile % s.tiles());
    const int64_t stop = std::min(end, (line + 1) * s.tiles());
    const int64_t count = std::min(2 * (stop - tile), s.columns - column);
    body(2 * (tile - begin), line * s.columns + column, count);
    tile = stop;
  }
}

void write_tiles(const WinogradLines& s, const Planes& planes, int64_t begin, int64_t end, float* y,
                 uint8_t* index, float* turned) {
  const int64_t filters = s.filters, tiles = end - begin;
  if (s.columns == 2 * s.tiles()) {
    turn_tiles(planes.best, planes.step, filters, tiles, y + 2 * begin * filters);
  } else {
    turn_tiles(planes.best, planes.step, filters, tiles, turned);
    for_runs(s, begin, end, [&](int64_t from, int64_t pixel, int64_t count) {
      std::copy_n(turned + from * filters, count * filters, y + pixel * filters);
    });
  }
  if (index == nullptr) return;
  turn_tiles(planes.index, planes.step, filters, tiles, turned);
  for_runs(s, begin, end, [&](int64_t from, int64_t pixel, int64_t count) {
    narrow_index(turned + from * filters, count * filters, index + pixel * filters);
  });
}

void max_pool(const WinogradLines& s, const float* x, int64_t step,
              const WinogradLinesWeight& weight, const float* bias, float* y, uint8_t* index,
              float* buffer) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 8> half;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  float* transformed = buffer;
  float* line = transformed + s.input_size();
  float* best = line + s.line_size();
  float* turned = best + 2 * s.pooled_size();
  transform_input(s, x, step, line, transformed);
  const bool numbers = weight.moderate && is_moderate(s, x, step);
  const Planes planes{best, index ? best + s.pooled_size() : nullptr, 2 * kMostTiles};
  const int64_t count = s.lines * s.tiles();
  for (int64_t t = 0; t < count; t += kLanes) {
    const int64_t first = 2 * t * s.filters, written = 2 * kLanes * s.filters;
    prefetch(y + first, written * sizeof(float));
    if (index) prefetch(index + first, written);
    if (count - t > kLanes / 2) {
      pool_all_filters(d, s, transformed + t, weight.transformed, bias, numbers, planes);
    } else {
      pool_all_filters(half, s, transformed + t, weight.transformed, bias, numbers, planes);
    }
    write_tiles(s, planes, t, std::min(count, t + kLanes), y, index, turned);
  }
}

int64_t filters_together() { return kFilters; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(max_pool);
HWY_EXPORT(filters_together);
HWY_EXPORT(are_moderate);

WinogradLinesWeight winograd_lines_weight(int64_t channels, int64_t filters, const float* weight,
                                          float* transformed) {
  constexpr int64_t kKernel = WinogradLines::kKernel, kPoints = WinogradLines::kPoints;
  const int64_t group = HWY_DYNAMIC_DISPATCH(filters_together)();
  for (int64_t f = 0; f < filters; ++f) {
    // Filters of a group alternate; what is left over at the end stands alone.
    const int64_t first = f / group * group;
    const int64_t width = filters - first >= group ? group : 1;
    const int64_t begin = width == 1 ? f : first;
    for (int64_t channel = 0; channel < channels; ++channel) {
      for (int64_t line = 0; line < kKernel; ++line) {
        float w[kKernel];
        for (int64_t j = 0; j < kKernel; ++j) {
          w[j] = weight[((line * kKernel + j) * channels + channel) * filters + f];
        }
        float* to = transformed + (begin * channels + channel * width) * kPoints * kKernel +
                    line * width + (f - begin);
        const auto put = [&](int64_t point, float value) { to[point * kKernel * width] = value; };
        // The polynomial at +-point, over the product of what point and the others differ by.
        const auto put_pair = [&](int64_t point, float at, float scale) {
          const float square = at * at;
          const float even = scale * (w[0] + square * (w[2] + square * w[4]));
          const float odd = scale * at * (w[1] + square * w[3]);
          put(point, even + odd);
          put(point + 1, even - odd);
        };
        put(0, w[0]);
        put_pair(1, 1.0f, -2.0f / 9);
        put_pair(3, 0.5f, 32.0f / 45);
        put_pair(5, 2.0f, 1.0f / 90);
        put(7, w[4]);
      }
    }
  }
  const int64_t count = kKernel * kKernel * channels * filters;
  return {transformed, HWY_DYNAMIC_DISPATCH(are_moderate)(weight, count)};
}

void winograd_lines_max_pool(const WinogradLines& shape, const float* x, int64_t step,
                             const WinogradLinesWeight& weight, const float* bias, float* y,
                             uint8_t* index, float* buffer) {
  HWY_DYNAMIC_DISPATCH(max_pool)(shape, x, step, weight, bias, y, index, buffer);
}

}  // namespace luge
#endif  // HWY_ONCE
