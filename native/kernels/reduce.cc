#include "kernels/reduce.h"

#include <algorithm>
#include <limits>

#include "base/parallel.h"

namespace luge {
namespace {

constexpr int64_t kColumns = 1024;        // widest block of columns that one task takes
constexpr int64_t kRowsPerFold = 64;      // rows summed in single precision before going to double
constexpr int64_t kTaskElements = 16384;  // fewer are not worth a thread
constexpr int64_t kMostTasks = 32;        // of an axis that is cut into chunks

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How the work is cut, by shape alone: blocks of columns, and chunks of the axis where those are
// few.
struct Split {
  explicit Split(const ReduceShape& shape)
      : width(std::min(shape.inner, kColumns)),
        blocks(ceil_div(shape.inner, kColumns)),
        units(shape.outer * blocks) {
    const int64_t wanted = ceil_div(shape.n * width, 2 * kTaskElements);
    const int64_t allowed = std::max<int64_t>(1, kMostTasks / std::max<int64_t>(1, units));
    rows = std::max<int64_t>(1, ceil_div(shape.n, std::clamp<int64_t>(wanted, 1, allowed)));
    chunks = std::max<int64_t>(1, ceil_div(shape.n, rows));
  }

  int64_t width;
  int64_t blocks;
  int64_t units;   // outer * blocks
  int64_t rows;    // of a chunk
  int64_t chunks;  // of the axis
};

double combine(Reduction reduction, double a, double b) {
  switch (reduction) {
    case Reduction::sum: return a + b;
    case Reduction::max: return a > b || a != a ? a : b;
    case Reduction::min: return a < b || a != a ? a : b;
    case Reduction::prod: return a * b;
  }
  return a;
}

// total[j % width] = total[j % width] (op) partial[j].
void fold(Reduction reduction, double* total, int64_t width, const float* partial, int64_t n) {
  if (reduction == Reduction::sum) {
    for (int64_t i = 0; i < n; i += width) {
      for (int64_t j = 0; j < width; ++j) total[j] += partial[i + j];
    }
  } else {
    for (int64_t i = 0; i < n; i += width) {
      for (int64_t j = 0; j < width; ++j) {
        total[j] = combine(reduction, total[j], partial[i + j]);
      }
    }
  }
}

// Reduces [rows, width] of a matrix with `stride` columns into total[width]. Narrow rows that are
// contiguous are taken several at a time as one wide row.
void reduce_slab(Reduction reduction, const float* x, int64_t rows, int64_t stride, int64_t width,
                 double* total) {
  if (stride == 1) {
    total[0] = reduce_row(reduction, x, rows);
    return;
  }
  float partial[kColumns];
  const float identity = identity_of(reduction);
  std::fill_n(total, width, static_cast<double>(identity));
  const int64_t together = width == stride && width < 64 ? ceil_div(64, width) : 1;
  int64_t r = 0;
  const auto take = [&](int64_t count, int64_t wide) {
    std::fill_n(partial, width * wide, identity);
    reduce_columns(reduction, x + r * stride, count, stride * wide, width * wide, partial);
    fold(reduction, total, width, partial, width * wide);
    r += count * wide;
  };
  while (rows - r >= together) take(std::min((rows - r) / together, kRowsPerFold), together);
  if (r < rows) take(rows - r, 1);
}

void reduce_scaled(Reduction reduction, const float* x, float* y, const ReduceShape& shape,
                   double scale, float* workspace) {
  const int64_t outer = shape.outer, n = shape.n, inner = shape.inner;
  const Split split(shape);
  const int64_t group =
      std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, split.rows * split.width));
  if (inner == 1 && split.chunks == 1) {
    parallel_for(ceil_div(outer, group), [&](int64_t task, int) {
      const int64_t first = task * group;
      const int64_t count = std::min(group, outer - first);
      reduce_each_row(reduction, x + first * n, count, n, scale, y + first);
    });
    return;
  }
  double* partials = reinterpret_cast<double*>(workspace);
  const int64_t tasks = split.units * split.chunks;
  parallel_for(ceil_div(tasks, group), [&](int64_t g, int) {
    for (int64_t task = g * group; task < std::min(tasks, (g + 1) * group); ++task) {
      const int64_t unit = task / split.chunks;
      const int64_t row = task % split.chunks * split.rows;
      const int64_t column = unit % split.blocks * kColumns;
      const int64_t width = std::min(split.width, inner - column);
      const int64_t rows = std::min(split.rows, n - row);
      const float* from = x + (unit / split.blocks * n + row) * inner + column;
      float* to = y + unit / split.blocks * inner + column;
      if (split.chunks > 1) {
        reduce_slab(reduction, from, rows, inner, width, partials + task * split.width);
      } else if (n <= kRowsPerFold) {
        std::fill_n(to, width, identity_of(reduction));
        reduce_columns(reduction, from, n, inner, width, to);
        for (int64_t j = 0; j < width; ++j) to[j] = static_cast<float>(to[j] * scale);
      } else {
        double total[kColumns];
        reduce_slab(reduction, from, n, inner, width, total);
        for (int64_t j = 0; j < width; ++j) to[j] = static_cast<float>(total[j] * scale);
      }
    }
  });
  if (split.chunks == 1) return;
  for (int64_t unit = 0; unit < split.units; ++unit) {
    const int64_t column = unit % split.blocks * kColumns;
    float* to = y + unit / split.blocks * inner + column;
    const double* from = partials + unit * split.chunks * split.width;
    for (int64_t j = 0; j < std::min(split.width, inner - column); ++j) {
      double total = from[j];
      for (int64_t c = 1; c < split.chunks; ++c) {
        total = combine(reduction, total, from[c * split.width + j]);
      }
      to[j] = static_cast<float>(total * scale);
    }
  }
}

