#include "kernels/conv2d_patches.h"

#include <algorithm>
#include <utility>

#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

// Output pixels whose input and output together take about a quarter of a megabyte of cache; but
// enough of them to pay for packing the weights anew for every tile.
int64_t rows_in_cache(const Conv2dShape& s) {
  constexpr int64_t kFloats = int64_t{1} << 16;
  constexpr int64_t kMinRows = 256;
  return std::max(kMinRows, kFloats / (s.oc + s.c * s.stride_h * s.stride_w));
}

// What patches are read from: x itself, or a copy with its padding. The channels of small groups
// lie side by side in a copy: where they are, each cache line has those of one pixel, and lines of
// neighbouring pixels are so far apart that they share few places in the caches.
struct Source {
  explicit Source(const Conv2dShape& s)
      : copied(!s.inside() || (is_small_group(s) && s.kh * s.kw > 1)),
        by_groups(copied && is_small_group(s)),
        channels(by_groups ? s.group_c() : s.c) {}

  static bool is_small_group(const Conv2dShape& s) { return s.groups > 1 && s.group_c() <= 16; }

  bool copied, by_groups;
  int64_t channels;  // from a pixel to the next
};

// Floats of a small multiple of a vector, too few to call memcpy for.
void copy_channels(const float* from, int64_t count, float* to) {
  constexpr int64_t kTogether = 8;
  for (; count >= kTogether; count -= kTogether, from += kTogether, to += kTogether) {
    for (int64_t i = 0; i < kTogether; ++i) to[i] = from[i];
  }
  for (int64_t i = 0; i < count; ++i) to[i] = from[i];
}

// Copies lines [y, y + lines) of an image, pixels [x, x + pixels), with zeros outside the image;
// `channels` of a pixel side by side, and those after them `step` floats further on.
void copy_padded(const Conv2dShape& s, const float* image, int64_t y, int64_t lines, int64_t x,
                 int64_t pixels, int64_t channels, int64_t step, float* out) {
  const int64_t begin = std::clamp<int64_t>(-x, 0, pixels);
  const int64_t end = std::clamp(s.w - x, begin, pixels);
  const int64_t parts = s.c / channels;
  for (int64_t line = y; line < y + lines; ++line, out += pixels * channels) {
    const bool outside = line < 0 || line >= s.h || begin == end;
    const int64_t first = outside ? pixels : begin, last = outside ? pixels : end;
    for (int64_t part = 0; part < parts; ++part) {
      float* to = out + part * step;
      std::fill(to, to + first * channels, 0.0f);
      std::fill(to + last * channels, to + pixels * channels, 0.0f);
    }
    if (outside) continue;
    const float* from = image + (line * s.w + x + begin) * s.c;
    if (parts == 1) {
      std::copy_n(from, (end - begin) * channels, out + begin * channels);
      continue;
    }
    for (int64_t pixel = begin; pixel < end; ++pixel, from += s.c) {
      for (int64_t part = 0; part < parts; ++part) {
        copy_channels(from + part * channels, channels, out + part * step + pixel * channels);
      }
    }
  }
}

OffsetMap taps_map(const Conv2dShape& s, int64_t channels, int64_t line_step) {
  return {.inner_step = 1,
          .inner_count = s.group_c(),
          .middle_step = s.dilation_w * channels,
          .middle_count = s.kw,
          .outer_step = s.dilation_h * line_step};
}

}  // namespace

Conv2dTiles::Conv2dTiles(const Conv2dShape& shape, int64_t cuts) : shape_(shape) {
  constexpr int64_t kMinRows = 64;
  const int64_t rows = shape.rows();
  const int64_t for_cache = ceil_div(rows, rows_in_cache(shape));
  const int64_t for_threads = floor_pow2(std::min(cuts, rows / kMinRows));
  // A multiple of the tiles that suit the threads, so that all threads get as many.
  const int64_t tiles = round_up(std::max(for_cache, for_threads), for_threads);
  images_ = std::max<int64_t>(1, shape.n / tiles);
  const int64_t tiles_per_image = std::min(shape.oh, ceil_div(tiles, shape.n));
  lines_ = ceil_div(shape.oh, tiles_per_image);
  image_tiles_ = ceil_div(shape.n, images_);
  line_tiles_ = ceil_div(shape.oh, lines_);
}

Conv2dTile Conv2dTiles::at(int64_t index) const {
  const int64_t image = index / line_tiles_ * images_;
  const int64_t line = index % line_tiles_ * lines_;
  Conv2dTile tile{.image = image,
                  .images = std::min(images_, shape_.n - image),
                  .line = line,
                  .lines = std::min(lines_, shape_.oh - line),
                  .row_begin = (image * shape_.oh + line) * shape_.ow,
                  .row_end = 0};
  tile.row_end = tile.row_begin + tile.images * tile.lines * shape_.ow;
  return tile;
}

int64_t tile_buffer_size(const Conv2dShape& s, int64_t images, int64_t lines) {
  if (!Source(s).copied) return 0;
  return round_up(images * s.input_lines(lines) * s.input_pixels(s.ow) * s.c, 16);
}

Conv2dPatches tile_patches(const Conv2dShape& s, const Conv2dTile& tile, const float* x,
                           float* buffer) {
  const Source source(s);
  const int64_t y = tile.line * s.stride_h - s.pad_top;
  const int64_t lines = source.copied ? s.input_lines(tile.lines) : s.h;
  const int64_t pixels = source.copied ? s.input_pixels(s.ow) : s.w;
  const int64_t line_step = pixels * source.channels;
  const int64_t image_step = lines * line_step;
  const int64_t group_step = source.by_groups ? tile.images * image_step : s.group_c();
  const float* images = x + tile.image * s.h * s.w * s.c;
  if (source.copied) {
    for (int64_t image = 0; image < tile.images; ++image) {
      copy_padded(s, images + image * s.h * s.w * s.c, y, lines, -s.pad_left, pixels,
                  source.channels, group_step, buffer + image * image_step);
    }
  }
  return {.data = source.copied ? buffer : images + y * line_step,
          .pixels = {.inner_step = s.stride_w * source.channels,
                     .inner_count = s.ow,
                     .middle_step = s.stride_h * line_step,
                     .middle_count = tile.lines,
                     .outer_step = image_step},
          .taps = taps_map(s, source.channels, line_step),
          .group_step = group_step};
}

Conv2dShape upright(const Conv2dShape& shape) {
  Conv2dShape s = shape;
  if (s.h == 1 && s.kh == 1 && s.oh == 1 && s.pad_top == 0) {
    std::swap(s.h, s.w);
    std::swap(s.kh, s.kw);
    std::swap(s.oh, s.ow);
    std::swap(s.stride_h, s.stride_w);
    std::swap(s.pad_top, s.pad_left);
    std::swap(s.dilation_h, s.dilation_w);
  }
  return s;
}

}  // namespace luge
