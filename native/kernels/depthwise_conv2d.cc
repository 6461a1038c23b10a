#include "kernels/depthwise_conv2d.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"
#include "kernels/window_runs.h"
#include "simd/depthwise_rows.h"
#include "simd/group_rows.h"

namespace luge {
namespace {

// A part of an image: lines from first_line on.
template <class T>
struct Lines {
  T* data;
  int64_t first_line;
  int64_t width, channels;
  bool past_caches = false;  // see DepthwiseTile

  T* at(int64_t line, int64_t pixel) const {
    return data + ((line - first_line) * width + pixel) * channels;
  }
};

// Lines [line, line + lines) of images [image, image + images); lines of one image only, or whole
// images.
struct Tile {
  int64_t image, images;
  int64_t line, lines;
};

// Cuts [n, h] lines into tiles that a cache of a core holds, and these into chunks for the threads,
// by shape alone. A thread takes the tiles of a chunk one after another, because neighbours see the
// same lines.
class Tiles {
 public:
  Tiles(int64_t n, int64_t h, int64_t floats_per_line, int64_t multiply_adds) : n_(n), h_(h) {
    constexpr int64_t kFloats = int64_t{1} << 18;
    constexpr int64_t kMultiplyAdds = int64_t{1} << 19;  // some 10 microseconds
    constexpr int64_t kMostChunks = 32;
    const int64_t chunks = std::clamp<int64_t>(multiply_adds / kMultiplyAdds, 1, kMostChunks);
    const int64_t lines = std::max<int64_t>(1, std::min(kFloats / floats_per_line, n * h / chunks));
    images_ = std::clamp<int64_t>(lines / h, 1, n);
    lines_ = ceil_div(h, ceil_div(h, std::min(h, lines)));
    line_tiles_ = ceil_div(h, lines_);
    tiles_per_chunk_ = ceil_div(count(), chunks);
  }

  int64_t count() const { return ceil_div(n_, images_) * line_tiles_; }
  int64_t lines() const { return lines_; }

  Tile at(int64_t index) const {
    const int64_t image = index / line_tiles_ * images_;
    const int64_t line = index % line_tiles_ * lines_;
    return {.image = image,
            .images = std::min(images_, n_ - image),
            .line = line,
            .lines = std::min(lines_, h_ - line)};
  }

  // Calls body(tile, thread) for all of them, the chunks in parallel.
  template <class Body>
  void for_each(Body body) const {
    parallel_for(ceil_div(count(), tiles_per_chunk_), [&](int64_t chunk, int thread) {
      const int64_t end = std::min(count(), (chunk + 1) * tiles_per_chunk_);
      for (int64_t index = chunk * tiles_per_chunk_; index < end; ++index) body(at(index), thread);
    });
  }

