#include "kernels/pool.h"

#include <algorithm>
#include <cstddef>

#include "base/parallel.h"

namespace luge {
namespace {

// Calls body(image, oy) for every row of outputs, a few rows a task.
template <class Body>
void each_row(const PoolShape& s, Body body) {
  constexpr int64_t kElements = 16384;  // of x
  const int64_t per_row = std::max<int64_t>(1, s.out_w * s.channels * s.pool_h * s.pool_w);
  const int64_t group = std::max<int64_t>(1, kElements / per_row);
  const int64_t rows = s.batch * s.out_h;
  parallel_pieces<1>(rows, group, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; ++r) body(r / s.out_h, r % s.out_h);
  });
}

// Clears dx and calls body(image, oy) for every row of outputs: windows overlap, so one thread
// takes an image.
template <class Body>
void each_image(const PoolShape& s, float* dx, Body body) {
  parallel_for(s.batch, [&](int64_t image, int) {
    std::fill_n(dx + image * s.image(), s.image(), 0.0f);
    for (int64_t oy = 0; oy < s.out_h; ++oy) body(image, oy);
  });
}

int64_t index_bytes(const PoolShape& s) { return s.out_image() * (s.byte_index() ? 1 : 4); }

}  // namespace

void max_pool2d(const PoolShape& s, const float* x, float* y, void* index) {
  each_row(s, [&](int64_t image, int64_t oy) {
    std::byte* at = index ? static_cast<std::byte*>(index) + image * index_bytes(s) : nullptr;
    max_pool_row(s, x + image * s.image(), oy, y + image * s.out_image(), at);
  });
}

void max_pool2d_dx(const PoolShape& s, const float* dy, const void* index, float* dx) {
  if (s.tiles()) {
    const int64_t under = s.pool_h * s.w * s.channels;  // elements that a row of windows covers
    const float* end = dx + s.batch * s.image();
    each_row(s, [&](int64_t image, int64_t oy) {
      // The next row is asked for while this one is written: memory takes longer to answer than
      // processors look ahead.
      const float* next = dx + image * s.image() + (oy + 1) * under;
      const int64_t count = std::min<int64_t>(under, end - next);
      for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(next + i, 1);
      max_pool_dx_row(s, dy + image * s.out_image(),
                      static_cast<const std::byte*>(index) + image * index_bytes(s), oy,
                      dx + image * s.image());
    });
    return;
  }
  each_image(s, dx, [&](int64_t image, int64_t oy) {
    max_pool_dx_row(s, dy + image * s.out_image(),
                    static_cast<const std::byte*>(index) + image * index_bytes(s), oy,
                    dx + image * s.image());
  });
}

void average_pool2d(const PoolShape& s, const float* x, float* y) {
  each_row(s, [&](int64_t image, int64_t oy) {
    average_pool_row(s, x + image * s.image(), oy, y + image * s.out_image());
  });
}

void average_pool2d_dx(const PoolShape& s, const float* dy, float* dx) {
  each_image(s, dx, [&](int64_t image, int64_t oy) {
    average_pool_dx_row(s, dy + image * s.out_image(), oy, dx + image * s.image());
  });
}

void l2_pool2d(const PoolShape& s, const float* x, float* y) {
  each_row(s, [&](int64_t image, int64_t oy) {
    l2_pool_row(s, x + image * s.image(), oy, y + image * s.out_image());
  });
}

void l2_pool2d_dx(const PoolShape& s, const float* x, const float* y, const float* dy, float* dx) {
  each_image(s, dx, [&](int64_t image, int64_t oy) {
    l2_pool_dx_row(s, x + image * s.image(), y + image * s.out_image(), dy + image * s.out_image(),
                   oy, dx + image * s.image());
  });
}

}  // namespace luge
