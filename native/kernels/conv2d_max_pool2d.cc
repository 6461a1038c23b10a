#include "kernels/conv2d_max_pool2d.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>

#include "base/parallel.h"
#include "kernels/conv2d_patches.h"
#include "kernels/matmul_tiling.h"
#include "kernels/pooled_patches.h"
#include "simd/conv2d_planes.h"
#include "simd/gemm_kernel.h"
#include "simd/winograd_lines.h"

namespace luge {
namespace {

// A tile of pooled outputs: whole images, or some lines of one.
struct PooledTile {
  int64_t image, images;
  int64_t line, lines;
};

// How a tile is computed: as one product, or with vectors along lines of pixels, channel by
// channel, as sums of products or by minimal filtering.
enum class Kernel { product, planes, winograd };

struct Plan {
  Conv2dShape conv;  // the part of it that the windows look at
  PoolShape pool;
  int64_t images, lines;  // a tile has at most
  Kernel kernel;

  int64_t line_tiles() const { return ceil_div(pool.out_h, lines); }
  int64_t tiles() const { return ceil_div(conv.n, images) * line_tiles(); }
  PooledTile tile(int64_t i) const {
    const int64_t image = i / line_tiles() * images;
    const int64_t line = i % line_tiles() * lines;
    return {.image = image,
            .images = std::min(images, conv.n - image),
            .line = line,
            .lines = std::min(lines, pool.out_h - line)};
  }
  // Lines of the convolution under so many pooled ones.
  int64_t lines_under(int64_t count) const { return (count - 1) * pool.stride_h + pool.pool_h; }

  WinogradLines winograd(int64_t count) const {
    return {.lines = count, .columns = pool.out_w, .channels = conv.c, .filters = conv.oc};
  }

  // Floats of buffers: the first is shared, the others are each thread's.
  int64_t weight_size() const {
    switch (kernel) {
      case Kernel::product: return round_up(gemm_packed_size(conv.oc, conv.depth()), 16);
      case Kernel::winograd: return round_up(WinogradLines::weight_size(conv.c, conv.oc), 16);
      default: return 0;
    }
  }
  // From a line of the input to the next, and a channel of a tile's image, with padding.
  int64_t pitch() const { return conv.inside() ? conv.w : conv.input_pixels(conv.ow); }
  int64_t plane_size() const { return conv.input_lines(lines_under(lines)) * pitch(); }
  int64_t padded_size() const {
    return conv.inside() ? 0 : round_up(images * plane_size() * conv.c, 16);
  }
  int64_t planes_size() const {
    return kernel == Kernel::planes && conv.c > 1 ? round_up(plane_size() * conv.c, 16) : 0;
  }
  int64_t results_size() const { return round_up(tile_results_size(), 16); }
  int64_t tile_results_size() const {
    switch (kernel) {
      case Kernel::planes: return planes_buffer_size(pool.out_w, conv.oc);
      case Kernel::winograd: return winograd(lines).buffer_size();
      default: return images * lines_under(lines) * conv.ow * conv.oc;
    }
  }
  int64_t thread_size() const { return padded_size() + planes_size() + results_size(); }
};

constexpr int64_t kMostPlanes = 4;
constexpr int64_t kMostDepth = 256;

bool is_usual(const PoolShape& pool) {
  return pool.pool_h == 2 && pool.pool_w == 2 && pool.stride_h == 2 && pool.stride_w == 2;
}

// Whether vectors along a line are filled better than those along the filters, of which one alone
// would wait for its additions.
bool prefers_planes(const Conv2dShape& s, const PoolShape& pool) {
  if (s.c > kMostPlanes || s.depth() > kMostDepth || s.stride_w != 1 || !is_usual(pool) ||
      !planes_fit(pool.out_w)) {
    return false;
  }
  constexpr int64_t kLanes = 16;
  const int64_t rest = s.ow % kLanes;
  const int64_t lanes = s.ow - rest + (rest <= kLanes / 2 ? round_up(rest, kLanes / 2) : kLanes);
  return lanes * s.oc < s.ow * std::max(round_up(s.oc, kLanes), kLanes * 3 / 2);
}

Plan choose_plan(const Conv2dShape& conv, const PoolShape& pool, PooledProducts products) {
  constexpr int64_t kTileFloats = 8192;  // of the convolution, which are to stay in the first cache
  constexpr int64_t kSmallWeight = int64_t{1} << 15;
  Plan plan{.conv = conv, .pool = pool, .images = 1, .lines = pool.out_h, .kernel = {}};
  Conv2dShape& s = plan.conv;
  s.oh = (pool.out_h - 1) * pool.stride_h + pool.pool_h;
  s.ow = (pool.out_w - 1) * pool.stride_w + pool.pool_w;
  plan.kernel = products == PooledProducts::winograd ? Kernel::winograd
                : prefers_planes(s, pool)            ? Kernel::planes
                                                     : Kernel::product;
  // A larger weight comes from further away for every tile.
  const int64_t min_rows = s.depth() * s.oc <= kSmallWeight ? 64 : 256;
  const int64_t for_threads = s.rows() / tile_count(s.multiply_adds());
  // The others leave nothing but pooled outputs behind.
  const int64_t left = plan.kernel == Kernel::product ? 1 : pool.pool_h * pool.pool_w;
  const int64_t in_cache = left * kTileFloats / s.oc;
  const int64_t rows = std::max(min_rows, std::min(in_cache, for_threads));
  const int64_t image = s.oh * s.ow;
  if (rows >= image) {
    plan.images = std::min(s.n, rows / image);
  } else {
    plan.lines = ceil_div(pool.out_h, std::min(pool.out_h, ceil_div(image, rows)));
  }
  return plan;
}

void pack_weight(const Conv2dShape& s, const float* weight, float* packed) {
  constexpr int64_t kFloats = int64_t{1} << 14;
  const int64_t depths = std::max<int64_t>(1, kFloats / s.oc);
  parallel_for(ceil_div(s.depth(), depths), [&](int64_t chunk, int) {
    const int64_t begin = chunk * depths;
    const int64_t end = std::min(s.depth(), begin + depths);
    gemm_pack_rows(s.oc, s.depth(), {weight + begin * s.oc, s.oc}, begin, end, packed);
  });
}

// Where pooled outputs and their indices go.
struct Outputs {
  float* y;
  std::byte* index;  // or null
  int64_t index_bytes;

