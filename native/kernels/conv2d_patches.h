// A convolution as a matrix product without its matrix: tiles of output pixels, and the patches of
// the input under them as an operand that the product reads where they lie.
#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "simd/gemm_kernel.h"

namespace luge {

// Whole images, or some lines of one.
struct Conv2dTile {
  int64_t image, images;
  int64_t line, lines;
  int64_t row_begin, row_end;  // of all n * oh * ow output pixels
};

// Floats of buffer for the patches of a tile of so many lines of so many images; 0 if x is read
// where it lies.
int64_t tile_buffer_size(const Conv2dShape& shape, int64_t images, int64_t lines);

// Cuts the output of a convolution into tiles, depending on its shape alone.
class Conv2dTiles {
 public:
  // For `cuts` threads, as far as there are enough pixels, with tiles that stay in cache.
  Conv2dTiles(const Conv2dShape& shape, int64_t cuts);

  int64_t count() const { return image_tiles_ * line_tiles_; }
  Conv2dTile at(int64_t index) const;

  // Floats of buffer that a thread needs for tile_patches.
  int64_t buffer_size() const { return tile_buffer_size(shape_, images_, lines_); }

 private:
  Conv2dShape shape_;
  int64_t images_, lines_;
  int64_t image_tiles_, line_tiles_;
};

// The patches of a tile: pixel i sees its weight p's input in a group at
// data[group * group_step + pixels(i) + taps(p)].
struct Conv2dPatches {
  const float* data;
  OffsetMap pixels, taps;
  int64_t group_step;
};

// Refers to x itself, or to a copy of its part in buffer: where padding is needed, and for groups.
Conv2dPatches tile_patches(const Conv2dShape& shape, const Conv2dTile& tile, const float* x,
                           float* buffer);

// A convolution along w alone as the same one along h, so that its long line can be cut.
Conv2dShape upright(const Conv2dShape& shape);

}  // namespace luge
