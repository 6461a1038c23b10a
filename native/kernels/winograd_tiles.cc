#include "kernels/winograd_tiles.h"

#include <algorithm>

namespace luge {

WinogradTile winograd_tile(const WinogradShape& shape, int64_t index) {
  const int64_t columns = shape.tile_columns();
  const int64_t per_image = shape.tile_rows() * columns;
  return {
      .image = index / per_image, .row = index % per_image / columns, .column = index % columns};
}

void next_tile(const WinogradShape& shape, WinogradTile& tile) {
  if (++tile.column < shape.tile_columns()) return;
  tile.column = 0;
  if (++tile.row < shape.tile_rows()) return;
  tile.row = 0;
  ++tile.image;
}

WinogradSquare<const float> input_square(const WinogradShape& shape, const WinogradTile& tile,
                                         const float* x) {
  const Conv2dShape& s = shape.conv;
  const int64_t top = tile.row * shape.tile - s.pad_top;
  const int64_t left = tile.column * shape.tile - s.pad_left;
  return {.data = x + ((tile.image * s.h + top) * s.w + left) * s.c,
          .row_step = s.w * s.c,
          .column_step = s.c,
          .row_begin = -top,
          .row_end = s.h - top,
          .column_begin = -left,
          .column_end = s.w - left};
}

template <class T>
WinogradSquare<T> output_square(const WinogradShape& shape, const WinogradTile& tile, T* y,
                                int64_t first) {
  const Conv2dShape& s = shape.conv;
  const int64_t top = tile.row * shape.tile;
  const int64_t left = tile.column * shape.tile;
  return {.data = y + ((tile.image * s.oh + top) * s.ow + left) * s.oc + first,
          .row_step = s.ow * s.oc,
          .column_step = s.oc,
          .row_begin = 0,
          .row_end = s.oh - top,
          .column_begin = 0,
          .column_end = s.ow - left};
}
template WinogradSquare<float> output_square(const WinogradShape&, const WinogradTile&, float*,
                                             int64_t);
template WinogradSquare<const float> output_square(const WinogradShape&, const WinogradTile&,
                                                   const float*, int64_t);

namespace {

// Fetches rows [first_row, size) and columns [first_column, size) of a square: tiles walk along so
// many lines side by side that the processor does not foresee them. Inlined by force, as GCC drops
// calls of a function that does nothing but fetch.
[[gnu::always_inline]] inline void prefetch(const WinogradSquare<const float>& s, int first_row,
                                            int first_column, int size, int64_t channels) {
  const int64_t rows = std::min<int64_t>(size, s.row_end);
  const int64_t columns = std::min<int64_t>(size, s.column_end);
  // All channels of an image lie in one stretch.
  const bool whole = channels == s.column_step;
  const int64_t stretch = whole ? (columns - first_column) * channels : channels;
  for (int64_t i = std::max<int64_t>(first_row, s.row_begin); i < rows; ++i) {
    for (int64_t j = first_column; j < columns; j = whole ? columns : j + 1) {
      const float* from = s.data + i * s.row_step + j * s.column_step;
      for (int64_t k = 0; k < stretch; k += 16) __builtin_prefetch(from + k);
    }
  }
}

}  // namespace

void transform_inputs(const WinogradShape& shape, const float* x, const ChannelRange& channels,
                      int64_t begin, int64_t count, const TileSteps& steps, float* v) {
  x += channels.first;
  const WinogradSizes sizes = shape.sizes();
  const int64_t ahead = shape.tile_columns();
  WinogradTile tile = winograd_tile(shape, begin);
  WinogradTile later = winograd_tile(shape, begin + ahead);
  for (int64_t i = 0; i < count; ++i, next_tile(shape, tile), next_tile(shape, later)) {
    if (begin + i + ahead < shape.tiles()) {
      // Some columns and rows are those of its neighbours, too.
      const int shared = sizes.kernel - 1;
      prefetch(input_square(shape, later, x), later.row > 0 ? shared : 0, shared, sizes.side(),
               channels.count);
    }
    winograd_transform(sizes, WinogradTransform::input, input_square(shape, tile, x),
                       points_square(sizes, v + i * steps.tile, steps.point), channels.count);
  }
}

void transform_dy(const WinogradShape& shape, const float* dy, const ChannelRange& channels,
                  int64_t begin, int64_t count, const TileSteps& steps, float* z) {
  const WinogradSizes sizes = shape.sizes();
  const int64_t ahead = shape.tile_columns();
  WinogradTile tile = winograd_tile(shape, begin);
  WinogradTile later = winograd_tile(shape, begin + ahead);
  for (int64_t i = 0; i < count; ++i, next_tile(shape, tile), next_tile(shape, later)) {
    if (begin + i + ahead < shape.tiles()) {
      prefetch(output_square(shape, later, dy, channels.first), 0, 0, shape.tile, channels.count);
    }
    winograd_transform(sizes, WinogradTransform::dy, output_square(shape, tile, dy, channels.first),
                       points_square(sizes, z + i * steps.tile, steps.point), channels.count);
  }
}

}  // namespace luge
