// A matrix product whose left operand may be the patches of a convolution, read where they lie, and
// whose result may be every second pixel of a line.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace luge {

// A run of elements an even step apart.
struct OffsetRun {
  int64_t begin, count;
};

// The offset of element i, counted by nested loops: i = (outer * middle_count + middle) *
// inner_count + inner. A plain matrix needs the innermost alone.
struct OffsetMap {
  int64_t inner_step;
  int64_t inner_count = std::numeric_limits<int64_t>::max();
  int64_t middle_step = 0;
  int64_t middle_count = 1;
  int64_t outer_step = 0;

  // Calls body(run) for the runs of `count` elements from `begin` on.
  template <class Body>
  void for_runs(int64_t begin, int64_t count, Body body) const {
    int64_t inner = begin % inner_count;
    int64_t middle = begin / inner_count % middle_count;
    int64_t outer = begin / inner_count / middle_count;
    while (count > 0) {
      const int64_t length = std::min(count, inner_count - inner);
      body({outer * outer_step + middle * middle_step + inner * inner_step, length});
      count -= length;
      inner = 0;
      if (++middle < middle_count) continue;
      middle = 0;
      ++outer;
    }
  }

  // out[0, count) = the offsets of elements from `begin` on.
  void write(int64_t begin, int64_t count, int64_t* out) const {
    for_runs(begin, count, [&](const OffsetRun& run) {
      for (int64_t i = 0; i < run.count; ++i) out[i] = run.begin + i * inner_step;
      out += run.count;
    });
  }

  // out = the same as runs, at most `count` of them; gives how many.
  int64_t write_runs(int64_t begin, int64_t count, OffsetRun* out) const {
    int64_t runs = 0;
    for_runs(begin, count, [&](const OffsetRun& run) {
      if (runs > 0 && out[runs - 1].begin + out[runs - 1].count * inner_step == run.begin) {
        out[runs - 1].count += run.count;
      } else {
        out[runs++] = run;
      }
    });
    return runs;
  }
};

// a[i, p] = data[rows(i) + depth(p)]
struct GemmLeft {
  const float* data;
  OffsetMap rows, depth;
};

// b[p, j] = data[p * step + j], or data[j * step + p] if transposed
struct GemmRight {
  const float* data;
  int64_t step;
  bool transposed = false;
};

// c[i, j] = data[rows(i) + j]
struct GemmResult {
  float* data;
  OffsetMap rows;
};

// Tables of where rows of a and of c begin.
struct GemmRows {
  const int64_t* left;
  const int64_t* result;

  GemmRows from(int64_t i) const { return {left + i, result + i}; }
};

// Whether the processor has vectors with which the kernel is at least as fast as BLAS.
bool gemm_kernel_pays();

// c[m, n] = a[m, k] * b[k, n], or c += a * b, on the calling thread. k must not be 0.
void gemm_kernel(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const GemmRight& b,
                 bool accumulate, const GemmResult& c);

// For several products with one right operand, that in the form which the kernel reads: floats it
// takes, whatever the processor.
constexpr int64_t gemm_packed_size(int64_t n, int64_t k) { return (n + 15) / 16 * 16 * k; }

// Packs rows [begin, end) of b[k, n], for the instruction set that runs now; b.data is where row
// `begin` starts. The rest of `packed` stays as it is.
void gemm_pack_rows(int64_t n, int64_t k, const GemmRight& b, int64_t begin, int64_t end,
                    float* packed);

// Packs all of b[k, n].
inline void gemm_pack(int64_t n, int64_t k, const GemmRight& b, float* packed) {
  gemm_pack_rows(n, k, b, 0, k, packed);
}

// `count` products that differ in where their operands begin, so many floats after the one before.
struct GemmSeries {
  int64_t count = 1;
  int64_t a_step = 0, b_step = 0, c_step = 0;
};

// gemm_kernel with a packed b; best when that is aligned to 64 bytes and b_step a multiple of 16.
void gemm_packed(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                 bool accumulate, const GemmResult& c, const GemmSeries& series = {});

}  // namespace luge
