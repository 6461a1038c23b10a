#include "kernels/conv2d_max_pool2d.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "buffers.h"
#include "conv2d_reference.h"
#include "kernels/conv2d.h"

namespace luge {
namespace {

struct Case {
  Conv2dShape conv;
  PoolShape pool;
};

struct Window {
  int64_t h, w, stride_h, stride_w;
};

// The pooling of all windows that lie within the convolution.
Case pooled(Conv2dShape conv, const Window& window, int64_t pad = 0) {
  conv.pad_top = conv.pad_left = pad;
  conv.oh = (conv.h + 2 * pad - (conv.kh - 1) * conv.dilation_h - 1) / conv.stride_h + 1;
  conv.ow = (conv.w + 2 * pad - (conv.kw - 1) * conv.dilation_w - 1) / conv.stride_w + 1;
  return {conv,
          {.batch = conv.n,
           .h = conv.oh,
           .w = conv.ow,
           .channels = conv.oc,
           .out_h = (conv.oh - window.h) / window.stride_h + 1,
           .out_w = (conv.ow - window.w) / window.stride_w + 1,
           .pool_h = window.h,
           .pool_w = window.w,
           .stride_h = window.stride_h,
           .stride_w = window.stride_w,
           .pad_top = 0,
           .pad_left = 0}};
}

Conv2dShape sizes(int64_t n, int64_t h, int64_t w, int64_t c, int64_t k, int64_t oc) {
  return {.n = n, .h = h, .w = w, .c = c, .kh = k, .kw = k, .oh = 0, .ow = 0, .oc = oc};
}

std::string describe(const Case& s) {
  const Conv2dShape& c = s.conv;
  std::ostringstream text;
  text << "[" << c.n << ", " << c.h << ", " << c.w << ", " << c.c << "], kernel " << c.kh << ", "
       << c.oc << " filters, stride " << c.stride_h << ", padding " << c.pad_top << ", windows of "
       << s.pool.pool_h;
  return text.str();
}

struct Results {
  std::vector<float> y;
  std::vector<uint8_t> index;
};

// The epilogue adds 1, so that a row missed or seen twice shows.
template <class Body>
Results with_epilogue(const PoolShape& pool, const Body& body) {
  GuardedBuffer<float> y(pool.batch * pool.out_image(), 1);
  GuardedBuffer<uint8_t> index(y.size() * (pool.byte_index() ? 1 : 4), 4);
  body(y.data(), index.data(), [&](int64_t row_begin, int64_t row_end, int) {
    for (int64_t i = row_begin * pool.channels; i < row_end * pool.channels; ++i) y[i] += 1;
  });
  CHECK(y.intact());
  CHECK(index.intact());
  return {y.values(), index.values()};
}

Results one_by_one(const Case& s, const std::vector<float>& x, const std::vector<float>& weight) {
  std::vector<float> products(s.conv.rows() * s.conv.oc);
  std::vector<float> workspace(conv2d_workspace(s.conv, thread_count()));
  conv2d(s.conv, x.data(), weight.data(), products.data(), workspace.data());
  return with_epilogue(s.pool, [&](float* y, uint8_t* index, const auto& epilogue) {
    max_pool2d(s.pool, products.data(), y, index);
    epilogue(0, s.pool.batch * s.pool.out_h * s.pool.out_w, 0);
  });
}

Results at_once(const Case& s, const std::vector<float>& x, const std::vector<float>& weight,
                bool with_index, PooledProducts products = PooledProducts::direct) {
  GuardedBuffer<float> workspace(
      conv2d_max_pool2d_workspace(s.conv, s.pool, products, thread_count()), 3);
  const GuardedBuffer<float> shifted(x, 5);
  const Results results = with_epilogue(s.pool, [&](float* y, uint8_t* index,
                                                    const auto& epilogue) {
    conv2d_max_pool2d(s.conv, s.pool, products, const_cast<GuardedBuffer<float>&>(shifted).data(),
                      weight.data(), y, with_index ? index : nullptr, workspace.data(), epilogue);
  });
  CHECK(workspace.intact());
  return results;
}

void check_equal(const Case& s, const std::vector<float>& x, const std::vector<float>& weight) {
  const Results expected = one_by_one(s, x, weight);
  const Results actual = at_once(s, x, weight, true);
  CHECK(same_bits(actual.y, expected.y));
  CHECK(same_bits(actual.index, expected.index));
  CHECK(same_bits(at_once(s, x, weight, false).y, expected.y));
}

void check(const Case& s) {
  INFO(describe(s));
  REQUIRE(conv2d_max_pool2d_fits(s.conv, s.pool));
  const std::vector<float> x = random_floats(s.conv.n * s.conv.h * s.conv.w * s.conv.c);
  const std::vector<float> weight = random_floats(s.conv.depth() * s.conv.oc, -1, 1, 2);
  set_thread_count(1);
  for_each_target([&] { check_equal(s, x, weight); });
  for (const int threads : {2, 5}) {
    set_thread_count(threads);
    check_equal(s, x, weight);
  }
  set_thread_count(1);
}

constexpr Window kUsual{2, 2, 2, 2};

// By minimal filtering a product of terms up to 1 grows to the largest column of
// |A'| (|G| 1 * |B'| 1), 86.8 in each line of the kernel; each is rounded on its way, as are their
// sums, and about 12 times in the transforms, at random (see winograd_test.cc).
double winograd_tolerance(const Conv2dShape& s) {
  const double lines = 5.0 * static_cast<double>(s.c);
  return std::numeric_limits<float>::epsilon() * 86.8 * std::sqrt(lines * (lines + 12));
}

// Windows of which the value is not the largest, or the index not where one as large is.
int64_t count_wrong_windows(const Case& s, const std::vector<Sum>& products,
                            const Results& actual) {
  const double tolerance = winograd_tolerance(s.conv);
  int64_t wrong = 0;
  for (int64_t i = 0; i < static_cast<int64_t>(actual.y.size()); ++i) {
    const int64_t channel = i % s.conv.oc, column = i / s.conv.oc % s.pool.out_w;
    const int64_t line = i / s.conv.oc / s.pool.out_w % s.pool.out_h;
    const int64_t image = i / s.pool.out_image();
    const auto at = [&](int64_t position) {
      const int64_t oy = 2 * line + position / 2, ox = 2 * column + position % 2;
      return products[((image * s.conv.oh + oy) * s.conv.ow + ox) * s.conv.oc + channel].value;
    };
    const double most = std::max({at(0), at(1), at(2), at(3)});
    wrong += !(std::abs(actual.y[i] - 1 - most) <= tolerance) || actual.index[i] > 3 ||
             at(actual.index[i]) < most - 2 * tolerance;
  }
  return wrong;
}

void check_winograd(const Case& s) {
  INFO(describe(s));
  REQUIRE(conv2d_max_pool2d_winograd_fits(s.conv, s.pool));
  const std::vector<float> x = random_floats(s.conv.n * s.conv.h * s.conv.w * s.conv.c);
  const std::vector<float> weight = random_floats(s.conv.depth() * s.conv.oc, -1, 1, 2);
  const std::vector<float> dy(s.conv.rows() * s.conv.oc);
  const Reference expected = reference(s.conv, x, weight, dy);
  const auto run = [&](bool with_index) {
    return at_once(s, x, weight, with_index, PooledProducts::winograd);
  };
  set_thread_count(1);
  for_each_target([&] {
    const Results actual = run(true);
    CHECK(count_wrong_windows(s, expected.y, actual) == 0);
    CHECK(same_bits(run(false).y, actual.y));
  });
  const Results alone = run(true);
  for (const int threads : {2, 5}) {
    set_thread_count(threads);
    const Results several = run(true);
    CHECK(same_bits(several.y, alone.y));
    CHECK(same_bits(several.index, alone.index));
  }
  set_thread_count(1);
}

struct Gradients {
  std::vector<float> dx, dweight;
};

// The epilogue adds 1, so that a row missed or seen twice shows.
Gradients gradients_at_once(const Case& s, const std::vector<float>& x,
                            const std::vector<float>& weight, const std::vector<float>& dy,
                            const std::vector<uint8_t>& index, int threads) {
  set_thread_count(threads);
  const GuardedBuffer<float> shifted(x, 5);
  return {guarded(static_cast<int64_t>(x.size()),
                  conv2d_max_pool2d_dx_workspace(s.conv, s.pool, threads),
                  [&](float* dx, float* workspace) {
                    conv2d_max_pool2d_dx(s.conv, s.pool, dy.data(), index.data(), weight.data(), dx,
                                         workspace, [&](int64_t row_begin, int64_t row_end, int) {
                                           for (int64_t i = row_begin * s.conv.c;
                                                i < row_end * s.conv.c; ++i) {
                                             dx[i] += 1;
                                           }
                                         });
                  }),
          guarded(static_cast<int64_t>(weight.size()),
                  conv2d_max_pool2d_dweight_workspace(s.conv, s.pool, threads),
                  [&](float* dweight, float* workspace) {
                    conv2d_max_pool2d_dweight(s.conv, s.pool, x.data(), dy.data(), index.data(),
                                              dweight, workspace);
                  })};
}

void check_gradients(const Case& s) {
  INFO(describe(s));
  REQUIRE(conv2d_max_pool2d_gradients_fit(s.conv, s.pool));
  const std::vector<float> x = random_floats(s.conv.n * s.conv.h * s.conv.w * s.conv.c);
  const std::vector<float> weight = random_floats(s.conv.depth() * s.conv.oc, -1, 1, 2);
  std::vector<float> dy = random_floats(s.pool.batch * s.pool.out_image(), -1, 1, 3);
  for (size_t i = 0; i < dy.size(); i += 3) dy[i] = 0;
  std::vector<uint8_t> index(dy.size());
  for (size_t i = 0; i < index.size(); ++i) {
    index[i] = static_cast<uint8_t>(i * 7 % 11 % (s.pool.pool_h * s.pool.pool_w));
  }
  std::vector<float> unpooled(s.conv.rows() * s.conv.oc);
  max_pool2d_dx(s.pool, dy.data(), index.data(), unpooled.data());
  const Reference expected = reference(s.conv, x, weight, unpooled);
  for_each_target([&] {
    const Gradients actual = gradients_at_once(s, x, weight, dy, index, 1);
    CHECK(count_wrong(actual.dx, expected.dx, 1) == 0);
    CHECK(count_wrong(actual.dweight, expected.dweight, 0) == 0);
  });
  const Gradients alone = gradients_at_once(s, x, weight, dy, index, 1);
  for (const int threads : {2, 5}) {
    const Gradients several = gradients_at_once(s, x, weight, dy, index, threads);
    CHECK(same_bits(several.dx, alone.dx));
    CHECK(same_bits(several.dweight, alone.dweight));
  }
  set_thread_count(1);
}

}  // namespace

TEST_CASE("conv2d_max_pool2d is conv2d and max_pool2d to the bit: few channels, any width") {
  for (const int64_t width : {20, 28, 31, 36, 37, 46, 52, 69, 84}) {
    for (const int64_t channels : {1, 2, 3, 4}) {
      check(pooled(sizes(2, 12, width, channels, 5, 7), kUsual));
      check(pooled(sizes(1, 9, width, channels, 3, 20), kUsual, 1));
    }
  }
}

TEST_CASE("conv2d_max_pool2d: any number of filters") {
  for (int64_t filters = 1; filters <= 34; ++filters) {
    check(pooled(sizes(1, 8, 28, 1, 5, filters), kUsual));
    check(pooled(sizes(1, 8, 7, 3, 2, filters), kUsual));
  }
}

TEST_CASE("conv2d_max_pool2d: many tiles, of images and of lines") {
  check(pooled(sizes(37, 28, 28, 1, 5, 20), kUsual));
  check(pooled(sizes(37, 12, 12, 20, 5, 40), kUsual));
  check(pooled(sizes(40, 7, 6, 9, 3, 16), kUsual, 1));
  check(pooled(sizes(1, 90, 70, 3, 3, 33), kUsual, 1));
  check(pooled(sizes(1, 90, 70, 1, 3, 6), kUsual, 1));
  check(pooled(sizes(3, 17, 19, 70, 3, 60), kUsual, 1));
}

TEST_CASE("conv2d_max_pool2d: windows, strides and dilation of all kinds") {
  for (const Window& window : {Window{3, 3, 3, 3}, Window{2, 3, 4, 3}, Window{1, 1, 2, 1},
                               Window{1, 5, 1, 6}, Window{17, 16, 17, 20}}) {
    Conv2dShape conv = sizes(2, 41, 43, 2, 3, 5);
    check(pooled(conv, window));
    conv.stride_h = 2;
    check(pooled(conv, window, 1));
    conv.dilation_h = 3;
    conv.dilation_w = 2;
    check(pooled(conv, window, 2));
  }
  for (const int64_t stride : {1, 2}) {
    Conv2dShape conv = sizes(2, 41, 43, 2, 3, 5);
    conv.stride_h = 3;
    conv.stride_w = stride;
    conv.dilation_w = 2;
    check(pooled(conv, kUsual, 1));
  }
}

TEST_CASE("conv2d_max_pool2d: the first of equals, and NaN and infinities as max_pool2d has them") {
  for (const int64_t channels : {1, 8}) {
    const Case s = pooled(sizes(2, 20, 28, channels, 3, 6), kUsual);
    std::vector<float> x(s.conv.n * s.conv.h * s.conv.w * channels, 1);
    const std::vector<float> weight(s.conv.depth() * s.conv.oc, 1);
    check_equal(s, x, weight);
    for (const float odd :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
      for (size_t i = 5; i < x.size(); i += 97) x[i] = odd;
      check_equal(s, x, weight);
      for (size_t i = 60; i < x.size(); i += 131) x[i] = -odd;
      check_equal(s, x, weight);
    }
  }
}

TEST_CASE("conv2d_max_pool2d by Winograd: few channels, any width and number of filters") {
  for (const int64_t width : {6, 7, 8, 10, 20, 28, 30, 37, 70}) {
    for (const int64_t channels : {1, 2, 3, 4}) {
      check_winograd(pooled(sizes(2, 12, width, channels, 5, 7), kUsual));
      check_winograd(pooled(sizes(1, 9, width, channels, 5, 4), kUsual, 2));
    }
  }
  for (int64_t filters = 1; filters <= 9; ++filters) {
    check_winograd(pooled(sizes(1, 8, 28, 1, 5, filters), kUsual));
  }
  check_winograd(pooled(sizes(37, 28, 28, 1, 5, 20), kUsual));
  check_winograd(pooled(sizes(1, 90, 150, 3, 5, 33), kUsual, 1));
}

TEST_CASE("conv2d_max_pool2d by Winograd: zeros exactly, and NaN where there is one") {
  const Case s = pooled(sizes(1, 8, 28, 1, 5, 3), kUsual);
  const std::vector<float> weight = random_floats(s.conv.depth() * s.conv.oc);
  std::vector<float> x(s.conv.h * s.conv.w);
  for_each_target([&] {
    const Results zeros = at_once(s, x, weight, true, PooledProducts::winograd);
    CHECK(zeros.y == std::vector<float>(zeros.y.size(), 1.0f));
    CHECK(zeros.index == std::vector<uint8_t>(zeros.index.size(), 0));
  });
  x[6] = std::numeric_limits<float>::quiet_NaN();
  for_each_target([&] {
    const Results actual = at_once(s, x, weight, true, PooledProducts::winograd);
    for (int64_t column = 0; column < s.pool.out_w; ++column) {
      const float y = actual.y[column * s.conv.oc];
      // Pixel 6 is seen by columns 2 to 6 of the convolution, and by its first two tiles.
      if (column >= 1 && column <= 3) CHECK(std::isnan(y));
      if (column >= 4) CHECK(y == 1.0f);
    }
  });
}

TEST_CASE("conv2d_max_pool2d by Winograd: what is too large is in nothing finite") {
  const Case s = pooled(sizes(1, 8, 28, 1, 5, 3), kUsual);
  const std::vector<float> usual = random_floats(s.conv.depth() * s.conv.oc);
  const std::vector<float> ones(s.conv.h * s.conv.w, 1);
  for (const float large :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3e38f}) {
    for_each_target([&] {
      // Of the pixels and of all filters, or of one filter.
      const Results pixels =
          at_once(s, std::vector<float>(ones.size(), large), usual, true, PooledProducts::winograd);
      for (const float y : pixels.y) CHECK(!(std::abs(y) < 1e30f));
      std::vector<float> weight = usual;
      for (int64_t tap = 0; tap < s.conv.depth(); ++tap) weight[tap * s.conv.oc + 1] = large;
      const Results one = at_once(s, ones, weight, true, PooledProducts::winograd);
      for (size_t i = 0; i < one.y.size(); ++i) {
        CHECK(std::isfinite(one.y[i]) == (i % s.conv.oc != 1));
      }
    });
  }
}

