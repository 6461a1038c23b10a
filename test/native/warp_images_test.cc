#include "kernels/warp_images.h"

#include <doctest/doctest.h>

#include <cmath>

#include "buffers.h"

namespace luge {
namespace {

constexpr FillMode kFillModes[] = {FillMode::constant, FillMode::nearest, FillMode::reflect,
                                   FillMode::wrap};

// The number that is seen at pixel (r, c) of one image, inside or outside of it.
double seen(const WarpShape& s, const WarpSampling& sampling, const float* image, int64_t r,
            int64_t c, int64_t channel) {
  const auto within = [&](int64_t i, int64_t n) {
    while (i < 0 || i >= n) {
      if (sampling.fill == FillMode::constant) return int64_t{-1};
      if (sampling.fill == FillMode::nearest) return i < 0 ? 0 : n - 1;
      if (sampling.fill == FillMode::wrap) i += i < 0 ? n : -n;
      if (sampling.fill == FillMode::reflect) i = i < 0 ? -1 - i : 2 * n - 1 - i;
    }
    return i;
  };
  r = within(r, s.h);
  c = within(c, s.w);
  return r < 0 || c < 0 ? sampling.value : image[(r * s.w + c) * s.channels + channel];
}

double expected(const WarpShape& s, const WarpSampling& sampling, const float* image, double row,
                double column, int64_t channel) {
  if (!sampling.bilinear) {
    return seen(s, sampling, image, std::lround(std::floor(row + 0.5)),
                std::lround(std::floor(column + 0.5)), channel);
  }
  const double r = std::floor(row), c = std::floor(column);
  double sum = 0;
  for (int i = 0; i < 2; ++i) {
    for (int k = 0; k < 2; ++k) {
      const double share = (i ? row - r : 1 - (row - r)) * (k ? column - c : 1 - (column - c));
      sum += share * seen(s, sampling, image, static_cast<int64_t>(r) + i,
                          static_cast<int64_t>(c) + k, channel);
    }
  }
  return sum;
}

std::vector<float> transforms_of(int64_t batch) {
  std::vector<float> t = random_floats(batch * 6);
  for (size_t i = 0; i < t.size(); ++i) {
    t[i] = i % 3 == 2 ? t[i] * 6 : t[i] * 0.3f + (i % 6 == 0 || i % 6 == 4 ? 0.9f : 0.0f);
  }
  return t;
}

void check_warp(const WarpShape& s, const WarpSampling& sampling, bool displaced) {
  const int64_t size = s.batch * s.h * s.w * s.channels;
  GuardedBuffer<float> x(random_floats(size), 1), y(size, 3);
  GuardedBuffer<float> t(transforms_of(s.batch), 1);
  GuardedBuffer<float> d(random_floats(s.batch * 2 * s.h * s.w), 1);
  warp_images(s, sampling, x.data(), t.data(), displaced ? d.data() : nullptr, y.data());
  CHECK(y.intact());
  double worst = 0;
  for (int64_t i = 0; i < size; ++i) {
    const int64_t channel = i % s.channels, c = i / s.channels % s.w,
                  r = i / (s.channels * s.w) % s.h, n = i / (s.channels * s.w * s.h);
    const float* m = &t[n * 6];
    const float* move = &d[n * 2 * s.h * s.w + r * s.w + c];
    // Places as floats have them, so that none falls to the other side of a whole number.
    const float column = m[0] * static_cast<float>(c) + (m[1] * static_cast<float>(r) + m[2]);
    const float row = m[3] * static_cast<float>(c) + (m[4] * static_cast<float>(r) + m[5]);
    const double wanted = expected(s, sampling, x.data() + n * s.h * s.w * s.channels,
                                   displaced ? row + move[s.h * s.w] : row,
                                   displaced ? column + move[0] : column, channel);
    worst = std::max(worst, std::abs(y[i] - wanted));
  }
  // Shares and products of numbers up to 1 (or the fill value, 2): 8 roundings.
  CHECK(worst <= 8 * 2 * 0x1p-24);
}

TEST_CASE("warp_images is its definition, for all fill modes and sizes") {
  for (const FillMode fill : kFillModes) {
    for (const bool bilinear : {true, false}) {
      for (const WarpShape& s : std::vector<WarpShape>{{3, 9, 7, 1},
                                                       {2, 5, 33, 3},
                                                       {1, 28, 28, 1},
                                                       {2, 4, 6, 5},
                                                       {2, 1, 9, 1},
                                                       {2, 9, 1, 2},
                                                       {1, 1, 1, 1}}) {
        check_warp(s, {bilinear, fill, 2.0f}, false);
        check_warp(s, {bilinear, fill, 2.0f}, true);
      }
    }
  }
}

TEST_CASE("the gradient of warp_images is its transpose") {
  for (const FillMode fill : kFillModes) {
    const WarpShape s{3, 6, 7, 2};
    const WarpSampling sampling{true, fill, 0.0f};
    const int64_t size = s.batch * s.h * s.w * s.channels;
    const std::vector<float> x = random_floats(size), dy = random_floats(size),
                             t = transforms_of(s.batch);
    GuardedBuffer<float> y(size, 1), dx(size, 3);
    warp_images(s, sampling, x.data(), t.data(), nullptr, y.data());
    warp_images_dx(s, sampling, dy.data(), t.data(), nullptr, dx.data());
    double left = 0, right = 0;
    for (int64_t i = 0; i < size; ++i) {
      left += static_cast<double>(y[i]) * dy[i];
      right += static_cast<double>(x[i]) * dx[i];
    }
    CHECK(std::abs(left - right) <= size * 8 * 0x1p-24);
    CHECK(dx.intact());
  }
}

TEST_CASE("places that are no numbers read nothing and show") {
  const WarpShape s{1, 3, 4, 1};
  GuardedBuffer<float> x(random_floats(12)), y(12, 1);
  for (const FillMode fill : kFillModes) {
    for (const float bad : {NAN, INFINITY, -INFINITY}) {
      const float t[6] = {1, 0, bad, 0, 1, 0};
      warp_images(s, {true, fill, 0.0f}, x.data(), t, nullptr, y.data());
      for (int64_t i = 0; i < 12; ++i) CHECK(std::isnan(y[i]));
      warp_images(s, {false, fill, 0.0f}, x.data(), t, nullptr, y.data());
      for (int64_t i = 0; i < 12; ++i) CHECK(std::isnan(y[i]) == std::isnan(bad));
      warp_images_dx(s, {true, fill, 0.0f}, x.data(), t, nullptr, y.data());
      CHECK(y.intact());
    }
  }
}

TEST_CASE("two threads warp like one") {
  const WarpShape s{5, 60, 50, 1};
  const std::vector<float> x = random_floats(s.batch * s.h * s.w), t = transforms_of(s.batch);
  check_threads([&] {
    std::vector<float> y(x.size());
    warp_images(s, {true, FillMode::reflect, 0.0f}, x.data(), t.data(), nullptr, y.data());
    return y;
  });
}

}  // namespace
}  // namespace luge
