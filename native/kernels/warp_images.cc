#include "kernels/warp_images.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace luge {
namespace {

constexpr int64_t kPiece = 4096;  // numbers of y
constexpr float kFar = 1e9f;      // pixels; further out all fills are taken as here

// The pixel that stands for one at i, which may lie outside; -1 for none.
int64_t inside(int64_t i, int64_t n, FillMode fill) {
  if (i >= 0 && i < n) return i;
  if (fill == FillMode::constant) return -1;
  if (fill == FillMode::nearest) return i < 0 ? 0 : n - 1;
  const int64_t period = fill == FillMode::wrap ? n : 2 * n;
  const int64_t m = (i % period + period) % period;
  return m < n ? m : period - 1 - m;
}

// The two pixels around a place along one axis, and their shares.
struct Taps {
  int64_t low, high;
  float low_share, high_share;
};

// A place that is no number gives shares that are none.
Taps taps_at(float at, int64_t n, const WarpSampling& sampling) {
  const float low = std::floor(sampling.bilinear ? at : at + 0.5f);
  const float share = sampling.bilinear || low != low ? at - low : 0.0f;
  const int64_t i = low == low ? static_cast<int64_t>(std::clamp(low, -kFar, kFar)) : 0;
  return {inside(i, n, sampling.fill), inside(i + 1, n, sampling.fill), 1.0f - share, share};
}

void store(float value, float* y) { *y = value; }
void store(float value, uint8_t* y) {
  *y = static_cast<uint8_t>(value > 0 ? (value < 255 ? value + 0.5f : 255) : 0);
}

// The source of each pixel of a row of y.
class RowSource {
 public:
  RowSource(const WarpShape& shape, const float* transform, const float* displacements, int64_t row)
      : t_(transform),
        column_(transform[1] * static_cast<float>(row) + transform[2]),
        row_(transform[4] * static_cast<float>(row) + transform[5]),
        dcolumn_(displacements ? displacements + row * shape.w : nullptr),
        drow_(displacements ? dcolumn_ + shape.h * shape.w : nullptr) {}

  float column(int64_t c) const {
    const float at = t_[0] * static_cast<float>(c) + column_;
    return dcolumn_ ? at + dcolumn_[c] : at;
  }
  float row(int64_t c) const {
    const float at = t_[3] * static_cast<float>(c) + row_;
    return drow_ ? at + drow_[c] : at;
  }

 private:
  const float* t_;
  float column_, row_;
  const float *dcolumn_, *drow_;
};

// Calls body(image, row of y, source) for rows [first, last) of all images, counted through.
template <class Body>
void for_rows(const WarpShape& s, const float* transforms, const float* displacements,
              int64_t first, int64_t last, Body&& body) {
  for (int64_t i = first; i < last; ++i) {
    const int64_t image = i / s.h, row = i % s.h;
    const float* moved = displacements ? displacements + image * 2 * s.h * s.w : nullptr;
    body(image, row, RowSource(s, transforms + image * 6, moved, row));
  }
}

// One pixel where a place next to it may lie outside.
template <class X, class Y>
void warp_pixel(const WarpShape& s, const WarpSampling& sampling, const X* image, float column,
                float row, Y* y) {
  const Taps across = taps_at(column, s.w, sampling), down = taps_at(row, s.h, sampling);
  const auto seen = [&](int64_t r, int64_t c, int64_t channel) {
    const bool outside = r < 0 || c < 0;
    return outside ? sampling.value
                   : static_cast<float>(image[(r * s.w + c) * s.channels + channel]);
  };
  // No share of 0 brings in the NaN of a neighbour.
  const auto between = [](float low, float high, float low_share, float high_share) {
    return high_share == 0 ? low : low * low_share + high * high_share;
  };
  for (int64_t channel = 0; channel < s.channels; ++channel) {
    const auto along = [&](int64_t r) {
      return between(seen(r, across.low, channel), seen(r, across.high, channel), across.low_share,
                     across.high_share);
    };
    store(between(along(down.low), along(down.high), down.low_share, down.high_share), y + channel);
  }
}

// kChannels is the number of channels, or 0 for any.
template <int kChannels, class X, class Y>
void warp_row(const WarpShape& s, const WarpSampling& sampling, const X* image,
              const RowSource& source, Y* y) {
  const int64_t channels = kChannels ? kChannels : s.channels;
  const float last_column = static_cast<float>(s.w - 1), last_row = static_cast<float>(s.h - 1);
  for (int64_t c = 0; c < s.w; ++c, y += channels) {
    const float column = source.column(c), row = source.row(c);
    const bool within = column >= 0 && column < last_column && row >= 0 && row < last_row;
    if (!within || !sampling.bilinear) {
      warp_pixel(s, sampling, image, column, row, y);
      continue;
    }
    const auto left = static_cast<int32_t>(column), top = static_cast<int32_t>(row);
    const float right_share = column - static_cast<float>(left), left_share = 1.0f - right_share;
    const float bottom_share = row - static_cast<float>(top), top_share = 1.0f - bottom_share;
    const X* above = image + (top * s.w + left) * channels;
    const X* below = above + s.w * channels;
    for (int64_t channel = 0; channel < channels; ++channel) {
      const float a = static_cast<float>(above[channel]) * left_share +
                      static_cast<float>(above[channel + channels]) * right_share;
      const float b = static_cast<float>(below[channel]) * left_share +
                      static_cast<float>(below[channel + channels]) * right_share;
      store(a * top_share + b * bottom_share, y + channel);
    }
  }
}

}  // namespace