  Outputs from(int64_t i) const {
    return {y + i, index ? index + i * index_bytes : nullptr, index_bytes};
  }
};

// A tile as a product for all its images, and then the largest of each window.
void pool_product(const Plan& plan, const PooledTile& tile, const Conv2dPatches& patches,
                  const float* packed, const Outputs& out, float* products) {
  const Conv2dShape& s = plan.conv;
  const int64_t under = plan.lines_under(tile.lines);
  gemm_packed(tile.images * under * s.ow, s.oc, s.depth(),
              {patches.data, patches.pixels, patches.taps}, packed, false,
              {products, {.inner_step = s.oc}});
  PoolShape windows = plan.pool;
  windows.h = under;
  windows.w = s.ow;
  for (int64_t i = 0; i < tile.images; ++i) {
    const Outputs image = out.from(i * plan.pool.out_image());
    for (int64_t oy = 0; oy < tile.lines; ++oy) {
      max_pool_row(windows, products + i * under * s.ow * s.oc, oy, image.y, image.index);
    }
  }
}

// planes[c, pixels] = pixels[pixels, c]
void split_channels(int64_t pixels, int64_t c, const float* from, int64_t plane, float* planes) {
  for (int64_t channel = 0; channel < c; ++channel) {
    for (int64_t i = 0; i < pixels; ++i) planes[channel * plane + i] = from[i * c + channel];
  }
}

// A tile line by line, with one filter's outputs side by side in a vector.
void pool_planes(const Plan& plan, const PooledTile& tile, const Conv2dPatches& patches,
                 const float* weight, const Outputs& out, float* planes, float* buffer) {
  const Conv2dShape& s = plan.conv;
  const int64_t pitch = plan.pitch();
  std::array<int64_t, kMostDepth> taps;
  const OffsetMap offsets{.inner_step = plan.plane_size(),
                          .inner_count = s.c,
                          .middle_step = s.dilation_w,
                          .middle_count = s.kw,
                          .outer_step = s.dilation_h * pitch};
  offsets.write(0, s.depth(), taps.data());
  const PlanesLine line{.columns = plan.pool.out_w,
                        .filters = s.oc,
                        .depth = s.depth(),
                        .taps = taps.data(),
                        .line_step = s.stride_h * pitch};
  for (int64_t i = 0; i < tile.images; ++i) {
    const float* image = patches.data + i * patches.pixels.outer_step;
    if (s.c > 1) {
      const int64_t lines = s.input_lines(plan.lines_under(tile.lines));
      split_channels(lines * pitch, s.c, image, plan.plane_size(), planes);
      image = planes;
    }
    for (int64_t oy = 0; oy < tile.lines; ++oy) {
      const Outputs row = out.from((i * plan.pool.out_h + oy) * plan.pool.out_w * s.oc);
      planes_max_pool_line(line, image + 2 * oy * line.line_step, weight, row.y,
                           reinterpret_cast<uint8_t*>(row.index), buffer);
    }
  }
}

// A tile image by image, by minimal filtering.
void pool_winograd(const Plan& plan, const PooledTile& tile, const Conv2dPatches& patches,
                   const WinogradLinesWeight& weight, const float* bias, const Outputs& out,
                   float* buffer) {
  const WinogradLines lines = plan.winograd(tile.lines);
  for (int64_t i = 0; i < tile.images; ++i) {
    const Outputs image = out.from(i * plan.pool.out_image());
    winograd_lines_max_pool(lines, patches.data + i * patches.pixels.outer_step,
                            plan.pitch() * plan.conv.c, weight, bias, image.y,
                            reinterpret_cast<uint8_t*>(image.index), buffer);
  }
}

}  // namespace

bool conv2d_max_pool2d_fits(const Conv2dShape& conv, const PoolShape& pool) {
  return conv.groups == 1 && pool.disjoint() && pool.batch == conv.n && pool.h == conv.oh &&
         pool.w == conv.ow && pool.channels == conv.oc;
}

bool conv2d_max_pool2d_winograd_fits(const Conv2dShape& conv, const PoolShape& pool) {
  constexpr int64_t kKernel = WinogradLines::kKernel;
  return conv2d_max_pool2d_fits(conv, pool) && is_usual(pool) && conv.c <= kMostPlanes &&
         conv.kh == kKernel && conv.kw == kKernel && conv.stride_h == 1 && conv.stride_w == 1 &&
         conv.dilation_h == 1 && conv.dilation_w == 1;
}

bool conv2d_max_pool2d_gradients_fit(const Conv2dShape& conv, const PoolShape& pool) {
  constexpr int64_t kMost = int64_t{1} << 30;  // floats that 32 bits count
  const PooledPatches patches(conv, pool);
  return conv2d_max_pool2d_fits(conv, pool) && pool.byte_index() &&
         (conv.kw == 1 || conv.dilation_w == 1) && patches.image_size() <= kMost &&
         conv.oc * patches.filter_size() <= kMost;
}

int64_t conv2d_max_pool2d_workspace(const Conv2dShape& conv, const PoolShape& pool,
                                    PooledProducts products, int threads) {
  const Plan plan = choose_plan(conv, pool, products);
  return plan.weight_size() + threads * plan.thread_size();
}

void conv2d_max_pool2d(const Conv2dShape& conv, const PoolShape& pool, PooledProducts products,
                       const float* x, const float* weight, float* y, void* index, float* workspace,
                       Epilogue epilogue, const float* bias_relu) {
  assert(bias_relu == nullptr || products == PooledProducts::winograd);
  assert(products == PooledProducts::winograd ? conv2d_max_pool2d_winograd_fits(conv, pool)
                                              : conv2d_max_pool2d_fits(conv, pool));
  const Plan plan = choose_plan(conv, pool, products);
  const Conv2dShape& s = plan.conv;
  if (plan.kernel == Kernel::product) pack_weight(s, weight, workspace);
  WinogradLinesWeight winograd_weight{};
  if (plan.kernel == Kernel::winograd) {
    winograd_weight = winograd_lines_weight(s.c, s.oc, weight, workspace);
  }
  const Outputs outputs{y, static_cast<std::byte*>(index), pool.byte_index() ? 1 : 4};
  parallel_for(plan.tiles(), [&](int64_t chunk, int thread) {
    const PooledTile tile = plan.tile(chunk);
    float* padded = workspace + plan.weight_size() + thread * plan.thread_size();
    float* planes = padded + plan.padded_size();
    float* results = planes + plan.planes_size();
    const Conv2dPatches patches = tile_patches(s,
                                               {.image = tile.image,
                                                .images = tile.images,
                                                .line = tile.line * pool.stride_h,
                                                .lines = plan.lines_under(tile.lines),
                                                .row_begin = 0,
                                                .row_end = 0},
                                               x, padded);
    const int64_t row = (tile.image * pool.out_h + tile.line) * pool.out_w;
    const Outputs out = outputs.from(row * s.oc);
    switch (plan.kernel) {
      case Kernel::product: pool_product(plan, tile, patches, workspace, out, results); break;
      case Kernel::planes: pool_planes(plan, tile, patches, weight, out, planes, results); break;
      case Kernel::winograd:
        pool_winograd(plan, tile, patches, winograd_weight, bias_relu, out, results);
        break;
    }
    epilogue(row, row + tile.images * tile.lines * pool.out_w, thread);
  });
}

}  // namespace luge
