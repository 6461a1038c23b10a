#include "kernels/gather.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "base/parallel.h"
#include "simd/vmath.h"

namespace luge {
namespace {

constexpr int64_t kCopyChunk = 65536;  // bytes worth a thread
constexpr int64_t kAhead = 4096;       // bytes to ask for before they are copied
constexpr int64_t kChunk = 16384;      // elements worth a thread
constexpr int64_t kColumns = 64;       // of a task that sums: whole cache lines

// y [count, bytes] = the rows of x [n, bytes] at the indices. Nothing but the indices tells the
// memory which row is next, so rows are asked for some time before they are copied.
void copy_rows(const std::byte* x, int64_t n, const int32_t* indices, int64_t count, std::byte* y,
               int64_t bytes) {
  const auto known = [&](int64_t r) { return indices[r] >= 0 && indices[r] < n; };
  const auto ask_for = [&](int64_t r) {
    if (!known(r)) return;
    const std::byte* row = x + indices[r] * bytes;
    for (int64_t at = 0; at < std::min(bytes, kAhead); at += 64) __builtin_prefetch(row + at);
  };
  const int64_t ahead = std::min(count, std::max<int64_t>(1, kAhead / bytes));
  for (int64_t r = 0; r < ahead; ++r) ask_for(r);
  for (int64_t r = 0; r < count; ++r) {
    if (r + ahead < count) ask_for(r + ahead);
    if (known(r)) {
      std::memcpy(y + r * bytes, x + indices[r] * bytes, bytes);
    } else {
      std::memset(y + r * bytes, 0, bytes);
    }
  }
}

bool in_range(const int32_t* indices, int64_t count, int64_t n) {
  return std::all_of(indices, indices + count, [=](int32_t i) { return i >= 0 && i < n; });
}

}  // namespace

bool gather(const void* x, const int32_t* indices, void* y, const GatherShape& s,
            int64_t element_size) {
  const int64_t bytes = s.inner * element_size;
  const int64_t rows = s.outer * s.count;
  const int64_t group = std::max<int64_t>(1, kCopyChunk / bytes);
  parallel_pieces<1>(rows, group, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end;) {
      const int64_t outer = r / s.count, first = r % s.count;
      const int64_t count = std::min(s.count - first, end - r);
      copy_rows(static_cast<const std::byte*>(x) + outer * s.n * bytes, s.n, indices + first, count,
                static_cast<std::byte*>(y) + r * bytes, bytes);
      r += count;
    }
  });
  return in_range(indices, s.count, s.n);
}

bool gather_dx(const float* dy, const int32_t* indices, float* dx, const GatherShape& s) {
  const VmathFunction add = vmath_table()[static_cast<int>(Vmath::add)];
  const int64_t blocks = (s.inner + kColumns - 1) / kColumns;
  // A task owns its columns of dx, so sums need no locks and keep their order.
  parallel_for(s.outer * blocks, [&](int64_t task, int) {
    const int64_t outer = task / blocks;
    const int64_t column = task % blocks * kColumns;
    const int64_t width = std::min(kColumns, s.inner - column);
    float* to = dx + outer * s.n * s.inner + column;
    const float* from = dy + outer * s.count * s.inner + column;
    for (int64_t r = 0; r < s.n; ++r) std::fill_n(to + r * s.inner, width, 0.0f);
    for (int64_t k = 0; k < s.count; ++k) {
      if (indices[k] < 0 || indices[k] >= s.n) continue;
      float* row = to + indices[k] * s.inner;
      add(row, row, from + k * s.inner, nullptr, width);
    }
  });
  return in_range(indices, s.count, s.n);
}

void one_hot(const void* indices, DType dtype, float* y, int64_t count, int64_t depth) {
  const int64_t group = std::max<int64_t>(1, kChunk / std::max<int64_t>(1, depth));
  parallel_pieces<1>(count, group, [&](int64_t first, int64_t end, int) {
    std::fill_n(y + first * depth, (end - first) * depth, 0.0f);
    for (int64_t r = first; r < end; ++r) {
      const int64_t index = dtype == DType::uint8 ? static_cast<const uint8_t*>(indices)[r]
                                                  : static_cast<const int32_t*>(indices)[r];
      if (index >= 0 && index < depth) y[r * depth + index] = 1.0f;
    }
  });
}

}  // namespace luge