TEST_CASE("conv2d_max_pool2d by Winograd leaves other kernels, steps, windows to others") {
  const auto fits = [](const Case& s) { return conv2d_max_pool2d_winograd_fits(s.conv, s.pool); };
  CHECK(fits(pooled(sizes(2, 20, 28, 4, 5, 6), kUsual)));
  CHECK_FALSE(fits(pooled(sizes(2, 20, 28, 5, 5, 6), kUsual)));
  CHECK_FALSE(fits(pooled(sizes(2, 20, 28, 1, 3, 6), kUsual)));
  CHECK_FALSE(fits(pooled(sizes(2, 20, 28, 1, 5, 6), {2, 2, 3, 2})));
  CHECK_FALSE(fits(pooled(sizes(2, 20, 28, 1, 5, 6), {3, 3, 3, 3})));
  for (int64_t Conv2dShape::*step : {&Conv2dShape::stride_h, &Conv2dShape::stride_w,
                                     &Conv2dShape::dilation_h, &Conv2dShape::dilation_w}) {
    Conv2dShape conv = sizes(2, 20, 28, 1, 5, 6);
    conv.*step = 2;
    CHECK_FALSE(fits(pooled(conv, kUsual)));
  }
}

TEST_CASE("conv2d_max_pool2d leaves groups and windows that overlap or stick out to others") {
  Case s = pooled(sizes(2, 20, 28, 2, 3, 6), {3, 3, 2, 2});
  CHECK_FALSE(conv2d_max_pool2d_fits(s.conv, s.pool));
  s = pooled(sizes(2, 20, 28, 2, 3, 6), kUsual);
  s.conv.groups = 2;
  CHECK_FALSE(conv2d_max_pool2d_fits(s.conv, s.pool));
  s = pooled(sizes(2, 19, 28, 2, 3, 6), kUsual);
  ++s.pool.out_h;
  CHECK_FALSE(conv2d_max_pool2d_fits(s.conv, s.pool));
}

