// Random tensors and dropout. The same stream gives the same numbers, however the work is shared
// out; y has at most 2^34 elements.
#pragma once

#include <cstdint>

#include "simd/random_fill.h"

namespace luge {

void random_uniform(const RandomStream& stream, float low, float high, float* y, int64_t size);
void random_normal(const RandomStream& stream, float mean, float stddev, float* y, int64_t size);
void truncated_normal(const RandomStream& stream, float mean, float stddev, float* y, int64_t size);

// 0 with probability `rate` in [0, 1), else 1 / (1 - rate).
void dropout_mask(const RandomStream& stream, float rate, float* mask, int64_t size);

// y = x * mask. Its gradient is the same call with dy for x: the mask is drawn again, not kept. y
// may be x.
void dropout(const RandomStream& stream, float rate, const float* x, float* y, int64_t size);

}  // namespace luge