template <class X, class Y>
void warp_images(const WarpShape& s, const WarpSampling& sampling, const X* x,
                 const float* transforms, const float* displacements, Y* y) {
  const int64_t row_size = s.w * s.channels;
  const int64_t rows = std::max<int64_t>(1, kPiece / row_size);
  parallel_pieces<1>(s.batch * s.h, rows, [&](int64_t first, int64_t last, int) {
    for_rows(s, transforms, displacements, first, last,
             [&](int64_t image, int64_t row, const RowSource& source) {
               const X* from = x + image * s.h * row_size;
               Y* to = y + (image * s.h + row) * row_size;
               switch (s.channels) {
                 case 1: return warp_row<1>(s, sampling, from, source, to);
                 case 3: return warp_row<3>(s, sampling, from, source, to);
                 default: return warp_row<0>(s, sampling, from, source, to);
               }
             });
  });
}

template void warp_images(const WarpShape&, const WarpSampling&, const float*, const float*,
                          const float*, float*);
template void warp_images(const WarpShape&, const WarpSampling&, const uint8_t*, const float*,
                          const float*, float*);
template void warp_images(const WarpShape&, const WarpSampling&, const uint8_t*, const float*,
                          const float*, uint8_t*);

void warp_images_dx(const WarpShape& s, const WarpSampling& sampling, const float* dy,
                    const float* transforms, const float* displacements, float* dx) {
  const int64_t row_size = s.w * s.channels;
  // Pixels of y add to any pixel of their image, which one thread alone writes to.
  parallel_for(s.batch, [&](int64_t image, int) {
    float* to = dx + image * s.h * row_size;
    std::fill_n(to, s.h * row_size, 0.0f);
    for_rows(s, transforms, displacements, image * s.h, (image + 1) * s.h,
             [&](int64_t, int64_t row, const RowSource& source) {
               const float* from = dy + (image * s.h + row) * row_size;
               for (int64_t c = 0; c < s.w; ++c, from += s.channels) {
                 const Taps across = taps_at(source.column(c), s.w, sampling);
                 const Taps down = taps_at(source.row(c), s.h, sampling);
                 const auto add = [&](int64_t r, int64_t k, float share) {
                   if (r < 0 || k < 0) return;
                   float* pixel = to + (r * s.w + k) * s.channels;
                   for (int64_t i = 0; i < s.channels; ++i) pixel[i] += from[i] * share;
                 };
                 add(down.low, across.low, down.low_share * across.low_share);
                 add(down.low, across.high, down.low_share * across.high_share);
                 add(down.high, across.low, down.high_share * across.low_share);
                 add(down.high, across.high, down.high_share * across.high_share);
               }
             });
  });
}

}  // namespace luge
