// Convolution of images of few channels, which lie as planes: vectors along a line of pixels, so
// that neither few channels nor an odd number of filters leaves lanes empty. The results are pooled
// in registers, by windows of 2x2.
#pragma once

#include <cstdint>

namespace luge {

// A line of pooled outputs. Distances are in floats.
struct PlanesLine {
  int64_t columns;  // pooled outputs
  int64_t filters;
  int64_t depth;        // weights of a filter, at most 256, which the products sum up in one go
  const int64_t* taps;  // [depth]: where the input of each weight lies, from the pixel on
  int64_t line_step;    // from a line of the convolution to the next
};

// Whether the vectors of this processor are short enough for so many columns.
bool planes_fit(int64_t columns);

// Floats of the buffer that the function below needs.
constexpr int64_t planes_buffer_size(int64_t columns, int64_t filters) {
  return 2 * (columns + 16) * (filters + 4) + columns * filters + 16;
}

// y[columns, filters] = the largest of each window of the convolution of x with
// weight[depth, filters], to the bit as gemm_kernel and max_pool_row give it; index as there, with
// a byte for each, or null.
void planes_max_pool_line(const PlanesLine& line, const float* x, const float* weight, float* y,
                          uint8_t* index, float* buffer);

}  // namespace luge
