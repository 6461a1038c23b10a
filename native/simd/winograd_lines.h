// Convolution of 5x5 and max pooling of 2x2 by minimal filtering along lines (Winograd 1980, F(4,
// 5)), for images of few channels: eight points give four outputs, so that each takes 10
// multiplications instead of 25. Vectors are of tiles of four outputs, so that neither few channels
// nor an odd number of filters leaves lanes empty.
//
// The points are 0, +-1, +-1/2, +-2 and infinity, which rounds four times as much as sums of
// products.
#pragma once

#include <cstdint>

namespace luge {

// Lines of pooled outputs. The convolution under them has twice as many lines and columns, and its
// input four more of each.
struct WinogradLines {
  static constexpr int64_t kKernel = 5;
  static constexpr int64_t kPoints = 8;

  int64_t lines, columns;
  int64_t channels, filters;

  int64_t tiles() const { return (columns + 1) / 2; }  // of a line
  int64_t input_lines() const { return 2 * lines + kKernel - 1; }
  int64_t input_columns() const { return 2 * columns + kKernel - 1; }

  // Floats of a transformed weight.
  static constexpr int64_t weight_size(int64_t channels, int64_t filters) {
    return filters * channels * kPoints * kKernel;
  }

  // Of the buffer: the transformed input, a line of it before that, and for a vector of tiles the
  // pooled outputs, of which whole vectors are written and whole squares of 4x4 read.
  static constexpr int64_t kMore = 32;
  int64_t point_size() const { return input_lines() / 2 * tiles() + kMore; }
  int64_t input_size() const { return channels * 2 * kPoints * point_size(); }
  int64_t line_size() const { return 4 * tiles() + 2 * kMore; }
  int64_t pooled_size() const { return (filters + 4) * kMore; }
  int64_t buffer_size() const { return input_size() + line_size() + 3 * pooled_size(); }
};

struct WinogradLinesWeight {
  const float* transformed;
  bool moderate;  // whether products with a moderate input cannot be infinite or NaN
};

// weight[5, 5, channels, filters] as the function below takes it, in the buffer `transformed`.
WinogradLinesWeight winograd_lines_weight(int64_t channels, int64_t filters, const float* weight,
                                          float* transformed);

// y[lines, columns, filters] = the largest of each window, or with bias[filters], which can be
// null, relu of that and the bias. index[lines, columns, filters] is as max_pool_row's, with a byte
// for each, or null. x has pixels of all channels side by side, and lines `step` floats apart.
void winograd_lines_max_pool(const WinogradLines& shape, const float* x, int64_t step,
                             const WinogradLinesWeight& weight, const float* bias, float* y,
                             uint8_t* index, float* buffer);

}  // namespace luge
