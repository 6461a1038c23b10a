#pragma once

#include <cstdint>

namespace luge {

// Rows of a matrix, `step` floats apart; null data stands for zeros on the way in, and for nothing
// wanted on the way out.
template <class T>
struct MatrixRows {
  T* data = nullptr;
  int64_t step = 0;

  T* row(int64_t i) const { return data == nullptr ? nullptr : data + i * step; }
};

// The part of a matrix from a row and a column on.
template <class T>
MatrixRows<T> rows_of(T* data, int64_t step, int64_t row, int64_t column) {
  return {data == nullptr ? nullptr : data + row * step + column, step};
}

}  // namespace luge
