#include "kernels/moments.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace luge {
namespace {

constexpr int64_t kColumns = 256;         // widest block of columns that one task takes
constexpr int64_t kRowsPerBlock = 64;     // rows summed in single precision: at most 64 KiB
constexpr int64_t kRowsPerFetch = 16;     // fetched at a time, while as many are summed
constexpr int64_t kTaskElements = 32768;  // fewer are not worth a thread
constexpr int64_t kMostTasks = 32;        // of an axis that is cut into chunks

int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

// How the work is cut, by shape alone: blocks of columns, and chunks of the axis.
struct Split {
  explicit Split(const ReduceShape& shape)
      : width(std::min(shape.inner, kColumns)),
        blocks(ceil_div(shape.inner, kColumns)),
        units(shape.outer * blocks),
        together(shape.inner < kRowsPerBlock ? ceil_div(kRowsPerBlock, shape.inner) : 1) {
    const int64_t wanted = ceil_div(shape.n * width, kTaskElements);
    const int64_t allowed = std::max<int64_t>(1, kMostTasks / units);
    const int64_t least = ceil_div(shape.n, std::clamp<int64_t>(wanted, 1, allowed));
    rows = ceil_div(least, kRowsPerBlock * together) * kRowsPerBlock * together;
    chunks = ceil_div(shape.n, rows);
  }

  int64_t width;
  int64_t blocks;
  int64_t units;     // outer * blocks
  int64_t together;  // narrow rows that are taken as one wide row
  int64_t rows;      // of a chunk
  int64_t chunks;    // of the axis
};

// What is known of some rows, column by column.
struct Sums {
  double* total;      // sum of x
  double* deviation;  // sum of (x - mean)^2
};

// Adds `count` rows, whose sums are these, to `so_far` rows.
void put_together(int64_t so_far, int64_t count, double total, double deviation, double& all,
                  double& all_deviation) {
  if (so_far > 0) {
    const double a = static_cast<double>(so_far), b = static_cast<double>(count);
    const double apart = total / b - all / a;
    deviation += apart * apart * (a * b / (a + b));
  }
  all = so_far > 0 ? all + total : total;
  all_deviation = so_far > 0 ? all_deviation + deviation : deviation;
}

// A block of rows of x: `rows` wide rows of `wide` floats, each made of rows of `width`. As many of
// the rows behind it as `next` are fetched in the meantime.
void add_block(const float* x, int64_t rows, int64_t stride, int64_t width, int64_t wide,
               int64_t next, int64_t so_far, Sums sums) {
  const int64_t together = wide / width;
  const int64_t count = rows * together;
  float center[kColumns], first[kColumns], second[kColumns];
  std::fill_n(first, wide, 0.0f);
  reduce_columns(Reduction::sum, x, rows, stride, wide, first);
  for (int64_t j = 0; j < width; ++j) {
    double total = 0;
    for (int64_t i = j; i < wide; i += width) total += first[i];
    const float mean = static_cast<float>(total / static_cast<double>(count));
    for (int64_t i = j; i < wide; i += width) center[i] = mean;
  }
  std::fill_n(first, wide, 0.0f);
  std::fill_n(second, wide, 0.0f);
  for (int64_t r = 0; r < rows; r += kRowsPerFetch) {
    const int64_t end = r + kRowsPerFetch;
    for (int64_t ahead = r; ahead < std::min(next, end); ++ahead) {
      const float* row = x + (rows + ahead) * stride;
      for (int64_t i = 0; i < wide; i += 16) __builtin_prefetch(row + i);
    }
    add_deviations(x + r * stride, std::min(rows, end) - r, stride, wide, center, first, second);
  }
  for (int64_t j = 0; j < width; ++j) {
    double off = 0, squares = 0;
    for (int64_t i = j; i < wide; i += width) {
      off += first[i];
      squares += second[i];
    }
    // An infinite mean stays one; its deviations are NaN.
    const double total = static_cast<double>(center[j]) * static_cast<double>(count) +
                         (std::isfinite(center[j]) ? off : 0.0);
    put_together(so_far, count, total, squares - off * off / static_cast<double>(count),
                 sums.total[j], sums.deviation[j]);
  }
}

void add_rows(const float* x, int64_t rows, int64_t stride, int64_t width, int64_t together,
              Sums sums) {
  for (int64_t r = 0; r < rows;) {
    const bool whole = rows - r >= together;
    const int64_t wide = whole ? together : 1;
    const int64_t count = std::min((rows - r) / wide, kRowsPerBlock);
    const int64_t next = std::min((rows - r) / wide - count, count);
    add_block(x + r * stride, count, stride * wide, width, width * wide, next, r, sums);
    r += count * wide;
  }
}

}  // namespace

int64_t moments_workspace(const ReduceShape& shape) {
  const Split split(shape);
  if (split.chunks == 1) return 0;
  return 2 * split.units * split.chunks * split.width * (sizeof(double) / sizeof(float));
}

void moments(const float* x, float* mean, float* variance, const ReduceShape& shape,
             float* workspace) {
  const int64_t n = shape.n, inner = shape.inner;
  const Split split(shape);
  double* partials = reinterpret_cast<double*>(workspace);
  const auto finish = [&](int64_t unit, int64_t width, Sums sums) {
    const int64_t at = unit / split.blocks * inner + unit % split.blocks * kColumns;
    for (int64_t j = 0; j < width; ++j) {
      mean[at + j] = static_cast<float>(sums.total[j] / static_cast<double>(n));
      // Rounding may leave less than nothing; NaN stays.
      const double deviation = sums.deviation[j] < 0 ? 0 : sums.deviation[j];
      variance[at + j] = static_cast<float>(deviation / static_cast<double>(n));
    }
  };
  const auto width_of = [&](int64_t unit) {
    return std::min(split.width, inner - unit % split.blocks * kColumns);
  };
  const auto sums_of = [&](int64_t task) {
    double* total = partials + 2 * task * split.width;
    return Sums{total, total + split.width};
  };
  const int64_t tasks = split.units * split.chunks;
  const int64_t group =
      std::max<int64_t>(1, kTaskElements / std::max<int64_t>(1, split.rows * split.width));
  parallel_for(ceil_div(tasks, group), [&](int64_t g, int) {
    for (int64_t task = g * group; task < std::min(tasks, (g + 1) * group); ++task) {
      const int64_t unit = task / split.chunks;
      const int64_t row = task % split.chunks * split.rows;
      const int64_t rows = std::min(split.rows, n - row);
      const float* from =
          x + (unit / split.blocks * n + row) * inner + unit % split.blocks * kColumns;
      if (split.chunks > 1) {
        add_rows(from, rows, inner, width_of(unit), split.together, sums_of(task));
      } else {
        double total[kColumns], deviation[kColumns];
        const Sums sums{total, deviation};
        add_rows(from, rows, inner, width_of(unit), split.together, sums);
        finish(unit, width_of(unit), sums);
      }
    }
  });
  if (split.chunks == 1) return;
  for (int64_t unit = 0; unit < split.units; ++unit) {
    const Sums all = sums_of(unit * split.chunks);
    for (int64_t chunk = 1; chunk < split.chunks; ++chunk) {
      const Sums sums = sums_of(unit * split.chunks + chunk);
      const int64_t before = chunk * split.rows;
      const int64_t count = std::min(split.rows, n - before);
      for (int64_t j = 0; j < width_of(unit); ++j) {
        put_together(before, count, sums.total[j], sums.deviation[j], all.total[j],
                     all.deviation[j]);
      }
    }
    finish(unit, width_of(unit), all);
  }
}

}  // namespace luge
