#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "kernels/col2im.h"
#include "kernels/conv2d.h"
#include "kernels/conv2d_patches.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/gemm.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

// With stride 1, dx is itself a convolution: of dy, with the kernel turned by 180 degrees and its
// channels and filters exchanged. That pays unless dx has many more pixels than dy, whose columns
// would then be mostly zeros.
bool is_convolution(const Conv2dShape& s) {
  return s.stride_h == 1 && s.stride_w == 1 && 4 * s.h * s.w <= 5 * s.oh * s.ow;
}

Conv2dShape transposed(const Conv2dShape& s) {
  return {.n = s.n,
          .h = s.oh,
          .w = s.ow,
          .c = s.oc,
          .kh = s.kh,
          .kw = s.kw,
          .oh = s.h,
          .ow = s.w,
          .oc = s.c,
          .stride_h = 1,
          .stride_w = 1,
          .pad_top = (s.kh - 1) * s.dilation_h - s.pad_top,
          .pad_left = (s.kw - 1) * s.dilation_w - s.pad_left,
          .dilation_h = s.dilation_h,
          .dilation_w = s.dilation_w,
          .groups = s.groups};
}

// turned[kh, kw, oc / groups, c] from weight[kh, kw, c / groups, oc].
void turn_kernel(const Conv2dShape& s, const float* weight, float* turned) {
  const int64_t taps = s.kh * s.kw;
  const int64_t tap_size = s.group_c() * s.oc;
  const auto turn_tap = [&](int64_t tap, int) {
    for (int64_t group = 0; group < s.groups; ++group) {
      const float* from = weight + tap * tap_size + group * s.group_oc();
      float* to = turned + (taps - 1 - tap) * tap_size + group * s.group_c();
      for (int64_t filter = 0; filter < s.group_oc(); ++filter) {
        for (int64_t channel = 0; channel < s.group_c(); ++channel) {
          to[filter * s.c + channel] = from[channel * s.oc + filter];
        }
      }
    }
  };
  if (taps * tap_size < 65536) {
    for (int64_t tap = 0; tap < taps; ++tap) turn_tap(tap, 0);
  } else {
    parallel_for(taps, turn_tap);
  }
}

int64_t turned_size(const Conv2dShape& s) { return round_up(s.depth() * s.oc, 16); }

// Otherwise the products of dy and the weights are scattered, a chunk of whole images per thread.
struct Tiling {
  int64_t images;  // per chunk
  int64_t rows;    // output pixels of an image at a time
};

Tiling choose_tiling(const Conv2dShape& s) {
  constexpr int64_t kColumns = int64_t{1} << 16;  // floats, a quarter of a megabyte
  constexpr int64_t kMinRows = 64;
  const int64_t pixels = s.oh * s.ow;
  const int64_t rows = std::max(kMinRows, kColumns / s.depth());
  return {.images = ceil_div(s.n, std::min(s.n, tile_count(s.multiply_adds()))),
          .rows = tile_size(pixels, ceil_div(pixels, rows))};
}

int64_t scatter_buffer(const Conv2dShape& s, const Tiling& t) {
  return round_up(t.rows * s.depth(), 16);
}

void scatter_images(const Conv2dShape& s, const Tiling& t, const float* dy, const float* weight,
                    float* dx, float* workspace, Epilogue epilogue) {
  const int64_t pixels = s.oh * s.ow;
  const int64_t image_size = s.h * s.w * s.c;
  parallel_for(ceil_div(s.n, t.images), [&](int64_t chunk, int thread) {
    float* columns = workspace + thread * scatter_buffer(s, t);
    const int64_t image_end = std::min(s.n, (chunk + 1) * t.images);
    for (int64_t image = chunk * t.images; image < image_end; ++image) {
      std::fill_n(dx + image * image_size, image_size, 0.0f);
      for (int64_t row = image * pixels; row < (image + 1) * pixels; row += t.rows) {
        const int64_t row_end = std::min((image + 1) * pixels, row + t.rows);
        for (int64_t group = 0; group < s.groups; ++group) {
          const int64_t filter = group * s.group_oc();
          gemm(false, true, row_end - row, s.depth(), s.group_oc(), 1, dy + row * s.oc + filter,
               s.oc, weight + filter, s.oc, 0, columns, s.depth());
          col2im_add(s, columns, group, row, row_end, dx);
        }
      }
      epilogue(image * s.h * s.w, (image + 1) * s.h * s.w, thread);
    }
  });
}

}  // namespace

int64_t conv2d_dx_workspace(const Conv2dShape& shape, int threads) {
  if (is_depthwise(shape)) return depthwise_conv2d_dx_workspace(shape, threads);
  const Conv2dShape s = upright(shape);
  if (is_convolution(s)) return turned_size(s) + conv2d_workspace(transposed(s), threads);
  return threads * scatter_buffer(s, choose_tiling(s));
}

void conv2d_dx(const Conv2dShape& shape, const float* dy, const float* weight, float* dx,
               float* workspace, Epilogue epilogue) {
  if (is_depthwise(shape)) return depthwise_conv2d_dx(shape, dy, weight, dx, workspace, epilogue);
  const Conv2dShape s = upright(shape);
  assert(s.multiply_adds() > 0);
  if (is_convolution(s)) {
    turn_kernel(s, weight, workspace);
    conv2d(transposed(s), dy, workspace, dx, workspace + turned_size(s), epilogue);
  } else {
    scatter_images(s, choose_tiling(s), dy, weight, dx, workspace, epilogue);
  }
}

}  // namespace luge
