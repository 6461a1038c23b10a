// The tiles of a Winograd convolution, in the order image, row, column, and their transforms.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/matmul_tiling.h"
#include "kernels/winograd.h"
#include "simd/winograd_transform.h"

namespace luge {

struct WinogradTile {
  int64_t image, row, column;  // of tiles
};

WinogradTile winograd_tile(const WinogradShape& shape, int64_t index);
void next_tile(const WinogradShape& shape, WinogradTile& tile);

// The patch of x [n, h, w, c] that a tile looks at; zero outside the image.
WinogradSquare<const float> input_square(const WinogradShape& shape, const WinogradTile& tile,
                                         const float* x);

// The outputs [n, oh, ow, oc] of a tile, from channel `first` on; none beyond the image.
template <class T>
WinogradSquare<T> output_square(const WinogradShape& shape, const WinogradTile& tile, T* y,
                                int64_t first);

// Floats from point to point for so many at each: an odd number of cache lines, as steps of a power
// of two would send all points to the same few sets of the cache.
constexpr int64_t point_step(int64_t floats) { return (ceil_div(floats, 16) | 1) * 16; }

// What is [points, ...] with so many floats from point to point.
template <class T>
WinogradSquare<T> points_square(const WinogradSizes& sizes, T* data, int64_t step) {
  return {.data = data, .row_step = sizes.side() * step, .column_step = step};
}

// Channels of an image.
struct ChannelRange {
  int64_t first, count;
};

// Transformed tiles as [points, tiles, channels]: the floats from tile to tile and point to point.
struct TileSteps {
  int64_t tile, point;
};

// v = the transformed patches of some channels of x under tiles [begin, begin + count).
void transform_inputs(const WinogradShape& shape, const float* x, const ChannelRange& channels,
                      int64_t begin, int64_t count, const TileSteps& steps, float* v);
// z = transformed tiles of some channels of dy.
void transform_dy(const WinogradShape& shape, const float* dy, const ChannelRange& channels,
                  int64_t begin, int64_t count, const TileSteps& steps, float* z);

// Calls body(first, end) for the part of each row of tiles that lies in [begin, end).
template <class Body>
void each_tile_row(const WinogradShape& shape, int64_t begin, int64_t end, Body body) {
  const int64_t per_row = shape.tile_columns();
  while (begin < end) {
    const int64_t row_end = std::min(end, begin - begin % per_row + per_row);
    body(begin, row_end);
    begin = row_end;
  }
}

// Calls body(row_begin, row_end) for the pixels of n * oh * ow that tiles [begin, end) of a row of
// tiles make, as long stretches as there are.
template <class Body>
void each_stretch(const WinogradShape& shape, int64_t begin, int64_t end, Body body) {
  const Conv2dShape& s = shape.conv;
  const WinogradTile tile = winograd_tile(shape, begin);
  const int64_t line = tile.row * shape.tile;
  const int64_t lines = std::min<int64_t>(shape.tile, s.oh - line);
  const int64_t from = tile.column * shape.tile;
  const int64_t to = std::min(s.ow, from + (end - begin) * shape.tile);
  const int64_t row = (tile.image * s.oh + line) * s.ow;
  if (from == 0 && to == s.ow) {
    body(row, row + lines * s.ow);
  } else {
    for (int64_t i = 0; i < lines; ++i) body(row + i * s.ow + from, row + i * s.ow + to);
  }
}

}  // namespace luge
