#include "kernels/group_conv2d.h"

#include <algorithm>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "simd/group_planes.h"

namespace luge {
namespace {

// Floats of a line of one channel, zeros around it included.
int64_t line_size(const Conv2dShape& s) { return round_up(s.input_pixels(s.ow), 4); }

// Floats of one channel under so many lines of y.
int64_t plane_size(const Conv2dShape& s, int64_t lines) {
  return s.input_lines(lines) * line_size(s);
}

GroupPlanes group_planes(const Conv2dShape& s, int64_t lines) {
  return {.channels = s.group_c(),
          .filters = s.group_oc(),
          .kh = s.kh,
          .pixels = s.ow,
          .x_channel = plane_size(s, lines),
          .x_tap = s.dilation_h * line_size(s),
          .y_pixel = s.oc,
          .weight_step = s.oc};
}

// planes[c, lines, line_size]: what lines [line, line + lines) of y see of an image.
void planes_under(const Conv2dShape& s, const float* image, int64_t line, int64_t lines,
                  float* planes) {
  const int64_t top = line * s.stride_h - s.pad_top;
  const int64_t begin = std::clamp<int64_t>(top, 0, s.h);
  const int64_t end = std::clamp(top + s.input_lines(lines), begin, s.h);
  std::fill_n(planes, s.c * plane_size(s, lines), 0.0f);
  for (int64_t i = begin; i < end; ++i) {
    line_to_planes(std::min(s.w, line_size(s) - s.pad_left), s.c, image + i * s.w * s.c,
                   plane_size(s, lines), planes + (i - top) * line_size(s) + s.pad_left);
  }
}

}  // namespace

// More filters of a group are as fast as a product.
bool is_group_conv2d(const Conv2dShape& s) {
  return s.groups > 1 && s.kw == kGroupPlanesWidth && s.stride_w == 1 && s.dilation_w == 1 &&
         s.h > 1 && s.group_c() % 8 == 0 && (s.group_oc() == 16 || s.group_oc() == 32);
}
bool is_group_conv2d_dweight(const Conv2dShape& s) {
  return is_group_conv2d(s) && s.group_oc() == 16;
}

int64_t group_conv2d_buffer(const Conv2dShape& s, int64_t lines) {
  return round_up(s.c * plane_size(s, lines), 16);
}

void pack_group_weights(const Conv2dShape& s, const float* weight, float* packed) {
  const int64_t filters = s.group_oc(), channels = s.group_c();
  parallel_for(s.groups, [&](int64_t group, int) {
    float* to = packed + group * s.depth() * filters;
    for (int64_t a = 0; a < s.kh; ++a) {
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t b = 0; b < s.kw; ++b, to += filters) {
          const int64_t row = (a * s.kw + b) * channels + c;
          std::copy_n(weight + row * s.oc + group * filters, filters, to);
        }
      }
    }
  });
}

void group_conv2d_tile(const Conv2dShape& s, const Conv2dTile& tile, const float* x,
                       const float* packed, float* y, float* buffer) {
  const GroupPlanes planes = group_planes(s, tile.lines);
  for (int64_t image = tile.image; image < tile.image + tile.images; ++image) {
    planes_under(s, x + image * s.h * s.w * s.c, tile.line, tile.lines, buffer);
    for (int64_t group = 0; group < s.groups; ++group) {
      const float* from = buffer + group * s.group_c() * planes.x_channel;
      float* to = y + (image * s.oh + tile.line) * s.ow * s.oc + group * s.group_oc();
      for (int64_t line = 0; line < tile.lines; ++line) {
        group_planes_line(planes, from + line * s.stride_h * line_size(s),
                          packed + group * s.depth() * s.group_oc(), to + line * s.ow * s.oc);
      }
    }
  }
}

void group_conv2d_dweight_tile(const Conv2dShape& s, const Conv2dTile& tile, const float* x,
                               const float* dy, bool accumulate, float* dweight, float* buffer) {
  const GroupPlanes planes = group_planes(s, tile.lines);
  for (int64_t image = tile.image; image < tile.image + tile.images; ++image) {
    planes_under(s, x + image * s.h * s.w * s.c, tile.line, tile.lines, buffer);
    const float* gradient = dy + (image * s.oh + tile.line) * s.ow * s.oc;
    for (int64_t group = 0; group < s.groups; ++group) {
      const int64_t filter = group * s.group_oc();
      group_planes_dweight(planes, tile.lines, s.stride_h * line_size(s), s.ow * s.oc,
                           buffer + group * s.group_c() * planes.x_channel, gradient + filter,
                           accumulate || image > tile.image, dweight + filter);
    }
  }
}

}  // namespace luge
