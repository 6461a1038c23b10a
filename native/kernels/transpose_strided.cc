#include "kernels/transpose_strided.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/parallel.h"

namespace luge {
namespace {

constexpr int64_t kTile = 32;  // rows and columns that are turned at once, in the first-level cache
constexpr int64_t kRow = 16384;    // longest piece of a row that one thread copies
constexpr int64_t kChunk = 16384;  // elements worth a thread

// Without axes of size 1, and with neighbours made one where memory allows.
StridedCopy simplified(const StridedCopy& copy) {
  StridedCopy s;
  for (int a = 0; a < copy.rank; ++a) {
    if (copy.sizes[a] == 1) continue;
    const int last = s.rank - 1;
    if (last >= 0 && s.from[last] == copy.from[a] * copy.sizes[a] &&
        s.to[last] == copy.to[a] * copy.sizes[a]) {
      s.sizes[last] *= copy.sizes[a];
      s.from[last] = copy.from[a];
      s.to[last] = copy.to[a];
    } else {
      s.add_axis(copy.sizes[a], copy.from[a], copy.to[a]);
    }
  }
  if (s.rank == 0) s.add_axis(1, 1, 1);
  return s;
}

template <class T>
void copy_row(const T* x, int64_t from, T* y, int64_t to, int64_t n) {
  constexpr int64_t kShort = 16;  // a call of memcpy costs more
  if (from == 1 && to == 1 && n > kShort) {
    std::memcpy(y, x, n * sizeof(T));
  } else if (from == 0 && to == 1) {
    std::fill_n(y, n, *x);
  } else {
    for (int64_t i = 0; i < n; ++i) y[i * to] = x[i * from];
  }
}

// y[r * to_row + c * to_column] = x[r + c * from_column], tile by tile.
template <class T>
void turn(const T* x, int64_t from_column, T* y, int64_t to_row, int64_t to_column, int64_t rows,
          int64_t columns) {
  for (int64_t begin = 0; begin < columns; begin += kTile) {
    const int64_t end = std::min(columns, begin + kTile);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = begin; c < end; ++c) y[r * to_row + c * to_column] = x[r + c * from_column];
    }
  }
}

template <class T>
void copy_elements(const StridedCopy& s, const T* x, T* y) {
  const int last = s.rank - 1;
  // The axis along which x is contiguous, where that is not the last: it is turned against the
  // last.
  int turned = -1;
  for (int a = 0; a < last; ++a) {
    if (s.from[a] == 1 && s.from[last] > 1) turned = a;
  }
  const int64_t columns = s.sizes[last];
  const int split = turned >= 0 ? turned : last;
  const int64_t piece = turned >= 0 ? kTile : kRow;

  // Items are all combinations of the other axes, with the split axis counted in pieces.
  StridedCopy items;
  int64_t count = 1;
  for (int a = 0; a < s.rank; ++a) {
    if (a == last && split != last) continue;
    const int64_t step = a == split ? piece : 1;
    items.add_axis((s.sizes[a] + step - 1) / step, s.from[a] * step, s.to[a] * step);
    count *= items.sizes[items.rank - 1];
  }
  const int64_t item_size = turned >= 0 ? piece * columns : std::min(columns, piece);
  const int64_t group = std::max<int64_t>(1, kChunk / item_size);

  parallel_pieces<1>(count, group, [&](int64_t begin, int64_t end, int) {
    std::array<int64_t, kMaxAxes> index{};
    int64_t rest = begin, from = 0, to = 0;
    for (int a = items.rank - 1; a >= 0; --a) {
      index[a] = rest % items.sizes[a];
      rest /= items.sizes[a];
      from += index[a] * items.from[a];
      to += index[a] * items.to[a];
    }
    for (int64_t item = begin; item < end; ++item) {
      const int64_t n = std::min(piece, s.sizes[split] - index[split] * piece);
      if (turned >= 0) {
        turn(x + from, s.from[last], y + to, s.to[turned], s.to[last], n, columns);
      } else {
        copy_row(x + from, s.from[last], y + to, s.to[last], n);
      }
      for (int a = items.rank - 1; a >= 0; --a) {
        from += items.from[a];
        to += items.to[a];
        if (++index[a] < items.sizes[a]) break;
        from -= index[a] * items.from[a];
        to -= index[a] * items.to[a];
        index[a] = 0;
      }
    }
  });
}

}  // namespace

void StridedCopy::add_axis(int64_t size, int64_t from_stride, int64_t to_stride) {
  assert(rank < kMaxAxes);
  sizes[rank] = size;
  from[rank] = from_stride;
  to[rank] = to_stride;
  ++rank;
}

void copy_strided(const StridedCopy& copy, const void* x, void* y, int64_t element_size) {
  for (int a = 0; a < copy.rank; ++a) {
    if (copy.sizes[a] == 0) return;
  }
  const StridedCopy s = simplified(copy);
  if (element_size == 1) {
    copy_elements(s, static_cast<const uint8_t*>(x), static_cast<uint8_t*>(y));
  } else {
    copy_elements(s, static_cast<const uint32_t*>(x), static_cast<uint32_t*>(y));
  }
}

}  // namespace luge