TEST_CASE("conv2d_max_pool2d gradients: any number of channels and filters") {
  for (const int64_t channels : {1, 2, 3, 4, 5, 8, 16, 17, 33}) {
    for (const int64_t filters : {1, 7, 8, 20, 33}) {
      check_gradients(pooled(sizes(3, 9, 8, channels, 3, filters), kUsual));
      check_gradients(pooled(sizes(2, 7, 10, channels, 5, filters), kUsual, 2));
    }
  }
}

TEST_CASE("conv2d_max_pool2d gradients: many images") {
  check_gradients(pooled(sizes(37, 28, 28, 1, 5, 20), kUsual));
  check_gradients(pooled(sizes(35, 12, 12, 20, 5, 40), kUsual));
}

TEST_CASE("conv2d_max_pool2d gradients: windows, strides and dilation of all kinds") {
  for (const Window& window : {Window{3, 3, 3, 3}, Window{2, 3, 4, 3}, Window{1, 1, 2, 1},
                               Window{1, 5, 1, 6}, Window{16, 16, 16, 20}}) {
    Conv2dShape conv = sizes(2, 41, 43, 2, 3, 5);
    check_gradients(pooled(conv, window));
    conv.stride_h = 2;
    check_gradients(pooled(conv, window, 1));
    conv.stride_w = 2;
    conv.dilation_h = 3;
    check_gradients(pooled(conv, window, 2));
  }
}