 private:
  int64_t n_, h_;
  int64_t images_, lines_, line_tiles_;
  int64_t tiles_per_chunk_;
};

Tiles tiles_of_y(const Conv2dShape& s) {
  const int64_t x_lines = std::min(s.stride_h, s.kh);  // for another line of y
  return {s.n, s.oh, s.ow * s.oc + x_lines * s.w * s.c, s.multiply_adds()};
}

Tiles tiles_of_dx(const Conv2dShape& s) {
  return {s.n, s.h, s.w * s.c + ceil_div(s.ow * s.oc, s.stride_h), s.multiply_adds()};
}

// Calls body(tile, source, window, result) for rectangles of results in lines [begin, end) of
// `rows` that see the same part of a kernel kw wide, with tap_size weights for each element.
template <class Source, class Result, class Body>
void for_rectangles(const WindowAxis& rows, const WindowAxis& columns, int64_t begin, int64_t end,
                    int64_t kw, int64_t tap_size, const Lines<Source>& source,
                    const Lines<Result>& result, Body body) {
  constexpr int64_t kNarrow = 4;  // pixels, which leave registers empty
  const int64_t c = source.channels;
  const int64_t source_line = source.width * c, result_line = result.width * c;
  for_window_runs(rows, begin, end, [&](const WindowRun& r) {
    for_window_runs(columns, 0, columns.count, [&](const WindowRun& q) {
      DepthwiseTile tile{.outer = {.pixels = r.count,
                                   .x_step = rows.source_step * source_line,
                                   .y_step = rows.step * result_line,
                                   .taps = r.taps,
                                   .x_tap_step = rows.source_tap_step * source_line,
                                   .weight_tap_step = rows.tap_step * kw * tap_size},
                         .inner = {.pixels = q.count,
                                   .x_step = columns.source_step * c,
                                   .y_step = columns.step * c,
                                   .taps = q.taps,
                                   .x_tap_step = columns.source_tap_step * c,
                                   .weight_tap_step = columns.tap_step * tap_size},
                         .channels = c,
                         .past_caches = result.past_caches};
      // The sides of an image are one pixel wide and are gone through from top to bottom.
      if (q.count < kNarrow && q.count < r.count) std::swap(tile.outer, tile.inner);
      Result* to =
          result.at(rows.first + r.begin * rows.step, columns.first + q.begin * columns.step);
      if (r.taps * q.taps == 0) return body(tile, source.data, 0, to);
      body(tile, source.at(rows.source(r), columns.source(q)),
           (rows.window(r) * kw + columns.window(q)) * tap_size, to);
    });
  });
}

// Weights of an element of the kernel.
int64_t tap_size(const Conv2dShape& s) { return s.group_c() * s.oc; }

// How often a channel alone in its group is repeated, to have one for every filter.
int64_t multiplier(const Conv2dShape& s) { return s.group_c() == 1 ? s.group_oc() : 1; }

void sum_taps(const Conv2dShape& s, const DepthwiseTile& tile, const float* x, const float* weight,
              float* y) {
  if (s.group_c() == 1) return depthwise_rows(tile, x, weight, y);
  group_rows(s.group_c(), tile, x, weight, y);
}
void sum_pixels(const Conv2dShape& s, const DepthwiseTile& tile, const float* x, const float* dy,
                float* dweight) {
  if (s.group_c() == 1) return depthwise_dweight_rows(tile, x, dy, dweight);
  group_dweight_rows(s.group_c(), tile, x, dy, dweight);
}

// Whether results are so many that no cache holds them until they are read, of whole cache lines,
// and no epilogue reads them at once.
bool goes_past_caches(const float* results, int64_t size, int64_t channels, Epilogue epilogue) {
  constexpr int64_t kCached = int64_t{1} << 22;  // floats: half of a large third-level cache
  constexpr int64_t kLine = 16;
  return size > kCached && channels % kLine == 0 && !epilogue &&
         reinterpret_cast<uintptr_t>(results) % (kLine * sizeof(float)) == 0;
}

// Every channel `multiplier` times behind one another.
void repeat_channels(const float* x, int64_t size, int64_t multiplier, float* out) {
  for (int64_t i = 0; i < size; ++i) out = std::fill_n(out, multiplier, x[i]);
}

// The inverse: out[i] = the sum of x[i * multiplier, (i + 1) * multiplier)
void sum_repeated(const float* x, int64_t size, int64_t multiplier, float* out) {
  for (int64_t i = 0; i < size; ++i, x += multiplier) {
    float sum = x[0];
    for (int64_t m = 1; m < multiplier; ++m) sum += x[m];
    out[i] = sum;
  }
}

// Floats for the lines of x under so many lines of y with channels repeated, where they are.
int64_t repeated_size(const Conv2dShape& s, int64_t lines) {
  if (multiplier(s) == 1) return 0;
  return round_up(std::min(s.h, s.input_lines(lines)) * s.w * s.oc, 16);
}

// The lines of an image under lines [line, line + lines) of y, with as many channels as y.
Lines<const float> lines_under(const Conv2dShape& s, const float* image, int64_t line,
                               int64_t lines, float* buffer) {
  if (multiplier(s) == 1) return {image, 0, s.w, s.oc};
  const int64_t top = line * s.stride_h - s.pad_top;
  const int64_t first = std::clamp<int64_t>(top, 0, s.h);
  const int64_t last = std::clamp<int64_t>(top + s.input_lines(lines), first, s.h);
  repeat_channels(image + first * s.w * s.c, (last - first) * s.w * s.c, multiplier(s), buffer);
  return {buffer, first, s.w, s.oc};
}

WindowAxis rows_of_y(const Conv2dShape& s) {
  return forward_axis(s.h, s.oh, s.kh, s.stride_h, s.pad_top, s.dilation_h);
}
WindowAxis columns_of_y(const Conv2dShape& s) {
  return forward_axis(s.w, s.ow, s.kw, s.stride_w, s.pad_left, s.dilation_w);
}
WindowAxis rows_of_dx(const Conv2dShape& s, int64_t phase) {
  return backward_axis(s.h, s.oh, s.kh, s.stride_h, s.pad_top, s.dilation_h, phase);
}
WindowAxis columns_of_dx(const Conv2dShape& s, int64_t phase) {
  return backward_axis(s.w, s.ow, s.kw, s.stride_w, s.pad_left, s.dilation_w, phase);
}

// dx[line, line + lines), of one image, with as many channels as dy.
void image_dx(const Conv2dShape& s, const Lines<const float>& dy, const float* weight, int64_t line,
              int64_t lines, const Lines<float>& dx) {
  for (int64_t phase_y = 0; phase_y < std::min(s.stride_h, s.h); ++phase_y) {
    const WindowAxis rows = rows_of_dx(s, phase_y);
    const int64_t begin = rows.results_before(line), end = rows.results_before(line + lines);
    if (begin == end) continue;
    for (int64_t phase_x = 0; phase_x < std::min(s.stride_w, s.w); ++phase_x) {
      for_rectangles(rows, columns_of_dx(s, phase_x), begin, end, s.kw, tap_size(s), dy, dx,
                     [&](const DepthwiseTile& tile, const float* from, int64_t window, float* to) {
                       sum_taps(s, tile, from, weight + window, to);
                     });
    }
  }
}

// Weights with the channels and filters of every group exchanged: what dx takes.
int64_t turned_size(const Conv2dShape& s) {
  return s.group_c() == 1 ? 0 : s.kh * s.kw * tap_size(s);
}
void turn_groups(const Conv2dShape& s, const float* weight, float* turned) {
  const int64_t size = s.group_c();
  parallel_for(s.kh * s.kw, [&](int64_t tap, int) {
    const float* from = weight + tap * tap_size(s);
    float* to = turned + tap * tap_size(s);
    for (int64_t channel = 0; channel < size; ++channel) {
      for (int64_t i = 0; i < s.oc; ++i) {
        to[i % size * s.oc + i - i % size + channel] = from[channel * s.oc + i];
      }
    }
  });
}

struct Pieces {
  int64_t tiles;  // each
  int64_t count;  // each with a sum of its own
};

Pieces choose_pieces(const Conv2dShape& s, const Tiles& tiles) {
  constexpr int64_t kMost = 32;
  constexpr int64_t kMaxPartials = int64_t{1} << 20;  // floats
  const int64_t count =
      floor_pow2(std::min({kMost, tiles.count(), kMaxPartials / (s.depth() * s.oc)}));
  const int64_t per_piece = ceil_div(tiles.count(), count);
  return {.tiles = per_piece, .count = ceil_div(tiles.count(), per_piece)};
}

int64_t partials_size(const Conv2dShape& s, const Pieces& pieces) {
  return round_up((pieces.count - 1) * s.depth() * s.oc, 16);
}

}  // namespace

bool is_depthwise(const Conv2dShape& s) {
  constexpr int64_t kMostFilters = 16;  // of a channel
  if (s.groups == 1) return false;
  if (s.group_c() == 1) return s.group_oc() < kMostFilters;
  return s.group_c() == s.group_oc() && is_group_size(s.group_c());
}

int64_t depthwise_conv2d_workspace(const Conv2dShape& s, int threads) {
  return threads * repeated_size(s, tiles_of_y(s).lines());
}

void depthwise_conv2d(const Conv2dShape& s, const float* x, const float* weight, float* y,
                      float* workspace, Epilogue epilogue) {
  const Tiles tiles = tiles_of_y(s);
  const int64_t buffer_size = repeated_size(s, tiles.lines());
  const WindowAxis rows = rows_of_y(s), columns = columns_of_y(s);
  const bool past_caches = goes_past_caches(y, s.rows() * s.oc, s.oc, epilogue);
  tiles.for_each([&](const Tile& t, int thread) {
    for (int64_t image = t.image; image < t.image + t.images; ++image) {
      const Lines<const float> from = lines_under(s, x + image * s.h * s.w * s.c, t.line, t.lines,
                                                  workspace + thread * buffer_size);
      const Lines<float> to{y + image * s.oh * s.ow * s.oc, 0, s.ow, s.oc, past_caches};
      for_rectangles(rows, columns, t.line, t.line + t.lines, s.kw, tap_size(s), from, to,
                     [&](const DepthwiseTile& tile, const float* source, int64_t window,
                         float* result) { sum_taps(s, tile, source, weight + window, result); });
    }
    const int64_t row = (t.image * s.oh + t.line) * s.ow;
    epilogue(row, row + t.images * t.lines * s.ow, thread);
  });
}

int64_t depthwise_conv2d_dx_workspace(const Conv2dShape& s, int threads) {
  if (multiplier(s) == 1) return turned_size(s);
  return threads * round_up(tiles_of_dx(s).lines() * s.w * s.oc, 16);
}

void depthwise_conv2d_dx(const Conv2dShape& s, const float* dy, const float* weight, float* dx,
                         float* workspace, Epilogue epilogue) {
  if (s.group_c() > 1) {
    turn_groups(s, weight, workspace);
    weight = workspace;
  }
  const Tiles tiles = tiles_of_dx(s);
  const int64_t buffer_size = round_up(tiles.lines() * s.w * s.oc, 16);
  const bool past_caches = goes_past_caches(dx, s.n * s.h * s.w * s.c, s.c, epilogue);
  tiles.for_each([&](const Tile& t, int thread) {
    for (int64_t image = t.image; image < t.image + t.images; ++image) {
      const Lines<const float> from{dy + image * s.oh * s.ow * s.oc, 0, s.ow, s.oc};
      float* to = dx + image * s.h * s.w * s.c;
      if (multiplier(s) == 1) {
        image_dx(s, from, weight, t.line, t.lines, {to, 0, s.w, s.c, past_caches});
        continue;
      }
      float* buffer = workspace + thread * buffer_size;
      image_dx(s, from, weight, t.line, t.lines, {buffer, t.line, s.w, s.oc});
      sum_repeated(buffer, t.lines * s.w * s.c, multiplier(s), to + t.line * s.w * s.c);
    }
    const int64_t row = (t.image * s.h + t.line) * s.w;
    epilogue(row, row + t.images * t.lines * s.w, thread);
  });
}

int64_t depthwise_conv2d_dweight_workspace(const Conv2dShape& s, int threads) {
  const Tiles tiles = tiles_of_y(s);
  return partials_size(s, choose_pieces(s, tiles)) + threads * repeated_size(s, tiles.lines());
}

void depthwise_conv2d_dweight(const Conv2dShape& s, const float* x, const float* dy, float* dweight,
                              float* workspace) {
  const Tiles tiles = tiles_of_y(s);
  const Pieces pieces = choose_pieces(s, tiles);
  const int64_t size = s.depth() * s.oc;
  const int64_t buffer_size = repeated_size(s, tiles.lines());
  float* buffers = workspace + partials_size(s, pieces);
  const WindowAxis rows = rows_of_y(s), columns = columns_of_y(s);
  parallel_for(pieces.count, [&](int64_t piece, int thread) {
    float* sum = piece == 0 ? dweight : workspace + (piece - 1) * size;
    std::fill_n(sum, size, 0.0f);
    const int64_t end = std::min(tiles.count(), (piece + 1) * pieces.tiles);
    for (int64_t index = piece * pieces.tiles; index < end; ++index) {
      const Tile t = tiles.at(index);
      for (int64_t image = t.image; image < t.image + t.images; ++image) {
        const Lines<const float> from = lines_under(s, x + image * s.h * s.w * s.c, t.line, t.lines,
                                                    buffers + thread * buffer_size);
        const Lines<const float> gradient{dy + image * s.oh * s.ow * s.oc, 0, s.ow, s.oc};
        for_rectangles(
            rows, columns, t.line, t.line + t.lines, s.kw, tap_size(s), from, gradient,
            [&](const DepthwiseTile& tile, const float* source, int64_t window,
                const float* result) { sum_pixels(s, tile, source, result, sum + window); });
      }
    }
  });
  if (pieces.count > 1) {
    add_partials(s.depth(), s.oc, pieces.count - 1, workspace, dweight, {});
  }
}

}  // namespace luge