template <class Combine>
void fold_i32(const int32_t* x, int32_t* y, const ReduceShape& shape, int32_t identity,
              Combine combine) {
  parallel_for(shape.outer, [&](int64_t o, int) {
    int32_t* to = y + o * shape.inner;
    std::fill_n(to, shape.inner, identity);
    for (int64_t r = 0; r < shape.n; ++r) {
      const int32_t* from = x + (o * shape.n + r) * shape.inner;
      for (int64_t j = 0; j < shape.inner; ++j) to[j] = combine(to[j], from[j]);
    }
  });
}

}  // namespace

int64_t reduce_workspace(const ReduceShape& shape) {
  const Split split(shape);
  if (split.chunks == 1) return 0;
  return split.units * split.chunks * split.width * (sizeof(double) / sizeof(float));
}

void reduce(Reduction reduction, const float* x, float* y, const ReduceShape& shape,
            float* workspace) {
  reduce_scaled(reduction, x, y, shape, 1.0, workspace);
}

void reduce_mean(const float* x, float* y, const ReduceShape& shape, float* workspace) {
  reduce_scaled(Reduction::sum, x, y, shape, 1.0 / static_cast<double>(shape.n), workspace);
}

void reduce_i32(Reduction reduction, const int32_t* x, int32_t* y, const ReduceShape& shape) {
  using Limits = std::numeric_limits<int32_t>;
  const auto wrap = [](uint32_t v) { return static_cast<int32_t>(v); };
  switch (reduction) {
    case Reduction::sum:
      return fold_i32(x, y, shape, 0, [&](uint32_t a, uint32_t b) { return wrap(a + b); });
    case Reduction::prod:
      return fold_i32(x, y, shape, 1, [&](uint32_t a, uint32_t b) { return wrap(a * b); });
    case Reduction::max:
      return fold_i32(x, y, shape, Limits::min(), [](int a, int b) { return std::max(a, b); });
    case Reduction::min:
      return fold_i32(x, y, shape, Limits::max(), [](int a, int b) { return std::min(a, b); });
  }
}

void reduce_arg(Extremum extremum, const float* x, int32_t* y, const ReduceShape& shape) {
  const int64_t outer = shape.outer, n = shape.n, inner = shape.inner;
  if (inner == 1) {
    const int64_t group = std::max<int64_t>(1, kTaskElements / n);
    parallel_for(ceil_div(outer, group), [&](int64_t task, int) {
      const int64_t first = task * group;
      arg_each_row(extremum, x + first * n, std::min(group, outer - first), n, y + first);
    });
    return;
  }
  const int64_t blocks = ceil_div(inner, kColumns);
  parallel_for(outer * blocks, [&](int64_t task, int) {
    const int64_t o = task / blocks;
    const int64_t column = task % blocks * kColumns;
    arg_columns(extremum, x + o * n * inner + column, n, inner, std::min(kColumns, inner - column),
                y + o * inner + column);
  });
}

}  // namespace luge
