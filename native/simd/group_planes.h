// Lines of a convolution of one group, with kernels three pixels wide that move by one pixel, over
// input in planes: the pixels of a channel side by side. A pixel is loaded once for the three
// elements of the kernel that see it, which a product of patches would load three times.
#pragma once

#include <cstdint>

namespace luge {

constexpr int64_t kGroupPlanesWidth = 3;  // of a kernel

struct GroupPlanes {
  int64_t channels, filters;  // of the group: multiples of 8 and of 16
  int64_t kh;
  int64_t pixels;       // of a line of y
  int64_t x_channel;    // floats of x from a channel to the next
  int64_t x_tap;        // from the line under a line of the kernel to that under the next
  int64_t y_pixel;      // floats of y from a pixel to the next
  int64_t weight_step;  // of dweight, from a channel to the next
};

// out[channel * plane + pixel] = x[pixel, channel]; a multiple of 4 channels.
void line_to_planes(int64_t pixels, int64_t channels, const float* x, int64_t plane, float* out);

// y[pixel, filter] = sum over the kernel's lines a and pixels b, and channels, of
// x[a, channel, pixel + b] * weight[a, channel, b, filter]
void group_planes_line(const GroupPlanes& group, const float* x, const float* weight, float* y);

// dweight[a, b, channel, filter] (+)= sum over `lines` and pixels of
// x[line, a, channel, pixel + b] * dy[line, pixel, filter], with so many floats between lines.
void group_planes_dweight(const GroupPlanes& group, int64_t lines, int64_t x_line, int64_t dy_line,
                          const float* x, const float* dy, bool accumulate, float* dweight);

}  // namespace luge
