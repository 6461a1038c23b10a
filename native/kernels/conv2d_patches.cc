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

// Copies lines [y, y + lines) of an image, pixels [x, x + pixels), with zeros outside the image.
void copy_padded(const Conv2dShape& s, const float* image, int64_t y, int64_t lines, int64_t x,
                 int64_t pixels, float* out) {
  const int64_t begin = std::clamp<int64_t>(-x, 0, pixels);
  const int64_t end = std::clamp(s.w - x, begin, pixels);
  for (int64_t line = y; line < y + lines; ++line, out += pixels * s.c) {
    if (line < 0 || line >= s.h || begin == end) {
      std::fill_n(out, pixels * s.c, 0.0f);
      continue;
    }
    std::fill(out, out + begin * s.c, 0.0f);
    std::copy_n(image + (line * s.w + x + begin) * s.c, (end - begin) * s.c, out + begin * s.c);
    std::fill(out + end * s.c, out + pixels * s.c, 0.0f);
  }
}

// Even where it can be: a product then reads without a table.
OffsetMap taps_map(const Conv2dShape& s, int64_t line_step) {
  if (s.kh * s.kw == 1) return {.inner_step = 1};
  return {.inner_step = 1,
          .inner_count = s.group_c(),
          .middle_step = s.dilation_w * s.c,
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

int64_t Conv2dTiles::buffer_size() const {
  if (shape_.inside()) return 0;
  return round_up(images_ * shape_.input_lines(lines_) * shape_.input_pixels(shape_.ow) * shape_.c,
                  16);
}

Conv2dPatches tile_patches(const Conv2dShape& s, const Conv2dTile& tile, const float* x,
                           float* buffer) {
  const bool inside = s.inside();
  const int64_t y = tile.line * s.stride_h - s.pad_top;
  const int64_t lines = inside ? s.h : s.input_lines(tile.lines);
  const int64_t pixels = inside ? s.w : s.input_pixels(s.ow);
  const int64_t line_step = pixels * s.c;
  const int64_t image_step = lines * line_step;
  const float* images = x + tile.image * s.h * s.w * s.c;
  if (!inside) {
    for (int64_t image = 0; image < tile.images; ++image) {
      copy_padded(s, images + image * s.h * s.w * s.c, y, lines, -s.pad_left, pixels,
                  buffer + image * image_step);
    }
  }
  return {.data = inside ? images + y * line_step : buffer,
          .pixels = {.inner_step = s.stride_w * s.c,
                     .inner_count = s.ow,
                     .middle_step = s.stride_h * line_step,
                     .middle_count = tile.lines,
                     .outer_step = image_step},
          .taps = taps_map(s, line_step)};
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
