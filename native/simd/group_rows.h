// Convolution in groups of a few channels each, as many filters as channels, of rectangles of
// pixels that all see the same part of the kernel.
#pragma once

#include <cstdint>

#include "simd/depthwise_rows.h"

namespace luge {

// Whether groups of so many channels are done here.
constexpr bool is_group_size(int64_t size) { return size == 4 || size == 8; }

// y[pixel, g * size + filter] = sum over taps and the channels of group g of
// x[pixel, tap, g * size + channel] * weight[tap, channel, g * size + filter]
void group_rows(int64_t size, const DepthwiseTile& tile, const float* x, const float* weight,
                float* y);

// dweight[tap, channel, g * size + filter] += sum over pixels of
// x[pixel, tap, g * size + channel] * dy[pixel, g * size + filter]
void group_dweight_rows(int64_t size, const DepthwiseTile& tile, const float* x, const float* dy,
                        float* dweight);

}  // namespace luge
