// Reductions of rows and columns, in an order that depends on sizes (and the instruction set)
// alone.
#pragma once

#include <cstdint>
#include <limits>

namespace luge {

enum class Reduction : uint8_t { sum, max, min, prod };  // NaN wins in max and min

// The value that changes nothing.
constexpr float identity_of(Reduction reduction) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  switch (reduction) {
    case Reduction::max: return -kInfinity;
    case Reduction::min: return kInfinity;
    case Reduction::prod: return 1.0f;
    default: return 0.0f;
  }
}

// y[r] = scale * reduction of x[r * n ...] over n elements. Sums are accumulated in double
// precision every 1024 elements, so that the error does not grow with n.
void reduce_each_row(Reduction reduction, const float* x, int64_t rows, int64_t n, double scale,
                     float* y);
double reduce_row(Reduction reduction, const float* x, int64_t n);

// acc[j] = acc[j] (op) x[0 * stride + j] (op) x[1 * stride + j] ..., for j in [0, width).
void reduce_columns(Reduction reduction, const float* x, int64_t rows, int64_t stride,
                    int64_t width, float* acc);

// first[j] += x[r * stride + j] - center[j] and second[j] += its square, for all rows in turn.
void add_deviations(const float* x, int64_t rows, int64_t stride, int64_t width,
                    const float* center, float* first, float* second);

enum class Extremum : uint8_t { max, min };

// Index of the first extremum (the first NaN if there is any) of every row, or of every column.
void arg_each_row(Extremum extremum, const float* x, int64_t rows, int64_t n, int32_t* y);
void arg_columns(Extremum extremum, const float* x, int64_t rows, int64_t stride, int64_t width,
                 int32_t* y);

}  // namespace luge
