// Depthwise convolution of rectangles of pixels that all see the same part of the kernel.
#pragma once

#include <cstdint>

namespace luge {

// One axis of such a rectangle: its pixels, and the elements of the kernel that they see. Steps are
// in floats.
struct DepthwiseAxis {
  int64_t pixels, x_step, y_step;
  int64_t taps, x_tap_step, weight_tap_step;
};

struct DepthwiseTile {
  DepthwiseAxis outer, inner;
  int64_t channels;
  // Whether results may go to memory past the caches, where they need not be read first: for so
  // many that no cache holds them until they are used. y and channels are whole cache lines.
  bool past_caches = false;
};

// y[pixel, channel] = sum over taps of x[pixel, tap, channel] * weight[tap, channel]
void depthwise_rows(const DepthwiseTile& tile, const float* x, const float* weight, float* y);

// dweight[tap, channel] += sum over pixels of x[pixel, tap, channel] * dy[pixel, channel]
void depthwise_dweight_rows(const DepthwiseTile& tile, const float* x, const float* dy,
                            float* dweight);

}  // namespace luge
