#include <algorithm>
#include <cassert>
#include <optional>

#include "base/parallel.h"
#include "kernels/col2im.h"
#include "kernels/conv2d.h"
#include "kernels/conv2d_patches.h"
#include "kernels/depthwise_conv2d.h"
#include "kernels/gemm.h"
#include "kernels/matmul.h"
#include "kernels/matmul_tiling.h"
#include "kernels/packed_matmul.h"
#include "kernels/window_runs.h"

namespace luge {
namespace {

MatmulShape product(const Conv2dShape& s) {
  return {.m = s.rows(), .n = s.c, .k = s.oc, .trans_b = true};
}

bool is_strided(const Conv2dShape& s) { return s.stride_h > 1 || s.stride_w > 1; }

// dx is itself a convolution: of dy, with the kernel turned by 180 degrees and its channels and
// filters exchanged; with strides it is one for every phase, the pixels of dx at the same distance
// from the filters' steps, each with the weights that meet it. That pays unless dx has many more
// pixels than the filters step over, whose columns would then be mostly zeros, or channels that
// leave more than a quarter of their half vectors empty.
bool is_convolution(const Conv2dShape& s) {
  constexpr int64_t kHalfVector = 8, kMaxPhases = 64;
  if (s.stride_h * s.stride_w > kMaxPhases) return false;
  const bool fills = 4 * s.c >= 3 * round_up(s.c, kHalfVector);
  return 4 * s.h * s.w <= 5 * s.oh * s.stride_h * s.ow * s.stride_w &&
         (!is_strided(s) || s.groups > 1 || fills);
}

struct Phase {
  WindowAxis rows, columns;
  Conv2dShape conv;       // from dy to the phase's pixels
  int64_t weight_offset;  // of its turned weights
  int64_t packed_offset;  // of these once they are packed
};

Conv2dShape phase_shape(const Conv2dShape& s, const WindowAxis& rows, const WindowAxis& columns) {
  const int64_t dilation_h = -rows.source_tap_step, dilation_w = -columns.source_tap_step;
  return {.n = s.n,
          .h = s.oh,
          .w = s.ow,
          .c = s.oc,
          .kh = rows.taps,
          .kw = columns.taps,
          .oh = rows.count,
          .ow = columns.count,
          .oc = s.c,
          .stride_h = 1,
          .stride_w = 1,
          .pad_top = (rows.taps - 1) * dilation_h - rows.base,
          .pad_left = (columns.taps - 1) * dilation_w - columns.base,
          .dilation_h = dilation_h,
          .dilation_w = dilation_w,
          .groups = s.groups};
}

// Calls body(phase) for all phases that have pixels.
template <class Body>
void for_phases(const Conv2dShape& s, Body body) {
  int64_t weight_offset = 0, packed_offset = 0;
  for (int64_t y = 0; y < std::min(s.stride_h, s.h); ++y) {
    const WindowAxis rows = backward_axis(s.h, s.oh, s.kh, s.stride_h, s.pad_top, s.dilation_h, y);
    for (int64_t x = 0; x < std::min(s.stride_w, s.w); ++x) {
      const WindowAxis columns =
          backward_axis(s.w, s.ow, s.kw, s.stride_w, s.pad_left, s.dilation_w, x);
      const Phase phase{rows, columns, phase_shape(s, rows, columns), weight_offset, packed_offset};
      body(phase);
      weight_offset += phase.conv.depth() * s.c;
      packed_offset += round_up(packed_matrix_size(phase.conv.depth(), s.c), 16);
    }
  }
}

// Filters [begin, end) of turned[filter, channel] from weight[channel, filter] of one tap and
// group, in squares.
void turn_filters(const Conv2dShape& s, int64_t begin, int64_t end, const float* weight,
                  float* turned) {
  constexpr int64_t kSquare = 16;
  for (int64_t first = begin; first < end; first += kSquare) {
    const int64_t filters = std::min(end, first + kSquare);
    for (int64_t start = 0; start < s.group_c(); start += kSquare) {
      const int64_t channels = std::min(s.group_c(), start + kSquare);
      for (int64_t filter = first; filter < filters; ++filter) {
        for (int64_t channel = start; channel < channels; ++channel) {
          turned[filter * s.c + channel] = weight[channel * s.oc + filter];
        }
      }
    }
  }
}

// turned[kh, kw, oc / groups, c] of a phase from weight[kh, kw, c / groups, oc].
void turn_kernel(const Conv2dShape& s, const Phase& phase, const float* weight, float* turned) {
  constexpr int64_t kElements = 32768;  // of a task
  const WindowAxis &rows = phase.rows, &columns = phase.columns;
  const int64_t tap_size = s.group_c() * s.oc;
  const int64_t taps = rows.taps * columns.taps;
  const int64_t pieces = ceil_div(tap_size, kElements);
  const int64_t filters = ceil_div(s.oc, pieces);
  parallel_for(taps * pieces, [&](int64_t task, int) {
    const int64_t tap = task / pieces;
    const int64_t ky = rows.first_tap + (rows.taps - 1 - tap / columns.taps) * rows.tap_step;
    const int64_t kx =
        columns.first_tap + (columns.taps - 1 - tap % columns.taps) * columns.tap_step;
    const float* from = weight + (ky * s.kw + kx) * tap_size;
    float* to = turned + tap * tap_size;
    const int64_t end = std::min(s.oc, (task % pieces + 1) * filters);
    for (int64_t filter = task % pieces * filters; filter < end;) {
      const int64_t group = filter / s.group_oc(), first = group * s.group_oc();
      const int64_t stop = std::min(end, first + s.group_oc());
      turn_filters(s, filter - first, stop - first, from + first, to + group * s.group_c());
      filter = stop;
    }
  });
}

int64_t turned_size(const Conv2dShape& s) { return round_up(s.depth() * s.oc, 16); }

Phase first_phase(const Conv2dShape& s) {
  std::optional<Phase> first;
  for_phases(s, [&](const Phase& phase) {
    if (!first) first = phase;
  });
  return *first;
}

// With strides: tiles of whole steps of the filters, cut like the first phase, which has the most
// pixels. A thread has a buffer for its padded part of dy.
struct PhaseTiles {
  explicit PhaseTiles(const Conv2dShape& s)
      : tiles(first_phase(s).conv, tile_count(s.multiply_adds())) {
    const Conv2dTile most = tiles.at(0);
    const bool is_packed = s.groups == 1 && pays_to_pack(tiles.count(), s.multiply_adds());
    for_phases(s, [&](const Phase& phase) {
      const Conv2dShape& conv = phase.conv;
      if (conv.depth() == 0) return;
      if (is_packed) {
        packed = phase.packed_offset + round_up(packed_matrix_size(conv.depth(), s.c), 16);
      }
      buffer = std::max(buffer, tile_buffer_size(conv, most.images, std::min(most.lines, conv.oh)));
    });
  }

