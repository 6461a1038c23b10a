#include "simd/winograd_lines.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/winograd_lines.cc"
#include "simd/highway.h"
#include "simd/largest-inl.h"
#include "simd/partial-inl.h"
#include "simd/pooled_planes-inl.h"

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

// Eight pixels of each tile -> their values at the points.
template <class D>
HWY_INLINE void transform_tiles(D d, const float* line, float* to, int64_t point_size) {
  using V = hn::Vec<D>;
  V x0, x1, x2, x3, x4, x5, x6, x7;
  hn::LoadInterleaved4(d, line, x0, x1, x2, x3);
  hn::LoadInterleaved4(d, line + 4, x4, x5, x6, x7);
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

// The input as [channels, line % 2, points, line / 2, tiles]. What a vector writes beyond the tiles
// of a line, the next one replaces, and zeros those of the last.
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
  PointSums<V, Filters> sums;
  HWY_UNROLL(2)
  for (Lines<V, Filters>& sum : sums.at) {
    HWY_UNROLL(2)
    for (int f = 0; f < Filters; ++f) sum.even[f] = sum.odd[f] = hn::Zero(d);
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
        Lines<V, Filters>& sum = sums.at[p];
        HWY_UNROLL(2)
        for (int f = 0; f < Filters; ++f) {
          if (i > 0) sum.odd[f] = hn::MulAdd(pixels, above[p][f], sum.odd[f]);
          if (i == kKernel) continue;
          above[p][f] = hn::Set(d, taps[i * Filters + f]);
          sum.even[f] = hn::MulAdd(pixels, above[p][f], sum.even[f]);
        }
      }
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
  hn::StoreInterleaved2(finish(left.value), finish(right.value), d, out.best);
  if (kIndex) {
    hn::StoreInterleaved2(hn::BitCast(d, left.index), hn::BitCast(d, right.index), d, out.index);
  }
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
                     const float* bias, const Planes& out) {
  // NaN, which compares as nothing does, shows in a sum.
  auto all = hn::Add(even.y[0], odd.y[0]);
  HWY_UNROLL(3)
  for (int i = 1; i < 4; ++i) all = hn::Add(all, hn::Add(even.y[i], odd.y[i]));
  if (HWY_UNLIKELY(!hn::AllFalse(d, hn::IsNaN(all)))) {
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
                               const float* HWY_RESTRICT weight, const float* bias, int64_t count,
                               const Planes& out) {
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
      pool(d, sums.even[f], sums.odd[f], bias ? bias + first + f : nullptr, out.plane(first + f));
    }
  }
}

// A vector of tiles for all filters.
template <class D>
HWY_INLINE void pool_all_filters(D d, const WinogradLines& s, const float* x, const float* weight,
                                 const float* bias, const Planes& out) {
  const int64_t together = s.filters / kFilters * kFilters;
  s.channels == 1 ? pool_filters<kFilters, true>(d, s, x, weight, bias, together, out)
                  : pool_filters<kFilters, false>(d, s, x, weight, bias, together, out);
  if (together < s.filters) {
    pool_filters<1, false>(d, s, x, weight + WinogradLines::weight_size(s.channels, together),
                           bias ? bias + together : nullptr, 1, out.plane(together));
  }
}

void max_pool(const WinogradLines& s, const float* x, int64_t step, const float* weight,
              const float* bias, float* y, uint8_t* index, float* buffer) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 8> half;
  constexpr int64_t kLanes = hn::MaxLanes(d);
  float* transformed = buffer;
  float* line = transformed + s.input_size();
  float* best = line + s.line_size();
  float* turned = best + 2 * s.pooled_size();
  transform_input(s, x, step, line, transformed);
  const Planes planes{best, index ? best + s.pooled_size() : nullptr, s.plane_size()};
  const int64_t count = s.lines * s.tiles();
  for (int64_t t = 0; t < count; t += kLanes) {
    if (count - t > kLanes / 2) {
      pool_all_filters(d, s, transformed + t, weight, bias, planes.from(2 * t));
    } else {
      pool_all_filters(half, s, transformed + t, weight, bias, planes.from(2 * t));
    }
  }
  // Where the last tile of a line is half empty, there is a column too many.
  const bool whole = s.columns == 2 * s.tiles();
  const int64_t columns = whole ? s.lines * s.columns : s.columns;
  for (int64_t begin = 0; begin < s.lines * s.columns; begin += columns) {
    const int64_t line_begin = begin / s.columns * 2 * s.tiles();
    write_planes(planes.from(line_begin), s.filters, columns, y + begin * s.filters,
                 index ? index + begin * s.filters : nullptr, turned);
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

void winograd_lines_weight(int64_t channels, int64_t filters, const float* weight,
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
}

void winograd_lines_max_pool(const WinogradLines& shape, const float* x, int64_t step,
                             const float* transformed, const float* bias, float* y, uint8_t* index,
                             float* buffer) {
  HWY_DYNAMIC_DISPATCH(max_pool)(shape, x, step, transformed, bias, y, index, buffer);
}

}  // namespace luge
#endif  // HWY_ONCE
