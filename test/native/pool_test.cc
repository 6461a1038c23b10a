#include "kernels/pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "buffers.h"

namespace luge {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kEpsilon = 0x1p-24;

PoolShape shape_of(int64_t batch, int64_t size, int64_t channels, int64_t pool_h, int64_t pool_w,
                   int64_t stride, bool same) {
  PoolShape s{batch, size, size + 1, channels, 0, 0, pool_h, pool_w, stride, stride, 0, 0};
  if (same) {
    s.out_h = (s.h + stride - 1) / stride;
    s.out_w = (s.w + stride - 1) / stride;
    s.pad_top = std::max<int64_t>((s.out_h - 1) * stride + pool_h - s.h, 0) / 2;
    s.pad_left = std::max<int64_t>((s.out_w - 1) * stride + pool_w - s.w, 0) / 2;
  } else {
    s.out_h = (s.h - pool_h) / stride + 1;
    s.out_w = (s.w - pool_w) / stride + 1;
  }
  return s;
}

std::vector<PoolShape> shapes() {
  std::vector<PoolShape> all;
  for (int64_t channels : {1, 3, 4, 7, 8, 9, 15, 16, 17, 20, 33, 65}) {
    for (bool same : {false, true}) {
      all.push_back(shape_of(2, 8, channels, 2, 2, 2, same));
      all.push_back(shape_of(1, 7, channels, 3, 2, 1, same));
      all.push_back(shape_of(2, 9, channels, 3, 3, 2, same));
      all.push_back(shape_of(1, 6, channels, 1, 1, 2, same));
      all.push_back(shape_of(1, 20, channels, 17, 16, 3, same));
    }
    all.push_back({2, 6, 4, channels, 3, 2, 2, 2, 2, 2, 0, 0});  // every element in one window
    all.push_back({1, 6, 6, channels, 2, 1, 3, 6, 3, 6, 0, 0});
  }
  return all;
}

// Calls visit(output offset, image offset, position) for all pairs, in order of outputs.
template <class Visit>
void each_pair(const PoolShape& s, Visit visit) {
  for (int64_t b = 0; b < s.batch; ++b) {
    for (int64_t oy = 0; oy < s.out_h; ++oy) {
      for (int64_t ox = 0; ox < s.out_w; ++ox) {
        for (int64_t ky = 0; ky < s.pool_h; ++ky) {
          for (int64_t kx = 0; kx < s.pool_w; ++kx) {
            const int64_t y = oy * s.stride_h - s.pad_top + ky;
            const int64_t x = ox * s.stride_w - s.pad_left + kx;
            if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
            for (int64_t c = 0; c < s.channels; ++c) {
              visit(((b * s.out_h + oy) * s.out_w + ox) * s.channels + c,
                    ((b * s.h + y) * s.w + x) * s.channels + c, ky * s.pool_w + kx);
            }
          }
        }
      }
    }
  }
}

int mismatches(GuardedBuffer<float>& y, const std::vector<double>& expected, double tolerance) {
  int failures = 0;
  for (int64_t i = 0; i < y.size(); ++i) {
    failures += !(std::fabs(y[i] - expected[i]) <= tolerance * (1 + std::fabs(expected[i])));
  }
  return failures;
}

template <class Index>
void check_max(const PoolShape& s) {
  const int64_t size = s.batch * s.image(), outs = s.batch * s.out_image();
  std::vector<float> values = random_floats(size);
  values[0] = kNan;
  GuardedBuffer<float> x(values, 1), dy(random_floats(outs, -1, 1, 2), 3), y(outs, 5), dx(size, 1);
  GuardedBuffer<Index> index(outs, 1);
  max_pool2d(s, x.data(), y.data(), nullptr);
  const std::vector<float> without_index = y.values();
  max_pool2d(s, x.data(), y.data(), index.data());
  CHECK(same_bits(y.values(), without_index));
  max_pool2d_dx(s, dy.data(), index.data(), dx.data());
  std::vector<float> best(outs, -kInf);
  std::vector<int64_t> position(outs, -1), source(outs, 0);
  each_pair(s, [&](int64_t o, int64_t i, int64_t k) {
    if (position[o] < 0 || x[i] > best[o] || (std::isnan(x[i]) && !std::isnan(best[o]))) {
      best[o] = x[i];
      position[o] = k;
      source[o] = i;
    }
  });
  std::vector<double> expected(size, 0.0);
  for (int64_t o = 0; o < outs; ++o) expected[source[o]] += dy[o];
  int failures = 0;
  for (int64_t o = 0; o < outs; ++o) {
    failures += !(y[o] == best[o] || (std::isnan(y[o]) && std::isnan(best[o])));
    failures += index[o] != static_cast<Index>(position[o]);
  }
  CHECK(failures == 0);
  CHECK(mismatches(dx, expected, kEpsilon * 2 * s.pool_h * s.pool_w) == 0);
  CHECK((y.intact() && dx.intact() && index.intact()));
}

TEST_CASE("max pooling and its gradient") {
  for_each_target([] {
    for (const PoolShape& s : shapes()) {
      CAPTURE(s.channels);
      CAPTURE(s.pool_h);
      CAPTURE(s.pad_top);
      s.byte_index() ? check_max<uint8_t>(s) : check_max<int32_t>(s);
    }
  });
}

TEST_CASE("average and l2 pooling and their gradients") {
  for_each_target([] {
    for (const PoolShape& s : shapes()) {
      CAPTURE(s.channels);
      CAPTURE(s.pool_h);
      CAPTURE(s.pad_top);
      const int64_t size = s.batch * s.image(), outs = s.batch * s.out_image();
      const double window = static_cast<double>(s.pool_h * s.pool_w);
      GuardedBuffer<float> x(random_floats(size), 1), dy(random_floats(outs, -1, 1, 2), 3);
      GuardedBuffer<float> average(outs, 1), l2(outs, 5), average_dx(size, 3), l2_dx(size);
      average_pool2d(s, x.data(), average.data());
      average_pool2d_dx(s, dy.data(), average_dx.data());
      l2_pool2d(s, x.data(), l2.data());
      l2_pool2d_dx(s, x.data(), l2.data(), dy.data(), l2_dx.data());
      std::vector<double> sum(outs), squares(outs), count(outs), dsum(size), dsquares(size);
      each_pair(s, [&](int64_t o, int64_t i, int64_t) {
        sum[o] += x[i];
        squares[o] += double{x[i]} * x[i];
        count[o] += 1;
      });
      for (int64_t o = 0; o < outs; ++o) {
        sum[o] /= count[o];
        squares[o] = std::sqrt(squares[o] / count[o]);
      }
      each_pair(s, [&](int64_t o, int64_t i, int64_t) {
        dsum[i] += dy[o] / count[o];
        dsquares[i] += dy[o] * x[i] / (count[o] * squares[o]);
      });
      CHECK(mismatches(average, sum, kEpsilon * window) == 0);
      CHECK(mismatches(average_dx, dsum, kEpsilon * 2 * window) == 0);
      CHECK(mismatches(l2, squares, kEpsilon * window) == 0);
      CHECK(mismatches(l2_dx, dsquares, kEpsilon * (window + 4) * window) == 0);
      CHECK((average.intact() && l2.intact() && average_dx.intact() && l2_dx.intact()));
    }
  });
}

TEST_CASE(
    "specials: NaN comes through, all -inf keeps a position, an l2 of zeros has no gradient") {
  for_each_target([] {
    const PoolShape s = shape_of(1, 4, 20, 2, 2, 2, false);
    std::vector<float> x(s.image(), -kInf), y(s.out_image()), dx(s.image());
    std::vector<uint8_t> index(s.out_image(), 9);
    max_pool2d(s, x.data(), y.data(), index.data());
    CHECK(y == std::vector<float>(s.out_image(), -kInf));
    CHECK(index == std::vector<uint8_t>(s.out_image(), 0));
    x.assign(s.image(), 1.0f);
    x[19] = kNan;  // the last channel of the first pixel
    max_pool2d(s, x.data(), y.data(), index.data());
    CHECK(std::isnan(y[19]));
    CHECK(y[18] == 1.0f);
    average_pool2d(s, x.data(), y.data());
    CHECK(std::isnan(y[19]));
    CHECK(y[18] == 1.0f);
    x.assign(s.image(), 0.0f);
    const std::vector<float> dy(s.out_image(), 1.0f);
    l2_pool2d(s, x.data(), y.data());
    l2_pool2d_dx(s, x.data(), y.data(), dy.data(), dx.data());
    CHECK(dx == x);
  });
}

TEST_CASE("two threads give the bits of one") {
  const PoolShape s = shape_of(33, 16, 20, 3, 3, 1, true);
  const std::vector<float> x = random_floats(s.batch * s.image());
  check_threads([&] {
    std::vector<float> y(s.batch * s.out_image()), dx(s.batch * s.image());
    std::vector<uint8_t> index(s.batch * s.out_image());
    max_pool2d(s, x.data(), y.data(), index.data());
    max_pool2d_dx(s, y.data(), index.data(), dx.data());
    y.insert(y.end(), dx.begin(), dx.end());
    return y;
  });
}

}  // namespace
}  // namespace luge
