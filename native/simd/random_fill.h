// Random numbers by the vector. Element i is made of word i (normal: words i and its neighbour) of
// the stream, so any part of a tensor can be drawn alone.
#pragma once

#include <cstdint>

#include "base/philox.h"

namespace luge {

// What to draw; the meaning of a and b follows.
enum class Distribution : uint8_t {
  uniform,           // in [a, b)
  normal,            // mean a, standard deviation b
  truncated_normal,  // the same, redrawn beyond two standard deviations
  dropout_mask,      // 0 with probability a, else 1 / (1 - a)
};

// out[i] = element 4 * first_block + i, for i in [0, n).
void fill_random(Distribution distribution, const RandomStream& stream, uint32_t first_block,
                 int64_t n, float a, float b, float* out);

}  // namespace luge
