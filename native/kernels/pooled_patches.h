// What the gradients of a convolution share whose outputs max pooling has thinned out: of every
// window one output has a gradient, and what it came from is a patch of the image, which is read
// or added to as rows of whole vectors.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/conv2d_shape.h"
#include "kernels/pool.h"

namespace luge {

class PooledPatches {
 public:
  PooledPatches(const Conv2dShape& conv, const PoolShape& pool);

  // The weights of a filter line by line of the kernel, each padded to whole vectors.
  int64_t vectors() const { return conv_.kh * line_vectors_; }
  int64_t filter_size() const { return vectors() * lanes_; }
  // From the place of weight [line, 0, 0] in it to the next line, of so many weights.
  int64_t line_step() const { return line_vectors_ * lanes_; }
  int64_t line_size() const { return conv_.kw * conv_.c; }

  // An image with its padding, and what the last vectors see beyond it.
  int64_t image_size() const;
  void pad(const float* image, float* padded) const;
  void unpad(const float* padded, float* image) const;

  int64_t windows() const { return pool_.out_h * pool_.out_w; }
  int64_t columns() const { return pool_.out_w; }  // of windows
  int64_t positions() const { return pool_.pool_h * pool_.pool_w; }
  // Where the patch of a window's first position begins, and how far from it that of another does.
  int32_t window_begin(int64_t window) const;
  int64_t column_step() const { return pool_.stride_w * conv_.stride_w * conv_.c; }
  int32_t position_offset(int64_t position) const;
  // The position that an index names; nothing lies behind a last one.
  int64_t position(uint8_t index) const { return std::min<int64_t>(index, positions() - 1); }

  // Where vectors [first, first + count) lie in a patch and in a filter.
  void write_offsets(int64_t first, int64_t count, int64_t* patch, int64_t* filter) const;

 private:
  Conv2dShape conv_;
  PoolShape pool_;
  int64_t lanes_;
  int64_t line_vectors_;
  int64_t lines_, pitch_;  // of the padded image: lines, and floats from one to the next
};

}  // namespace luge
