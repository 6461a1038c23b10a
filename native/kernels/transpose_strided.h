// Copying between strided arrays: what transpose, slice, pad, concat and broadcast have in common.
#pragma once

#include <array>
#include <cstdint>

namespace luge {

inline constexpr int kMaxAxes = 8;

// Element (i0, i1, ...) goes from x[sum(i * from)] to y[sum(i * to)]; strides count elements and
// may be zero (from) or negative.
struct StridedCopy {
  int rank = 0;
  std::array<int64_t, kMaxAxes> sizes{};
  std::array<int64_t, kMaxAxes> from{};
  std::array<int64_t, kMaxAxes> to{};

  void add_axis(int64_t size, int64_t from_stride, int64_t to_stride);
};

// element_size is 1 or 4 bytes.
void copy_strided(const StridedCopy& copy, const void* x, void* y, int64_t element_size);

}  // namespace luge