  int64_t workspace(int threads) const { return packed + threads * buffer; }

  Conv2dTiles tiles;
  int64_t buffer = 0;  // floats
  int64_t packed = 0;  // of all weights, where they are packed for all tiles
};

// The pixels of a phase under a tile, where they lie in dx.
GemmResult phase_pixels(const Conv2dShape& s, const Phase& phase, const Conv2dTile& tile,
                        float* dx) {
  const WindowAxis &rows = phase.rows, &columns = phase.columns;
  const int64_t y = tile.image * s.h + rows.first + tile.line * rows.step;
  return {.data = dx + (y * s.w + columns.first) * s.c,
          .rows = {.inner_step = columns.step * s.c,
                   .inner_count = columns.count,
                   .middle_step = rows.step * s.w * s.c,
                   .middle_count = tile.lines,
                   .outer_step = s.h * s.w * s.c}};
}

void convolve_phases(const Conv2dShape& s, const float* dy, const float* turned, float* dx,
                     float* workspace, Epilogue epilogue) {
  const PhaseTiles cut(s);
  const float* packed = cut.packed > 0 ? workspace : nullptr;
  if (packed) {
    for_phases(s, [&](const Phase& phase) {
      if (phase.conv.depth() == 0) return;
      pack_matrix(phase.conv.depth(), s.c, {turned + phase.weight_offset, s.c},
                  workspace + phase.packed_offset);
    });
  }
  parallel_for(cut.tiles.count(), [&](int64_t index, int thread) {
    const Conv2dTile most = cut.tiles.at(index);
    float* buffer = workspace + cut.packed + thread * cut.buffer;
    for_phases(s, [&](const Phase& phase) {
      const Conv2dShape& conv = phase.conv;
      Conv2dTile tile = most;
      tile.lines = std::min(most.lines, conv.oh - most.line);
      if (tile.lines <= 0) return;
      const GemmResult pixels = phase_pixels(s, phase, tile, dx);
      const int64_t count = tile.images * tile.lines * conv.ow;
      if (conv.depth() == 0) {  // no weight meets them
        pixels.rows.for_runs(0, count, [&](const OffsetRun& run) {
          for (int64_t i = 0; i < run.count; ++i) {
            std::fill_n(pixels.data + run.begin + i * pixels.rows.inner_step, s.c, 0.0f);
          }
        });
        return;
      }
      const Conv2dPatches patches = tile_patches(conv, tile, dy, buffer);
      if (packed) {
        multiply_packed(count, s.c, conv.depth(), {patches.data, patches.pixels, patches.taps},
                        packed + phase.packed_offset, pixels);
        return;
      }
      const float* weight = turned + phase.weight_offset;
      for (int64_t group = 0; group < s.groups; ++group) {
        const int64_t channel = group * s.group_c();
        gemm_kernel(count, s.group_c(), conv.depth(),
                    {patches.data + group * patches.group_step, patches.pixels, patches.taps},
                    {weight + channel, s.c}, false, {pixels.data + channel, pixels.rows});
      }
    });
    const int64_t line = most.image * s.h + most.line * s.stride_h;
    const int64_t end =
        (most.image + most.images - 1) * s.h + std::min(s.h, (most.line + most.lines) * s.stride_h);
    epilogue(line * s.w, end * s.w, thread);
  });
}

// Otherwise the products of dy and the weights are scattered, a chunk of whole images per thread.
struct Tiling {
  int64_t images;  // per chunk
  int64_t rows;    // output pixels of an image at a time
};

Tiling choose_tiling(const Conv2dShape& s) {
  constexpr int64_t kColumns = int64_t{1} << 16;  // floats, a quarter of a megabyte
  constexpr int64_t kMinRows = 64;
  const int64_t pixels = s.oh * s.ow;
  const int64_t rows = std::max(kMinRows, kColumns / s.depth());
  return {.images = ceil_div(s.n, std::min(s.n, tile_count(s.multiply_adds()))),
          .rows = tile_size(pixels, ceil_div(pixels, rows))};
}

int64_t scatter_buffer(const Conv2dShape& s, const Tiling& t) {
  return round_up(t.rows * s.depth(), 16);
}

void scatter_images(const Conv2dShape& s, const Tiling& t, const float* dy, const float* weight,
                    float* dx, float* workspace, Epilogue epilogue) {
  const int64_t pixels = s.oh * s.ow;
  const int64_t image_size = s.h * s.w * s.c;
  parallel_for(ceil_div(s.n, t.images), [&](int64_t chunk, int thread) {
    float* columns = workspace + thread * scatter_buffer(s, t);
    const int64_t image_end = std::min(s.n, (chunk + 1) * t.images);
    for (int64_t image = chunk * t.images; image < image_end; ++image) {
      std::fill_n(dx + image * image_size, image_size, 0.0f);
      for (int64_t row = image * pixels; row < (image + 1) * pixels; row += t.rows) {
        const int64_t row_end = std::min((image + 1) * pixels, row + t.rows);
        for (int64_t group = 0; group < s.groups; ++group) {
          const int64_t filter = group * s.group_oc();
          gemm(false, true, row_end - row, s.depth(), s.group_oc(), 1, dy + row * s.oc + filter,
               s.oc, weight + filter, s.oc, 0, columns, s.depth());
          col2im_add(s, columns, group, row, row_end, dx);
        }
      }
      epilogue(image * s.h * s.w, (image + 1) * s.h * s.w, thread);
    }
  });
}

}  // namespace

int64_t conv2d_dx_workspace(const Conv2dShape& shape, int threads) {
  if (is_depthwise(shape)) return depthwise_conv2d_dx_workspace(shape, threads);
  if (shape.is_product()) return matmul_workspace(product(shape));
  const Conv2dShape s = upright(shape);
  if (!is_convolution(s)) return threads * scatter_buffer(s, choose_tiling(s));
  if (is_strided(s)) return turned_size(s) + PhaseTiles(s).workspace(threads);
  return turned_size(s) + conv2d_workspace(first_phase(s).conv, threads);
}

void conv2d_dx(const Conv2dShape& shape, const float* dy, const float* weight, float* dx,
               float* workspace, Epilogue epilogue) {
  assert(shape.multiply_adds() > 0);
  if (is_depthwise(shape)) return depthwise_conv2d_dx(shape, dy, weight, dx, workspace, epilogue);
  if (shape.is_product()) return matmul(product(shape), dy, weight, dx, workspace, epilogue);
  const Conv2dShape s = upright(shape);
  if (!is_convolution(s)) {
    return scatter_images(s, choose_tiling(s), dy, weight, dx, workspace, epilogue);
  }
  float* buffers = workspace + turned_size(s);
  for_phases(s, [&](const Phase& phase) {
    turn_kernel(s, phase, weight, workspace + phase.weight_offset);
  });
  if (is_strided(s)) {
    convolve_phases(s, dy, workspace, dx, buffers, epilogue);
  } else {
    conv2d(first_phase(s).conv, dy, workspace, dx, buffers, epilogue);
  }
}

}  // namespace luge
