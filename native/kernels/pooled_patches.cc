#include "kernels/pooled_patches.h"

#include "kernels/matmul_tiling.h"
#include "simd/weighted_rows.h"

namespace luge {

PooledPatches::PooledPatches(const Conv2dShape& conv, const PoolShape& pool)
    : conv_(conv),
      pool_(pool),
      lanes_(vector_floats()),
      line_vectors_(ceil_div(conv.kw * conv.c, lanes_)),
      lines_(std::max(conv.input_lines(conv.oh), conv.pad_top + conv.h)),
      pitch_(std::max(conv.input_pixels(conv.ow), conv.pad_left + conv.w) * conv.c) {}

int64_t PooledPatches::image_size() const { return round_up(lines_ * pitch_ + lanes_, 16); }

void PooledPatches::pad(const float* image, float* padded) const {
  const int64_t line = conv_.w * conv_.c;
  std::fill_n(padded, image_size(), 0.0f);
  float* inner = padded + conv_.pad_top * pitch_ + conv_.pad_left * conv_.c;
  for (int64_t y = 0; y < conv_.h; ++y) std::copy_n(image + y * line, line, inner + y * pitch_);
}

void PooledPatches::unpad(const float* padded, float* image) const {
  const int64_t line = conv_.w * conv_.c;
  const float* inner = padded + conv_.pad_top * pitch_ + conv_.pad_left * conv_.c;
  for (int64_t y = 0; y < conv_.h; ++y) std::copy_n(inner + y * pitch_, line, image + y * line);
}

int32_t PooledPatches::window_begin(int64_t window) const {
  const int64_t y = window / pool_.out_w * pool_.stride_h * conv_.stride_h;
  const int64_t x = window % pool_.out_w * pool_.stride_w * conv_.stride_w;
  return static_cast<int32_t>(y * pitch_ + x * conv_.c);
}

int32_t PooledPatches::position_offset(int64_t position) const {
  const int64_t y = position / pool_.pool_w * conv_.stride_h;
  const int64_t x = position % pool_.pool_w * conv_.stride_w;
  return static_cast<int32_t>(y * pitch_ + x * conv_.c);
}

void PooledPatches::write_offsets(int64_t first, int64_t count, int64_t* patch,
                                  int64_t* filter) const {
  for (int64_t i = 0; i < count; ++i) {
    const int64_t line = (first + i) / line_vectors_, vector = (first + i) % line_vectors_;
    patch[i] = line * conv_.dilation_h * pitch_ + vector * lanes_;
    filter[i] = (first + i) * lanes_;
  }
}

}  // namespace luge
