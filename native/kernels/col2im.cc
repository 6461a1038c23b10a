#include "kernels/col2im.h"

#include <algorithm>

namespace luge {
namespace {

void add_run(float* __restrict out, const float* __restrict values, int64_t count) {
#pragma omp simd
  for (int64_t i = 0; i < count; ++i) out[i] += values[i];
}

}  // namespace

void col2im_add(const Conv2dShape& s, const float* columns, int64_t group, int64_t row_begin,
                int64_t row_end, float* dx) {
  const int64_t channels = s.group_c();
  // Neighbouring taps that are neighbours in the image too are added in one run.
  const int64_t run = s.dilation_w == 1 && s.groups == 1 ? s.kw : 1;
  for (int64_t row = row_begin; row < row_end; ++row) {
    float* image = dx + row / s.ow / s.oh * s.h * s.w * s.c + group * channels;
    const int64_t top = row / s.ow % s.oh * s.stride_h - s.pad_top;
    const int64_t left = row % s.ow * s.stride_w - s.pad_left;
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      const int64_t y = top + ky * s.dilation_h;
      const float* values = columns + ((row - row_begin) * s.kh + ky) * s.kw * channels;
      if (y < 0 || y >= s.h) continue;
      for (int64_t kx = 0; kx < s.kw; kx += run) {
        const int64_t x = left + kx * s.dilation_w;
        const int64_t begin = std::max<int64_t>(0, -x);
        const int64_t end = std::min(run, s.w - x);
        if (begin >= end) continue;
        add_run(image + (y * s.w + x + begin) * s.c, values + (kx + begin) * channels,
                (end - begin) * channels);
      }
    }
  }
}

}  // namespace luge
