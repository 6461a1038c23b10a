#include "kernels/conv2d.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/parallel.h"
#include "buffers.h"
#include "conv2d_reference.h"

namespace luge {
namespace {

struct Results {
  std::vector<float> y, dx, dweight;
};

// The epilogues add 1, so that a row missed or seen twice shows.
Results run(const Conv2dShape& s, const std::vector<float>& x, const std::vector<float>& weight,
            const std::vector<float>& dy, int threads) {
  set_thread_count(threads);
  const auto add_one = [](float* out, int64_t columns) {
    return [=](int64_t row_begin, int64_t row_end, int) {
      for (int64_t i = row_begin * columns; i < row_end * columns; ++i) out[i] += 1;
    };
  };
  return {
      guarded(dy.size(), conv2d_workspace(s, threads),
              [&](float* out, float* workspace) {
                const auto epilogue = add_one(out, s.oc);
                conv2d(s, x.data(), weight.data(), out, workspace, epilogue);
              }),
      guarded(x.size(), conv2d_dx_workspace(s, threads),
              [&](float* out, float* workspace) {
                const auto epilogue = add_one(out, s.c);
                conv2d_dx(s, dy.data(), weight.data(), out, workspace, epilogue);
              }),
      guarded(weight.size(), conv2d_dweight_workspace(s, threads),
              [&](float* out, float* workspace) {
                conv2d_dweight(s, x.data(), dy.data(), out, workspace);
              }),
  };
}

void check(const Conv2dShape& s) {
  CAPTURE(s.n);
  CAPTURE(s.h);
  CAPTURE(s.w);
  CAPTURE(s.c);
  CAPTURE(s.kh);
  CAPTURE(s.kw);
  CAPTURE(s.oc);
  CAPTURE(s.stride_h);
  CAPTURE(s.pad_top);
  CAPTURE(s.dilation_h);
  CAPTURE(s.groups);
  const std::vector<float> x = random_floats(s.n * s.h * s.w * s.c);
  const std::vector<float> weight = random_floats(s.depth() * s.oc, -1, 1, 2);
  const std::vector<float> dy = random_floats(s.rows() * s.oc, -1, 1, 3);
  const Reference expected = reference(s, x, weight, dy);
  for_each_target([&] {
    const Results actual = run(s, x, weight, dy, 1);
    CHECK(count_wrong(actual.y, expected.y, 1) == 0);
    CHECK(count_wrong(actual.dx, expected.dx, 1) == 0);
    CHECK(count_wrong(actual.dweight, expected.dweight, 0) == 0);
  });
  const Results alone = run(s, x, weight, dy, 1);
  for (const int threads : {2, 5}) {
    const Results shared = run(s, x, weight, dy, threads);
    CHECK(same_bits(alone.y, shared.y));
    CHECK(same_bits(alone.dx, shared.dx));
    CHECK(same_bits(alone.dweight, shared.dweight));
  }
  set_thread_count(1);
}

struct Padding {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
};

// The shape with oh and ow filled in.
Conv2dShape padded(Conv2dShape s, Padding p) {
  s.pad_top = p.top;
  s.pad_left = p.left;
  s.oh = (s.h + p.top + p.bottom - (s.kh - 1) * s.dilation_h - 1) / s.stride_h + 1;
  s.ow = (s.w + p.left + p.right - (s.kw - 1) * s.dilation_w - 1) / s.stride_w + 1;
  return s;
}

Conv2dShape sizes(int64_t n, int64_t h, int64_t w, int64_t c, int64_t kh, int64_t kw, int64_t oc) {
  return {.n = n, .h = h, .w = w, .c = c, .kh = kh, .kw = kw, .oh = 0, .ow = 0, .oc = oc};
}

}  // namespace

TEST_CASE("conv2d and its gradients without padding, small and in many tiles") {
  check(padded(sizes(1, 1, 1, 1, 1, 1, 1), {}));
  check(padded(sizes(2, 5, 7, 3, 3, 2, 5), {}));
  check(padded(sizes(9, 28, 28, 1, 5, 5, 20), {}));
  check(padded(sizes(7, 12, 12, 20, 5, 5, 40), {}));
  check(padded(sizes(3, 9, 40, 2, 1, 9, 17), {}));
}

TEST_CASE("conv2d with padding on every side or on one side only") {
  check(padded(sizes(3, 17, 15, 16, 3, 3, 16), {1, 1, 1, 1}));
  check(padded(sizes(2, 7, 9, 5, 3, 3, 4), {2, 0, 0, 0}));
  check(padded(sizes(2, 7, 9, 5, 3, 3, 4), {0, 2, 0, 0}));
  check(padded(sizes(2, 7, 9, 5, 3, 3, 4), {0, 0, 2, 0}));
  check(padded(sizes(2, 7, 9, 5, 3, 3, 4), {0, 0, 0, 2}));
  check(padded(sizes(2, 3, 2, 2, 3, 5, 3), {4, 3, 5, 6}));  // wider than kernel and image
}

TEST_CASE("conv2d with strides, dilation and both") {
  for (const int64_t stride : {1, 2, 3}) {
    for (const int64_t dilation : {1, 2}) {
      Conv2dShape s = sizes(3, 11, 14, 3, 3, 2, 9);
      s.stride_h = stride;
      s.stride_w = stride;
      s.dilation_h = dilation;
      s.dilation_w = dilation;
      check(padded(s, {}));
      check(padded(s, {1, 0, 0, 1}));
      check(padded(s, {2, 2, 2, 2}));
      s.stride_h = 1;
      s.dilation_w = 1;
      check(padded(s, {1, 2, 1, 0}));
    }
  }
}

TEST_CASE("conv2d with strides and channels enough for a convolution per phase") {
  for (const int64_t channels : {8, 33}) {
    for (const int64_t stride : {2, 3, 4}) {
      for (const int64_t dilation : {1, 2, 3}) {
        Conv2dShape s = sizes(2, 13, 16, channels, 3, 2, 9);
        s.stride_h = s.stride_w = stride;
        s.dilation_h = s.dilation_w = dilation;
        check(padded(s, {}));
        check(padded(s, {1, 0, 0, 1}));
        check(padded(s, {2 * dilation, 1, dilation, dilation}));
        s.stride_h = 1;
        check(padded(s, {1, 2, 0, 1}));
      }
    }
  }
  Conv2dShape pointwise = sizes(3, 9, 10, 33, 1, 1, 18);
  pointwise.stride_h = pointwise.stride_w = 2;
  check(padded(pointwise, {}));
  Conv2dShape lines = sizes(1, 40, 64, 32, 3, 3, 24);  // several tiles in an image
  lines.stride_h = lines.stride_w = 2;
  check(padded(lines, {0, 1, 1, 1}));
  Conv2dShape images = sizes(50, 7, 5, 32, 3, 3, 16);  // several images in a tile
  images.stride_h = images.stride_w = 2;
  check(padded(images, {1, 1, 1, 1}));
  Conv2dShape small = sizes(2, 2, 3, 36, 2, 3, 10);  // fewer lines than a step
  small.stride_h = small.stride_w = 3;
  check(padded(small, {1, 1, 0, 0}));
  small.groups = 2;
  check(padded(small, {1, 1, 0, 0}));
  Conv2dShape packed = sizes(8, 31, 32, 40, 3, 3, 48);  // once for many tiles
  packed.stride_h = packed.stride_w = 2;
  check(padded(packed, {1, 1, 1, 1}));
}

TEST_CASE("conv2d along a line, long enough to be cut") {
  check(padded(sizes(1, 1, 1500, 5, 1, 7, 33), {0, 0, 3, 3}));
  Conv2dShape s = sizes(2, 1, 1500, 4, 1, 3, 24);
  s.stride_w = 2;
  s.dilation_w = 3;
  check(padded(s, {0, 0, 2, 1}));
}

TEST_CASE("conv2d with a kernel of one pixel needs no workspace") {
  const Conv2dShape s = padded(sizes(3, 20, 19, 33, 1, 1, 65), {});
  CHECK(conv2d_workspace(s, 2) == 0);
  check(s);
  Conv2dShape strided = s;
  strided.stride_h = 2;
  strided.stride_w = 2;
  check(padded(strided, {}));
}

TEST_CASE("conv2d with groups, down to one channel each") {
  for (const int64_t groups : {2, 3, 6}) {
    Conv2dShape s = sizes(2, 9, 8, 6, 3, 3, 12);
    s.groups = groups;
    check(padded(s, {}));
    check(padded(s, {1, 1, 1, 1}));
    s.stride_w = 2;
    s.dilation_h = 2;
    check(padded(s, {1, 1, 1, 1}));
  }
  Conv2dShape pointwise = sizes(2, 9, 8, 6, 1, 1, 12);
  pointwise.groups = 3;
  check(padded(pointwise, {}));
}

TEST_CASE("conv2d with groups of as many channels as filters, with every window") {
  for (const int64_t size : {2, 4, 8, 16}) {
    for (const int64_t groups : {2, 3, 5, 9}) {
      for (const int64_t kernel : {1, 2, 3, 5}) {
        for (const int64_t stride : {1, 2, 3}) {
          Conv2dShape s = sizes(2, 10, 11, size * groups, kernel, kernel, size * groups);
          s.groups = groups;
          s.stride_h = s.stride_w = stride;
          check(padded(s, {kernel / 2, kernel - 1, kernel - 1, 0}));
          s.dilation_h = 2;
          s.dilation_w = 3;
          check(padded(s, {kernel, kernel - 1, 0, 2 * kernel}));
        }
      }
    }
  }
  for (const int64_t size : {4, 8, 16, 32}) {  // many tiles
    Conv2dShape s = sizes(3, 23, 26, 6 * size, 3, 3, 6 * size);
    s.groups = 6;
    check(padded(s, {1, 1, 1, 1}));
    s.stride_h = s.stride_w = 2;
    check(padded(s, {0, 1, 1, 1}));
  }
}

TEST_CASE("conv2d of few pixels and many filters is cut along the filters") {
  check(padded(sizes(1, 7, 7, 64, 3, 3, 256), {1, 1, 1, 1}));
  check(padded(sizes(2, 4, 4, 200, 3, 3, 1200), {1, 1, 1, 1}));
}

TEST_CASE("conv2d with groups of one and two vectors of filters, lines of any width") {
  for (const int64_t filters : {16, 32}) {
    for (const int64_t width : {1, 2, 3, 7, 14, 15, 31}) {
      for (const int64_t channels : {8, 16}) {
        Conv2dShape s = sizes(2, 5, width, 3 * channels, 3, 3, 3 * filters);
        s.groups = 3;
        check(padded(s, {1, 1, 1, 1}));
        s.stride_h = 2;
        s.dilation_h = 2;
        check(padded(s, {2, 3, 2, 2}));
      }
    }
    Conv2dShape large = sizes(3, 29, 28, 64, 3, 3, 64);
    large.groups = 64 / filters;
    check(padded(large, {1, 1, 1, 1}));
    large.kh = 1;
    check(padded(large, {}));
    large.kw = 1;
    check(padded(large, {}));
    Conv2dShape strided = sizes(40, 9, 10, 3 * filters, 3, 3, 3 * filters);  // images to a tile
    strided.groups = 3;
    strided.stride_h = strided.stride_w = 2;
    check(padded(strided, {}));
    check(padded(strided, {1, 0, 1, 1}));
  }
}

TEST_CASE("conv2d whose weights are packed once, in one or two blocks of filters") {
  check(padded(sizes(5, 31, 32, 24, 3, 3, 40), {1, 1, 1, 1}));
  check(padded(sizes(3, 32, 32, 65, 1, 1, 200), {}));
}

TEST_CASE("conv2d of each channel alone, with every window") {
  for (const int64_t channels : {2, 3, 4, 7, 8, 15, 16, 17, 33, 66}) {
    for (int64_t kernel = 1; kernel <= 5; ++kernel) {
      for (const int64_t stride : {1, 2, 3}) {
        for (const int64_t dilation : {1, 2}) {
          Conv2dShape s = sizes(2, 10, 12, channels, kernel, kernel, channels);
          s.groups = channels;
          s.stride_h = s.stride_w = stride;
          s.dilation_h = s.dilation_w = dilation;
          check(padded(s, {}));
          const int64_t most = (kernel - 1) * dilation;
          check(padded(s, {most / 2, most - most / 2, most, 0}));
        }
      }
    }
  }
}

TEST_CASE("conv2d of each channel alone, oblong, several filters a channel, in many tiles") {
  for (const int64_t multiplier : {1, 2, 3, 17}) {
    for (const int64_t channels : {3, 8, 17}) {
      Conv2dShape s = sizes(2, 9, 8, channels, 4, 3, channels * multiplier);
      s.groups = channels;
      check(padded(s, {}));
      s.stride_h = 3;
      s.dilation_w = 2;
      check(padded(s, {2, 1, 0, 3}));
      s.stride_w = 2;
      s.dilation_h = 3;
      check(padded(s, {5, 4, 3, 0}));
    }
  }
  Conv2dShape large = sizes(3, 40, 37, 70, 3, 3, 70);
  large.groups = 70;
  check(padded(large, {1, 1, 1, 1}));
  large.oc = 140;
  large.stride_h = large.stride_w = 2;
  check(padded(large, {0, 1, 0, 1}));
  Conv2dShape many = sizes(40, 7, 7, 48, 3, 3, 48);
  many.groups = 48;
  check(padded(many, {1, 1, 1, 1}));
  Conv2dShape wide = sizes(2, 20, 75, 33, 3, 5, 33);  // lines of which a pass reads ahead
  wide.groups = 33;
  check(padded(wide, {1, 1, 2, 2}));
  wide.stride_w = 2;
  check(padded(wide, {1, 1, 2, 2}));
  wide.dilation_w = 3;
  check(padded(wide, {1, 1, 2, 2}));
  Conv2dShape apart = sizes(1, 3, 2, 20, 3, 5, 20);  // taps that see nothing of the image
  apart.groups = 20;
  check(padded(apart, {4, 3, 5, 6}));
}

TEST_CASE("conv2d of each channel alone: so many results that they go past the caches") {
  Conv2dShape s = sizes(1, 261, 260, 64, 3, 3, 64);
  s.groups = 64;
  s = padded(s, {1, 1, 1, 1});
  const int64_t size = s.rows() * s.oc;
  const std::vector<float> x = random_floats(size);
  const std::vector<float> weight = random_floats(s.depth() * s.oc, -1, 1, 2);
  std::vector<float> workspace(std::max(conv2d_workspace(s, 2), conv2d_dx_workspace(s, 2)));
  constexpr float kAround = 113;
  std::vector<float> memory(size + 64);
  // Only results on a cache line can go there; all others are stored as usual.
  const auto line = reinterpret_cast<uintptr_t>(memory.data()) / sizeof(float) % 16;
  const int64_t aligned = 32 - static_cast<int64_t>(line);
  const auto results = [&](int64_t begin, bool gradient) {
    std::fill(memory.begin(), memory.end(), kAround);
    float* out = memory.data() + begin;
    gradient ? conv2d_dx(s, x.data(), weight.data(), out, workspace.data())
             : conv2d(s, x.data(), weight.data(), out, workspace.data());
    CHECK(out[-1] == kAround);
    CHECK(out[size] == kAround);
    return std::vector<float>(out, out + size);
  };
  for_each_target([&] {
    for (const bool gradient : {false, true}) {
      set_thread_count(1);
      const std::vector<float> usual = results(aligned + 1, gradient);
      CHECK(same_bits(results(aligned, gradient), usual));
      set_thread_count(2);
      CHECK(same_bits(results(aligned, gradient), usual));
    }
  });
  set_thread_count(1);
}

}  // namespace luge
