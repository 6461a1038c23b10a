#include "simd/gemm_kernel.h"

#include <algorithm>

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gemm_kernel.cc"
#include "simd/highway.h"
// Behind the loop over targets, which is not where the alphabet has it:
#include "simd/gemm_dots-inl.h"
#include "simd/partial-inl.h"
#include "simd/transpose-inl.h"

// The scheme of BLIS (van Zee and van de Geijn 2015): b is packed into panels a few vectors wide
// that stay in the first-level cache while rows of a pass along them. a is read where it lies, by
// a table of where its rows begin and one of the even runs that a row is made of, which saves
// unrolling patches.

#ifndef LUGE_SIMD_GEMM_KERNEL_BUFFERS
#define LUGE_SIMD_GEMM_KERNEL_BUFFERS
namespace luge {

constexpr int64_t kDepthBlock = 256;
constexpr int64_t kColumnBlock = 192;
constexpr int64_t kRowBlock = 192;

constexpr int64_t kMostRows = 12;  // of a pass

struct GemmBuffers {
  alignas(64) float b[kColumnBlock * kDepthBlock];
  int64_t left_rows[kRowBlock];
  int64_t result_rows[kRowBlock + kMostRows];
  OffsetRun runs[kDepthBlock];
};

}  // namespace luge
#endif

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace {

using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

constexpr int64_t kLanes = hn::MaxLanes(F());
// Vectors and rows of c that one pass keeps in registers: 24 of 32, or 12 of 16. A lone vector
// needs many rows to hide how long an addition takes; else those that find no register for their
// pointer cost more than they save by sharing what is loaded of b.
constexpr int kVectors = kManyRegisters ? 3 : 2;
constexpr int kMostVectors = kManyRegisters ? 4 : 2;
constexpr int rows_for(int vectors) {
  if (vectors == 1) return kMostRows;
  return kManyRegisters && vectors <= kVectors ? 8 : 6;
}

// A vector of 16 columns that is at most half full is multiplied as half a vector, which some
// processors do in half the time.
using Half = hn::CappedTag<float, 8>;
constexpr bool kHalves = kLanes == 16;
HWY_INLINE bool is_half(int64_t columns, int64_t vectors) {
  return kHalves && columns - (vectors - 1) * kLanes <= kLanes / 2;
}

// An element for half a vector: that of a whole one, or, where it is not as often used, loaded
// again.
template <bool kTaken, class Whole>
HWY_INLINE auto half_of([[maybe_unused]] Whole left, [[maybe_unused]] float element) {
  if constexpr (kTaken) {
    return hn::LowerHalf(left);
  } else {
    return hn::Set(Half(), element);
  }
}

// What rows of a are made of, from where they begin: runs of elements `step` apart.
struct Depth {
  int64_t size;  // of all runs
  int64_t step;
  const OffsetRun* HWY_RESTRICT runs;
  int64_t count;

  HWY_INLINE bool is_even() const { return count == 1; }
};

// How many vectors the next panel takes of those left for so many columns: three, or four where two
// or one would remain, of which passes are slower. Half a one stays alone behind threes.
HWY_INLINE int64_t panel_vectors(int64_t columns, int64_t left) {
  const bool four = kMostVectors == 4 && left % 3 != 0 && left != 5 && !is_half(columns, left);
  return std::min<int64_t>(left, four ? kMostVectors : kVectors);
}

// b[depth, columns] into panels: [depth, vectors * kLanes], filled up with zeros.
HWY_INLINE void pack_b_rows(const float* b, int64_t ldb, int64_t depth, int64_t columns,
                            int64_t vectors, float* packed) {
  const F d;
  for (int64_t p = 0; p < depth; ++p) {
    for (int64_t v = 0; v < vectors; ++v) {
      const float* from = b + p * ldb + v * kLanes;
      const int64_t left = columns - v * kLanes;
      const V x = left >= kLanes ? hn::LoadU(d, from) : load_partial(d, from, left);
      hn::StoreU(x, d, packed + (p * vectors + v) * kLanes);
    }
  }
}

// The same from b[columns, depth], by squares turned in registers.
HWY_INLINE void pack_b_columns(const float* b, int64_t ldb, int64_t depth, int64_t columns,
                               int64_t vectors, float* packed) {
  const int64_t width = vectors * kLanes;
  for (int64_t j = 0; j < width; j += kSquare) {
    int64_t p = 0;
    if (j + kSquare <= columns) {
      for (; p + kSquare <= depth; p += kSquare) {
        transpose_square(b + j * ldb + p, ldb, packed + p * width + j, width);
      }
    }
    for (; p < depth; ++p) {
      for (int64_t q = j; q < j + kSquare; ++q) {
        packed[p * width + q] = q < columns ? b[q * ldb + p] : 0;
      }
    }
  }
}

// Asks at `offset` for what the passes to come read of a, which may still lie in memory: the rows
// after these, or, where rows lie side by side, their elements further down.
template <int Rows>
HWY_INLINE void prefetch_left(const float* a, GemmRows rows, int64_t step, int64_t offset) {
  constexpr int64_t kLine = 16, kDistance = 64;
  if (step != 1) return hwy::Prefetch(a + rows.left[Rows - 1] + offset + kDistance * step);
  if (offset % kLine != 0) return;
  HWY_UNROLL(12)
  for (int r = 0; r < Rows; ++r) hwy::Prefetch(a + rows.left[Rows + r] + offset);
}

// Asks for the rows of c after these, in time for the next pass, which writes them: lines so far
// apart no processor reads ahead.
template <int Rows, int Vectors>
HWY_INLINE void prefetch_result(const float* c, GemmRows rows) {
  constexpr int64_t kLine = 16;
  HWY_UNROLL(12)
  for (int r = 0; r < Rows; ++r) {
    for (int64_t j = 0; j < Vectors * kLanes; j += kLine) {
      hwy::Prefetch(c + rows.result[Rows + r] + j);
    }
  }
}

// c[Rows, columns] (+)= a * panel, with all of it in registers until the end.
template <int Rows, int Vectors, bool kHalf>
HWY_INLINE void multiply_rows(const float* HWY_RESTRICT a, GemmRows rows, const Depth& depth,
                              const float* HWY_RESTRICT b, int64_t columns, bool accumulate,
                              float* HWY_RESTRICT c, bool ahead) {
  const F d;
  const Half half;
  constexpr int kWhole = Vectors - kHalf;
  const float* row[Rows];
  V sum[Rows][Vectors];
  hn::Vec<Half> rest[Rows];  // of the last vector, if that is half a one
  prefetch_result<Rows, Vectors>(c, rows);
  HWY_UNROLL(12)
  for (int r = 0; r < Rows; ++r) {
    row[r] = a + rows.left[r];
    HWY_UNROLL(8)
    for (int v = 0; v < kWhole; ++v) sum[r][v] = hn::Zero(d);
    if constexpr (kHalf) rest[r] = hn::Zero(half);
  }
  const int64_t step = depth.step;
  for (int64_t run = 0; run < depth.count; ++run) {
    int64_t offset = depth.runs[run].begin;
    const float* end = b + depth.runs[run].count * Vectors * kLanes;
    for (; b != end; b += Vectors * kLanes, offset += step) {
      if (ahead) prefetch_left<Rows>(a, rows, step, offset);
      V right[Vectors];
      HWY_UNROLL(8)
      for (int v = 0; v < kWhole; ++v) right[v] = hn::LoadU(d, b + v * kLanes);
      hn::Vec<Half> right_rest;
      if constexpr (kHalf) right_rest = hn::LoadU(half, b + kWhole * kLanes);
      HWY_UNROLL(12)
      for (int r = 0; r < Rows; ++r) {
        const V element = hn::Set(d, row[r][offset]);
        HWY_UNROLL(8)
        for (int v = 0; v < kWhole; ++v) sum[r][v] = hn::MulAdd(element, right[v], sum[r][v]);
        if constexpr (kHalf) {
          rest[r] =
              hn::MulAdd(half_of<(Vectors > 2)>(element, row[r][offset]), right_rest, rest[r]);
        }
      }
    }
  }
  const int64_t last = columns - (Vectors - 1) * kLanes;
  HWY_UNROLL(12)
  for (int r = 0; r < Rows; ++r) {
    HWY_UNROLL(8)
    for (int v = 0; v < kWhole; ++v) {
      float* to = c + rows.result[r] + v * kLanes;
      if (v + 1 < Vectors) {
        if (accumulate) sum[r][v] = hn::Add(sum[r][v], hn::LoadU(d, to));
        hn::StoreU(sum[r][v], d, to);
      } else {
        if (accumulate) sum[r][v] = hn::Add(sum[r][v], load_partial(d, to, last));
        store_partial(sum[r][v], d, to, last);
      }
    }
    if constexpr (kHalf) {
      float* to = c + rows.result[r] + (Vectors - 1) * kLanes;
      if (accumulate) rest[r] = hn::Add(rest[r], load_partial(half, to, last));
      store_partial(rest[r], half, to, last);
    }
  }
}

// The same as a function of its own: inlined for every number of rows, each would find fewer
// registers.
template <int Rows, int Vectors, bool kHalf>
HWY_NOINLINE void multiply_rows_alone(const float* a, GemmRows rows, const Depth& depth,
                                      const float* b, int64_t columns, bool accumulate, float* c) {
  multiply_rows<Rows, Vectors, kHalf>(a, rows, depth, b, columns, accumulate, c, false);
}

// The same for a number of rows known at run time, at most Rows; none for 0.
template <int Rows, int Vectors, bool kHalf>
HWY_INLINE void multiply_few_rows(int64_t count, const float* a, GemmRows rows, const Depth& depth,
                                  const float* b, int64_t columns, bool accumulate, float* c) {
  if constexpr (Rows > 0) {
    if (count == Rows) {
      multiply_rows_alone<Rows, Vectors, kHalf>(a, rows, depth, b, columns, accumulate, c);
    } else {
      multiply_few_rows<Rows - 1, Vectors, kHalf>(count, a, rows, depth, b, columns, accumulate, c);
    }
  }
}

// A product as small as those that Winograd's convolution of 16 channels is made of: one vector of
// columns, and so short a depth that all of b stays in registers. What surrounds a loop would take
// as long as the loop. Does as many whole eights of rows as there are; gives how many rows that
// was.
constexpr int64_t kHeldDepth = 16;

HWY_INLINE int64_t multiply_held(int64_t count, const float* HWY_RESTRICT a, GemmRows rows,
                                 const float* HWY_RESTRICT b, int64_t columns, bool accumulate,
                                 float* HWY_RESTRICT c) {
  constexpr int kCount = 8;
  const F d;
  V right[kHeldDepth];
  HWY_UNROLL(16)
  for (int p = 0; p < kHeldDepth; ++p) right[p] = hn::LoadU(d, b + p * kLanes);
  int64_t i = 0;
  for (; count - i >= kCount; i += kCount) {
    V sum[kCount];
    HWY_UNROLL(8)
    for (int r = 0; r < kCount; ++r) sum[r] = hn::Zero(d);
    HWY_UNROLL(16)
    for (int p = 0; p < kHeldDepth; ++p) {
      HWY_UNROLL(8)
      for (int r = 0; r < kCount; ++r) {
        sum[r] = hn::MulAdd(hn::Set(d, a[rows.left[i + r] + p]), right[p], sum[r]);
      }
    }
    HWY_UNROLL(8)
    for (int r = 0; r < kCount; ++r) {
      float* to = c + rows.result[i + r];
      if (accumulate) sum[r] = hn::Add(sum[r], load_partial(d, to, columns));
      store_partial(sum[r], d, to, columns);
    }
  }
  return i;
}

#if HWY_TARGET != HWY_SCALAR
// Whether vectors along the depth are better: rows of a are continuous, columns few. A short depth
// is not worth adding up their lanes.
constexpr int64_t kMinDotDepth = 64;
HWY_INLINE bool is_dots(const Depth& depth, int64_t columns) {
  return kLanes > kSquare && depth.is_even() && depth.step == 1 && depth.size >= kMinDotDepth &&
         columns <= kDotColumns;
}

// The product with a panel[depth, kLanes] of few columns.
HWY_NOINLINE void multiply_dots(int64_t count, const float* a, GemmRows rows, int64_t depth,
                                const float* panel, int64_t columns, bool accumulate, float* c) {
  HWY_ALIGN float b[kDotColumns * kDepthBlock];
  int64_t p = 0;
  for (; p + kSquare <= depth; p += kSquare) {
    transpose_square(panel + p * kLanes, kLanes, b + p, kDepthBlock);
  }
  for (; p < depth; ++p) {
    for (int64_t j = 0; j < kDotColumns; ++j) b[j * kDepthBlock + p] = panel[p * kLanes + j];
  }
  dot_columns(count, a, rows, depth, b, kDepthBlock, columns, accumulate, c);
}
#endif

// One panel of b, the first that meets them or not, against a block of rows.
template <int Vectors, bool kHalf>
HWY_NOINLINE void multiply_panel(int64_t count, const float* a, GemmRows rows, const Depth& depth,
                                 const float* b, int64_t columns, bool accumulate, float* c,
                                 bool first) {
  constexpr int kMost = rows_for(Vectors);
#if HWY_TARGET != HWY_SCALAR
  if constexpr (Vectors == 1) {
    if (is_dots(depth, columns)) {
      return multiply_dots(count, a + depth.runs[0].begin, rows, depth.size, b, columns, accumulate,
                           c);
    }
  }
#endif
  int64_t i = 0;
  if constexpr (kManyRegisters && Vectors == 1) {
    if (depth.size == kHeldDepth && depth.is_even() && depth.step == 1) {
      i = multiply_held(count, a + depth.runs[0].begin, rows, b, columns, accumulate, c);
    }
  }
  const bool ahead = first && (depth.is_even() || depth.step == 1);
  for (; count - i >= kMost; i += kMost) {
    // One or two rows alone would leave the multipliers waiting: the last ones are shared out.
    if (count - i > kMost && count - i < kMost + kMost / 2) break;
    multiply_rows<kMost, Vectors, kHalf>(a, rows.from(i), depth, b, columns, accumulate, c,
                                         ahead && count - i >= 2 * kMost);
  }
  const int64_t left = count - i;
  const int64_t half = left > kMost ? (left + 1) / 2 : left;
  multiply_few_rows<kMost - 1, Vectors, kHalf>(half, a, rows.from(i), depth, b, columns, accumulate,
                                               c);
  i += half;
  multiply_few_rows<kMost - 1, Vectors, kHalf>(count - i, a, rows.from(i), depth, b, columns,
                                               accumulate, c);
}

// Calls body(first column, columns, vectors) for the panels of a block of columns.
template <class Body>
HWY_INLINE void for_panels(int64_t columns, Body body) {
  const int64_t total = (columns + kLanes - 1) / kLanes;
  for (int64_t v = 0; v < total;) {
    const int64_t vectors = panel_vectors(columns - v * kLanes, total - v);
    body(v * kLanes, std::min(columns - v * kLanes, vectors * kLanes), vectors);
    v += vectors;
  }
}

// The size of equal blocks, none above `most`, that cut `size` up.
HWY_INLINE int64_t even_block(int64_t size, int64_t most, int64_t multiple) {
  const int64_t blocks = (size + most - 1) / most;
  const int64_t block = (size + blocks - 1) / blocks;
  return std::min(most, (block + multiple - 1) / multiple * multiple);
}

HWY_INLINE int64_t depth_block_of(int64_t k) { return even_block(k, kDepthBlock, 4); }
// Whole passes of every kind.
HWY_INLINE int64_t row_block_of(int64_t m) { return even_block(m, kRowBlock, 24); }

HWY_INLINE void pack_panel(const GemmRight& b, int64_t row, int64_t column, int64_t depth,
                           int64_t columns, int64_t vectors, float* panel) {
  if (b.transposed) {
    pack_b_columns(b.data + column * b.step + row, b.step, depth, columns, vectors, panel);
  } else {
    pack_b_rows(b.data + row * b.step + column, b.step, depth, columns, vectors, panel);
  }
}

template <bool kHalf>
HWY_INLINE auto panel_multiplier(int64_t vectors) {
  return vectors == 1          ? &multiply_panel<1, kHalf>
         : vectors == 2        ? &multiply_panel<2, kHalf>
         : vectors == kVectors ? &multiply_panel<kVectors, kHalf>
                               : &multiply_panel<kMostVectors, kHalf>;
}

// A block of rows against panels side by side.
HWY_INLINE void multiply_panels(int64_t count, const float* a, GemmRows rows, const Depth& depth,
                                const float* b, int64_t columns, bool accumulate, float* c) {
  for_panels(columns, [&](int64_t first, int64_t panel_columns, int64_t vectors) HWY_ATTR {
    const auto multiply_vectors = is_half(panel_columns, vectors)
                                      ? panel_multiplier<kHalves>(vectors)
                                      : panel_multiplier<false>(vectors);
    multiply_vectors(count, a, rows, depth, b + first * depth.size, panel_columns, accumulate,
                     c + first, first == 0);
  });
}

// The runs of depths [p, p + size) of a.
HWY_INLINE Depth write_depth(const GemmLeft& a, int64_t p, int64_t size, GemmBuffers& buffers) {
  const int64_t runs = a.depth.write_runs(p, size, buffers.runs);
  return {.size = size, .step = a.depth.inner_step, .runs = buffers.runs, .count = runs};
}

// The rows [i, i + count) of a and c; those behind them, which a last pass asks for, are the same
// as the last.
HWY_INLINE void write_rows(const GemmLeft& a, const GemmResult& c, int64_t i, int64_t count,
                           GemmBuffers& buffers) {
  a.rows.write(i, count, buffers.left_rows);
  c.rows.write(i, count, buffers.result_rows);
  std::fill_n(buffers.result_rows + count, kMostRows, buffers.result_rows[count - 1]);
}

void multiply(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const GemmRight& b,
              bool accumulate, const GemmResult& c, GemmBuffers& buffers) {
  const int64_t depth_block = depth_block_of(k);
  const int64_t column_block = even_block(n, kColumnBlock, kVectors * kLanes);
  const int64_t row_block = row_block_of(m);
  for (int64_t p = 0; p < k; p += depth_block) {
    const Depth depth = write_depth(a, p, std::min(depth_block, k - p), buffers);
    for (int64_t j = 0; j < n; j += column_block) {
      const int64_t columns = std::min(column_block, n - j);
      for_panels(columns, [&](int64_t first, int64_t count, int64_t vectors) HWY_ATTR {
        pack_panel(b, p, j + first, depth.size, count, vectors, buffers.b + first * depth.size);
      });
      for (int64_t i = 0; i < m; i += row_block) {
        const int64_t rows = std::min(row_block, m - i);
        if ((p == 0 && j == 0) || row_block < m) write_rows(a, c, i, rows, buffers);
        multiply_panels(rows, a.data, {buffers.left_rows, buffers.result_rows}, depth, buffers.b,
                        columns, accumulate || p > 0, c.data + j);
      }
    }
  }
}

// Where a block of depth from p on begins in the packed form: whole vectors of all columns.
HWY_INLINE int64_t packed_offset(int64_t n, int64_t p) {
  return p * ((n + kLanes - 1) / kLanes * kLanes);
}

void pack(int64_t n, int64_t k, const GemmRight& b, int64_t begin, int64_t end, float* packed) {
  const int64_t depth_block = depth_block_of(k);
  for (int64_t p = begin; p < end;) {
    const int64_t block = p / depth_block * depth_block;
    const int64_t depth = std::min(depth_block, k - block);
    const int64_t stop = std::min(end, block + depth);
    for_panels(n, [&](int64_t first, int64_t count, int64_t vectors) HWY_ATTR {
      float* panel = packed + packed_offset(n, block) + first * depth;
      pack_panel(b, p - begin, first, stop - p, count, vectors,
                 panel + (p - block) * vectors * kLanes);
    });
    p = stop;
  }
}

void multiply_packed(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                     bool accumulate, const GemmResult& c, const GemmSeries& series,
                     GemmBuffers& buffers) {
  const int64_t depth_block = depth_block_of(k);
  const int64_t row_block = row_block_of(m);
  Depth depth{};
  for (int64_t item = 0; item < series.count; ++item) {
    for (int64_t p = 0; p < k; p += depth_block) {
      // All items of a single block share the tables.
      if (item == 0 || depth_block < k) {
        depth = write_depth(a, p, std::min(depth_block, k - p), buffers);
      }
      for (int64_t i = 0; i < m; i += row_block) {
        const int64_t rows = std::min(row_block, m - i);
        if ((item == 0 && p == 0) || row_block < m) write_rows(a, c, i, rows, buffers);
        multiply_panels(rows, a.data + item * series.a_step,
                        {buffers.left_rows, buffers.result_rows}, depth,
                        packed + item * series.b_step + packed_offset(n, p), n, accumulate || p > 0,
                        c.data + item * series.c_step);
      }
    }
  }
}

bool has_wide_vectors() { return kLanes >= 8; }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(multiply);
HWY_EXPORT(pack);
HWY_EXPORT(multiply_packed);
HWY_EXPORT(has_wide_vectors);

namespace {
thread_local GemmBuffers buffers;
}  // namespace

bool gemm_kernel_pays() { return HWY_DYNAMIC_DISPATCH(has_wide_vectors)(); }

void gemm_kernel(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const GemmRight& b,
                 bool accumulate, const GemmResult& c) {
  HWY_DYNAMIC_DISPATCH(multiply)(m, n, k, a, b, accumulate, c, buffers);
}

void gemm_pack_rows(int64_t n, int64_t k, const GemmRight& b, int64_t begin, int64_t end,
                    float* packed) {
  HWY_DYNAMIC_DISPATCH(pack)(n, k, b, begin, end, packed);
}

void gemm_packed(int64_t m, int64_t n, int64_t k, const GemmLeft& a, const float* packed,
                 bool accumulate, const GemmResult& c, const GemmSeries& series) {
  HWY_DYNAMIC_DISPATCH(multiply_packed)(m, n, k, a, packed, accumulate, c, series, buffers);
}

}  // namespace luge
#endif  // HWY_ONCE
