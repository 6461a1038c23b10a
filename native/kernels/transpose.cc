#include "kernels/transpose.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "base/parallel.h"

namespace luge {
namespace {

using Strides = std::array<int64_t, kMaxAxes>;

constexpr int64_t kPiece = 65536;  // elements worth a thread

Strides strides_of(Dims dims) {
  Strides strides{};
  int64_t stride = 1;
  for (int a = static_cast<int>(dims.size()) - 1; a >= 0; --a) {
    strides[a] = stride;
    stride *= dims[a];
  }
  return strides;
}

int64_t size_of(Dims dims) {
  int64_t size = 1;
  for (const int64_t d : dims) size *= d;
  return size;
}

template <class T>
void fill(T* y, int64_t size, const void* value) {
  T v;
  std::memcpy(&v, value, sizeof(T));
  parallel_pieces(size, kPiece,
                  [&](int64_t begin, int64_t end, int) { std::fill(y + begin, y + end, v); });
}

// Row by row of y, where a row ends with the last axis that is padded: what comes after is whole.
template <class T>
void pad_rows(const T* x, Dims x_dims, Dims before, T value, T* y, Dims y_dims) {
  size_t axes = y_dims.size();
  while (axes > 0 && x_dims[axes - 1] == y_dims[axes - 1]) --axes;
  const size_t outer = axes > 0 ? axes - 1 : 0;
  const int64_t left = axes > 0 ? before[outer] * size_of(y_dims.subspan(axes)) : 0;
  const int64_t x_row = size_of(x_dims.subspan(outer)), row = size_of(y_dims.subspan(outer));
  const int64_t size = size_of(y_dims);
  parallel_pieces(size, kPiece, [&](int64_t start, int64_t end, int) {
    for (int64_t at = start; at < end;) {
      const int64_t begin = at % row, stop = std::min(row, begin + end - at);
      int64_t rest = at / row, from = 0, step = x_row;
      bool inside = true;
      for (size_t a = outer; a-- > 0;) {
        const int64_t i = rest % y_dims[a] - before[a];
        rest /= y_dims[a];
        inside = inside && i >= 0 && i < x_dims[a];
        from += i * step;
        step *= x_dims[a];
      }
      const int64_t first = inside ? std::clamp(left, begin, stop) : stop;
      const int64_t last = inside ? std::clamp(left + x_row, first, stop) : stop;
      std::fill(y + at, y + at + first - begin, value);
      if (first < last) std::copy_n(x + from + first - left, last - first, y + at + first - begin);
      std::fill(y + at + last - begin, y + at + stop - begin, value);
      at += stop - begin;
    }
  });
}

}  // namespace

void transpose(const void* x, Dims x_dims, std::span<const int32_t> permutation, void* y,
               int64_t element_size) {
  assert(permutation.size() == x_dims.size());
  const Strides strides = strides_of(x_dims);
  StridedCopy copy;
  int64_t to = size_of(x_dims);
  for (const int32_t a : permutation) {
    to /= std::max<int64_t>(x_dims[a], 1);
    copy.add_axis(x_dims[a], strides[a], to);
  }
  copy_strided(copy, x, y, element_size);
}

void slice(const void* x, Dims x_dims, Dims begin, Dims stride, void* y, Dims y_dims,
           int64_t element_size) {
  const Strides from = strides_of(x_dims), to = strides_of(y_dims);
  StridedCopy copy;
  int64_t first = 0;
  for (size_t a = 0; a < x_dims.size(); ++a) {
    first += begin[a] * from[a];
    copy.add_axis(y_dims[a], from[a] * stride[a], to[a]);
  }
  copy_strided(copy, static_cast<const std::byte*>(x) + first * element_size, y, element_size);
}

void slice_dx(const float* dy, Dims dy_dims, Dims begin, Dims stride, float* dx, Dims dx_dims) {
  const float zero = 0.0f;
  fill(dx, size_of(dx_dims), &zero);
  const Strides from = strides_of(dy_dims), to = strides_of(dx_dims);
  StridedCopy copy;
  int64_t first = 0;
  for (size_t a = 0; a < dx_dims.size(); ++a) {
    first += begin[a] * to[a];
    copy.add_axis(dy_dims[a], from[a], to[a] * stride[a]);
  }
  copy_strided(copy, dy, dx + first, sizeof(float));
}

void pad(const void* x, Dims x_dims, Dims before, const void* value, void* y, Dims y_dims,
         int64_t element_size) {
  if (element_size == 1) {
    pad_rows(static_cast<const uint8_t*>(x), x_dims, before, *static_cast<const uint8_t*>(value),
             static_cast<uint8_t*>(y), y_dims);
  } else {
    pad_rows(static_cast<const uint32_t*>(x), x_dims, before, *static_cast<const uint32_t*>(value),
             static_cast<uint32_t*>(y), y_dims);
  }
}

void concat(std::span<const void* const> xs, Dims sizes, int64_t outer, int64_t inner, void* y,
            int64_t element_size) {
  int64_t total = 0;
  for (const int64_t size : sizes) total += size;
  int64_t at = 0;
  for (size_t i = 0; i < xs.size(); ++i) {
    StridedCopy copy;
    copy.add_axis(outer, sizes[i] * inner, total * inner);
    copy.add_axis(sizes[i] * inner, 1, 1);
    copy_strided(copy, xs[i], static_cast<std::byte*>(y) + at * inner * element_size, element_size);
    at += sizes[i];
  }
}

void broadcast(const void* x, Dims x_dims, void* y, Dims y_dims, int64_t element_size) {
  const Strides from = strides_of(x_dims), to = strides_of(y_dims);
  const size_t lead = y_dims.size() - x_dims.size();
  StridedCopy copy;
  for (size_t a = 0; a < y_dims.size(); ++a) {
    const bool repeated = a < lead || x_dims[a - lead] == 1;
    copy.add_axis(y_dims[a], repeated ? 0 : from[a - lead], to[a]);
  }
  copy_strided(copy, x, y, element_size);
}

}  // namespace luge
