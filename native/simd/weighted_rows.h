// Sums of weighted rows: what a product with a matrix of few entries that are not zero comes to.
#pragma once

#include <cstdint>

namespace luge {

// A row by its first float, and what it is multiplied by.
struct WeightedRow {
  int32_t begin;
  float weight;
};

// Floats of a vector, of which rows consist.
int64_t vector_floats();

// Vectors of a row that are summed together.
inline constexpr int64_t kMostVectors = 8;

// y[to[v] + i] += sum over rows of weight * x[begin + from[v] + i], for `vectors` vectors, i below
// vector_floats().
void add_weighted_rows(int64_t count, const WeightedRow* rows, int64_t vectors, const float* x,
                       const int64_t* from, float* y, const int64_t* to);

}  // namespace luge