TEST_CASE("conv2d_max_pool2d gradients: an index beyond the window counts as its last position") {
  const Case s = pooled(sizes(1, 6, 6, 1, 3, 1), kUsual);
  const std::vector<float> x = random_floats(36), weight = random_floats(9), dy(4, 1.0f);
  const Gradients last = gradients_at_once(s, x, weight, dy, {3, 3, 3, 3}, 1);
  const Gradients beyond = gradients_at_once(s, x, weight, dy, {3, 4, 99, 255}, 1);
  CHECK(same_bits(beyond.dx, last.dx));
  CHECK(same_bits(beyond.dweight, last.dweight));
}

TEST_CASE("conv2d_max_pool2d gradients: what has no part in them need not be finite") {
  const Case s = pooled(sizes(1, 6, 6, 1, 3, 1), kUsual);
  std::vector<float> x(36, 1.0f), weight(9, 1.0f);
  x[35] = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Gradients g = gradients_at_once(s, x, weight, {1, 0, 0, nan}, {0, 0, 0, 0}, 1);
  // The first window's patch begins at pixel (0, 0), the last one's at (2, 2).
  CHECK(g.dx[0] == 2.0f);
  CHECK(g.dx[13] == 2.0f);
  CHECK(g.dx[1] == 2.0f);
  for (const int pixel : {14, 16, 28}) CHECK(g.dx[pixel] != g.dx[pixel]);
  for (const float d : g.dweight) CHECK(d != d);
}

TEST_CASE("conv2d_max_pool2d gradients leave large windows and dilated lines to others") {
  Case s = pooled(sizes(2, 41, 43, 2, 3, 5), {17, 16, 17, 20});
  CHECK_FALSE(conv2d_max_pool2d_gradients_fit(s.conv, s.pool));
  Conv2dShape conv = sizes(2, 41, 43, 2, 3, 5);
  conv.dilation_w = 2;
  s = pooled(conv, kUsual);
  CHECK_FALSE(conv2d_max_pool2d_gradients_fit(s.conv, s.pool));
}

}  // namespace luge
