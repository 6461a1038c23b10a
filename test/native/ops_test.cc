// That every adaptor hands its kernel the right operands, sizes and attributes. The kernels' own
// tests sweep sizes.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "program_runner.h"

namespace luge {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;

Floats count(int64_t n, float first = 0, float step = 1) {
  Floats values(n);
  for (int64_t i = 0; i < n; ++i) values[i] = first + step * static_cast<float>(i);
  return values;
}

Floats floats(const std::string& op, const std::vector<Array>& inputs, std::vector<int64_t> dims,
              const Ints& attrs = {}) {
  return evaluate(op, inputs, {Array(std::move(dims))}, attrs)[0].values<float>();
}

Ints ints(const std::string& op, const std::vector<Array>& inputs, std::vector<int64_t> dims,
          const Ints& attrs = {}) {
  return evaluate(op, inputs, {Array(std::move(dims), DType::int32)}, attrs)[0].values<int32_t>();
}

void check_close(const Floats& actual, const Floats& expected, float tolerance = 1e-5f) {
  REQUIRE(actual.size() == expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(actual[i] - expected[i]) <= tolerance * (1 + std::abs(expected[i])));
  }
}

TEST_CASE("map: operands, constants and several outputs") {
  const MapWriter map{.operands = {{1, 6}, {1, 3}, {3, 2}, {1, 1}},
                      .constants = {10},
                      .steps = {{Vmath::add, 5, 0, 1},
                                {Vmath::mul, 6, 2, 4},
                                {Vmath::add, 5, 5, 6},
                                {Vmath::sub, 7, 5, 3}},
                      .outputs = {5, 7},
                      .registers = 8};
  const std::vector<Array> outputs = evaluate(
      "map",
      {Array({2, 3}, count(6)), Array({3}, DType::uint8, std::vector<uint8_t>{100, 200, 250}),
       Array({2, 1}, Floats{1, 2}), Array({}, Floats{1000})},
      {Array({2, 3}), Array({6}, DType::uint8)}, map.words());
  CHECK(outputs[0].values<float>() == Floats{110, 211, 262, 123, 224, 275});
  CHECK(outputs[1].values<uint8_t>() == std::vector<uint8_t>(6, 0));
}

TEST_CASE("map: sums over rows beside whole outputs") {
  const MapWriter map{.operands = {{1, 6}},
                      .constants = {},
                      .steps = {{Vmath::square, 1, 0}},
                      .outputs = {1, 1, 0},
                      .registers = 2,
                      .sums = 2};
  const std::vector<Array> outputs = evaluate(
      "map", {Array({2, 3}, count(6))}, {Array({2, 3}), Array({3}), Array({1, 3})}, map.words());
  CHECK(outputs[0].values<float>() == Floats{0, 1, 4, 9, 16, 25});
  CHECK(outputs[1].values<float>() == Floats{9, 17, 29});
  CHECK(outputs[2].values<float>() == Floats{3, 5, 7});
}

TEST_CASE("copy: any dtype and shape") {
  CHECK(floats("copy", {Array({2, 3}, count(6))}, {6}) == count(6));
  CHECK(ints("copy", {Array({3}, DType::int32, Ints{1, -2, 3})}, {3, 1}) == Ints{1, -2, 3});
  CHECK(floats("copy", {Array({100000}, count(100000))}, {100000}) == count(100000));
}

// c[batch, m, n] in double, from strides.
Floats naive_matmul(const Floats& a, const Floats& b, int64_t batch, int64_t m, int64_t n,
                    int64_t k, bool trans_a, bool trans_b, bool one_b) {
  Floats c;
  for (int64_t item = 0; item < batch; ++item) {
    const float* x = a.data() + item * m * k;
    const float* y = b.data() + (one_b ? 0 : item) * k * n;
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t p = 0; p < k; ++p) {
          sum += double{trans_a ? x[p * m + i] : x[i * k + p]} *
                 (trans_b ? y[j * k + p] : y[p * n + j]);
        }
        c.push_back(static_cast<float>(sum));
      }
    }
  }
  return c;
}

TEST_CASE("matmul: transposes, batches and an epilogue") {
  const int64_t m = 3, n = 5, k = 4;
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      for (const bool one_b : {false, true}) {
        const int64_t batch = 2;
        const Floats a = count(batch * m * k, -3, 0.25f);
        const Floats b = count((one_b ? 1 : batch) * k * n, 2, -0.5f);
        const Array left = trans_a ? Array({batch, k, m}, a) : Array({batch, m, k}, a);
        const int64_t right_batch = one_b ? 1 : batch;
        const Array right = trans_b ? Array({right_batch, n, k}, b) : Array({right_batch, k, n}, b);
        check_close(floats("matmul", {left, right}, {batch, m, n}, {trans_a, trans_b}),
                    naive_matmul(a, b, batch, m, n, k, trans_a, trans_b, one_b));
      }
    }
  }

  // y = relu(a b + bias), with the sum before relu as a second output
  const MapWriter map{.operands = {{1, m * n}, {1, n}},
                      .constants = {},
                      .steps = {{Vmath::add, 2, 0, 1}, {Vmath::relu, 3, 2}},
                      .outputs = {3, 2},
                      .registers = 4};
  Ints attrs = {0, 0};
  for (const int32_t word : map.words()) attrs.push_back(word);
  const Floats a = count(m * k, -1, 0.3f), b = count(k * n, -2, 0.2f), bias = count(n, -1, 0.5f);
  Floats sums = naive_matmul(a, b, 1, m, n, k, false, false, false);
  for (int64_t i = 0; i < m * n; ++i) sums[i] += bias[i % n];
  const std::vector<Array> outputs =
      evaluate("matmul", {Array({1, m, k}, a), Array({1, k, n}, b), Array({n}, bias)},
               {Array({1, m, n}), Array({m, n})}, attrs);
  check_close(outputs[1].values<float>(), sums);
  for (float& sum : sums) sum = std::max(sum, 0.0f);
  check_close(outputs[0].values<float>(), sums);
}

TEST_CASE("matmul_map: several results of a product that is not stored") {
  const int64_t m = 300, n = 100, k = 3;
  // w - 2 (a b) and (a b) + bias
  const MapWriter map{
      .operands = {{1, m * n}, {1, m * n}, {1, n}},
      .constants = {2},
      .steps = {{Vmath::mul, 4, 0, 3}, {Vmath::sub, 4, 1, 4}, {Vmath::add, 5, 0, 2}},
      .outputs = {4, 5},
      .registers = 6};
  const Floats w = count(m * n, 1, 0.01f), bias = count(n, -1, 0.5f);
  for (const bool trans_a : {false, true}) {
    for (const bool trans_b : {false, true}) {
      const Floats a = count(m * k, -1, 0.003f), b = count(k * n, -2, 0.02f);
      Ints attrs = {trans_a, trans_b};
      for (const int32_t word : map.words()) attrs.push_back(word);
      const Array left = trans_a ? Array({1, k, m}, a) : Array({1, m, k}, a);
      const Array right = trans_b ? Array({1, n, k}, b) : Array({1, k, n}, b);
      const auto run = [&] {
        return evaluate("matmul_map", {left, right, Array({m * n}, w), Array({n}, bias)},
                        {Array({m * n}), Array({m, n})}, attrs);
      };
      const std::vector<Array> outputs = run();
      Floats first = naive_matmul(a, b, 1, m, n, k, trans_a, trans_b, false);
      Floats second = first;
      for (int64_t i = 0; i < m * n; ++i) first[i] = w[i] - 2 * first[i];
      for (int64_t i = 0; i < m * n; ++i) second[i] += bias[i % n];
      check_close(outputs[0].values<float>(), first);
      check_close(outputs[1].values<float>(), second);
      const Threads two(2);
      CHECK(run()[0].values<float>() == outputs[0].values<float>());
    }
  }
}

// The product, and as an epilogue the sums over its rows and over those of its square.
void check_sums_of(const std::string& op, const std::vector<Array>& inputs,
                   const std::vector<int64_t>& dims, Ints attrs) {
  const int64_t columns = dims.back();
  const Floats y = floats(op, inputs, dims, attrs);
  const int64_t size = static_cast<int64_t>(y.size());
  const MapWriter map{.operands = {{1, size}},
                      .constants = {},
                      .steps = {{Vmath::square, 1, 0}},
                      .outputs = {0, 0, 1},
                      .registers = 2,
                      .sums = 2};
  for (const int32_t word : map.words()) attrs.push_back(word);
  const auto run = [&] {
    const std::vector<Array> outputs =
        evaluate(op, inputs, {Array(dims), Array({columns}), Array({columns})}, attrs);
    CHECK(outputs[0].values<float>() == y);
    Floats sums = outputs[1].values<float>();
    for (const float square : outputs[2].values<float>()) sums.push_back(square);
    return sums;
  };
  const Floats sums = run();
  for (int64_t j = 0; j < columns; ++j) {
    double sum = 0, size_of_sum = 0, square = 0;
    for (int64_t i = j; i < size; i += columns) {
      sum += y[i];
      size_of_sum += std::abs(y[i]);
      square += double{y[i]} * y[i];
    }
    // Single precision for at most 64 terms, their square and the result.
    CHECK(std::abs(sums[j] - sum) <= 66 * 0x1p-24 * size_of_sum);
    CHECK(std::abs(sums[columns + j] - square) <= 66 * 0x1p-24 * square);
  }
  const Threads two(2);
  CHECK(run() == sums);
}

TEST_CASE("epilogues sum over the rows of products, whoever finishes them") {
  const auto some = [](std::vector<int64_t> dims) {
    const int64_t size = std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
    Floats values(size);
    for (int64_t i = 0; i < size; ++i) values[i] = static_cast<float>((i * 7919) % 41 - 15) / 8;
    return Array(std::move(dims), values);
  };
  check_sums_of("matmul", {some({1, 3000, 40}), some({1, 40, 20})}, {1, 3000, 20}, {0, 0});
  check_sums_of("matmul", {some({1, 9, 2000}), some({1, 2000, 700})}, {1, 9, 700}, {0, 0});
  check_sums_of("matmul", {some({5, 30, 8}), some({5, 8, 3})}, {5, 30, 3}, {0, 0});
  check_sums_of("matmul", {some({1, 500, 8}), some({1, 8, 1})}, {1, 500, 1}, {0, 0});
  const Ints stride1 = {1, 1, 1, 1, 1, 1, 1}, stride2 = {2, 2, 1, 1, 1, 1, 1};
  check_sums_of("conv2d", {some({8, 16, 16, 8}), some({3, 3, 8, 20})}, {8, 16, 16, 20}, stride1);
  check_sums_of("conv2d", {some({2, 1, 500, 8}), some({1, 3, 8, 20})}, {2, 1, 500, 20},
                {1, 1, 0, 1, 1, 1, 1});
  check_sums_of("conv2d", {some({9, 4, 4, 64}), some({3, 3, 64, 300})}, {9, 4, 4, 300}, stride1);
  check_sums_of("conv2d_dx", {some({8, 16, 16, 20}), some({3, 3, 8, 20})}, {8, 16, 16, 8}, stride1);
  check_sums_of("conv2d_dx", {some({8, 8, 8, 20}), some({3, 3, 8, 20})}, {8, 16, 16, 8}, stride2);
}

struct Conv {
  int64_t n, h, w, c, kh, kw, oh, ow, oc, stride_h, stride_w, top, left, dil_h, dil_w, groups;

  Ints attrs() const {
    Ints all;
    for (const int64_t attr : {stride_h, stride_w, top, left, dil_h, dil_w, groups}) {
      all.push_back(static_cast<int32_t>(attr));
    }
    return all;
  }

  // Calls visit(x offset, weight offset, y offset) for every product that the convolution adds up.
  template <class Visit>
  void each(Visit visit) const {
    const int64_t gc = c / groups, goc = oc / groups;
    for (int64_t y = 0; y < n * oh * ow * oc; ++y) {
      const int64_t o = y % oc, ox = y / oc % ow, oy = y / oc / ow % oh, image = y / oc / ow / oh;
      for (int64_t p = 0; p < kh * kw * gc; ++p) {
        const int64_t i = p % gc, kx = p / gc % kw, ky = p / gc / kw;
        const int64_t iy = oy * stride_h - top + ky * dil_h;
        const int64_t ix = ox * stride_w - left + kx * dil_w;
        if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
        visit(((image * h + iy) * w + ix) * c + o / goc * gc + i, p * oc + o, y);
      }
    }
  }
};

TEST_CASE("conv2d and its gradients") {
  const Conv shapes[] = {
      {2, 6, 5, 4, 3, 2, 6, 5, 6, 1, 1, 1, 0, 1, 1, 1},
      {1, 7, 8, 4, 3, 3, 3, 4, 6, 2, 2, 0, 1, 1, 1, 2},
      {2, 9, 7, 3, 2, 3, 4, 3, 5, 2, 1, 1, 0, 2, 2, 1},
  };
  for (const Conv& s : shapes) {
    const int64_t weights = s.kh * s.kw * s.c / s.groups * s.oc;
    const Floats x = count(s.n * s.h * s.w * s.c, -1, 0.01f);
    const Floats weight = count(weights, 1, -0.02f);
    const Floats dy = count(s.n * s.oh * s.ow * s.oc, -2, 0.03f);
    Floats y(dy.size()), dx(x.size()), dweight(weight.size());
    s.each([&](int64_t i, int64_t j, int64_t k) {
      y[k] += x[i] * weight[j];
      dx[i] += dy[k] * weight[j];
      dweight[j] += dy[k] * x[i];
    });
    const std::vector<int64_t> x_dims{s.n, s.h, s.w, s.c}, y_dims{s.n, s.oh, s.ow, s.oc},
        weight_dims{s.kh, s.kw, s.c / s.groups, s.oc};
    check_close(floats("conv2d", {Array(x_dims, x), Array(weight_dims, weight)}, y_dims, s.attrs()),
                y, 1e-4f);
    check_close(
        floats("conv2d_dx", {Array(y_dims, dy), Array(weight_dims, weight)}, x_dims, s.attrs()), dx,
        1e-4f);
    check_close(
        floats("conv2d_dweight", {Array(x_dims, x), Array(y_dims, dy)}, weight_dims, s.attrs()),
        dweight, 1e-4f);

    // with a bias by the epilogue, of y and of dx
    const auto with_bias = [&](int64_t size, int64_t channels) {
      Ints attrs = s.attrs();
      const MapWriter map{.operands = {{1, size}, {1, channels}},
                          .constants = {},
                          .steps = {{Vmath::add, 2, 0, 1}},
                          .outputs = {2},
                          .registers = 3};
      for (const int32_t word : map.words()) attrs.push_back(word);
      return attrs;
    };
    for (size_t i = 0; i < y.size(); ++i) y[i] += static_cast<float>(i % s.oc);
    for (size_t i = 0; i < dx.size(); ++i) dx[i] += static_cast<float>(i % s.c);
    check_close(
        floats("conv2d", {Array(x_dims, x), Array(weight_dims, weight), Array({s.oc}, count(s.oc))},
               y_dims, with_bias(static_cast<int64_t>(y.size()), s.oc)),
        y, 1e-4f);
    check_close(floats("conv2d_dx",
                       {Array(y_dims, dy), Array(weight_dims, weight), Array({s.c}, count(s.c))},
                       x_dims, with_bias(static_cast<int64_t>(dx.size()), s.c)),
                dx, 1e-4f);
  }
}

TEST_CASE("poolings and their gradients") {
  const Floats x = {1, 5, 2, 0, -3, 4, 1, 1, 9, 8, 7, 6};  // [1, 3, 4, 1]
  const Array image({1, 3, 4, 1}, x);
  const Ints attrs = {2, 2, 2, 2, 1, 0};  // the first row of windows sees one line, the second two
  const std::vector<int64_t> y_dims{1, 2, 2, 1};
  const std::vector<Array> maxima =
      evaluate("max_pool2d", {image}, {Array(y_dims), Array(y_dims, DType::uint8)}, attrs);
  CHECK(maxima[0].values<float>() == Floats{5, 2, 9, 7});
  CHECK(maxima[1].values<uint8_t>() == std::vector<uint8_t>{3, 2, 2, 2});
  const Array dy(y_dims, Floats{1, 2, 3, 4});
  CHECK(floats("max_pool2d_dx", {dy, maxima[1]}, image.dims, attrs) ==
        Floats{0, 1, 2, 0, 0, 0, 0, 0, 3, 0, 4, 0});
  CHECK(floats("average_pool2d", {image}, y_dims, attrs) == Floats{3, 1, 4.5f, 3.75f});
  CHECK(floats("average_pool2d_dx", {dy}, image.dims, attrs) ==
        Floats{0.5f, 0.5f, 1, 1, 0.75f, 0.75f, 1, 1, 0.75f, 0.75f, 1, 1});
  const Floats l2 = floats("l2_pool2d", {image}, y_dims, attrs);
  check_close(l2, {std::sqrt(13.0f), std::sqrt(2.0f), std::sqrt(42.5f), std::sqrt(21.75f)});
  const Floats l2_dx = floats("l2_pool2d_dx", {image, Array(y_dims, l2), dy}, image.dims, attrs);
  check_close({l2_dx[1], l2_dx[8]}, {5 / (2 * l2[0]), 3 * 9 / (4 * l2[2])});
}

TEST_CASE("packed_matmul: a packed matrix, transposed or not, and an epilogue") {
  const int64_t m = 3, n = 18, k = 5;
  const Floats a = count(m * k, -1, 0.3f), b = count(k * n, -2, 0.1f);
  for (const bool trans_b : {false, true}) {
    const Array right = trans_b ? Array({1, n, k}, b) : Array({1, k, n}, b);
    const Array packed({k, 32}, floats("pack_matrix", {right}, {k, 32}, {trans_b}));
    Floats expected = naive_matmul(a, b, 1, m, n, k, false, trans_b, false);
    check_close(floats("packed_matmul", {Array({1, m, k}, a), packed}, {1, m, n}), expected);
    const MapWriter map{.operands = {{1, m * n}, {1, n}},
                        .constants = {},
                        .steps = {{Vmath::add, 2, 0, 1}},
                        .outputs = {2},
                        .registers = 3};
    const Floats bias = count(n, 1, 2);
    for (int64_t i = 0; i < m * n; ++i) expected[i] += bias[i % n];
    check_close(evaluate("packed_matmul", {Array({1, m, k}, a), packed, Array({n}, bias)},
                         {Array({1, m, n})}, map.words())[0]
                    .values<float>(),
                expected);
  }
}

TEST_CASE("conv2d_max_pool2d: windows of the convolution, an epilogue and the index") {
  const Array image({2, 7, 9, 2}, count(252, -3, 0.01f)),
      weight({3, 3, 2, 3}, count(54, 1, -0.04f));
  const Ints conv = {1, 2, 1, 0, 1, 1, 1};
  const Array y({2, 7, 4, 3}, floats("conv2d", {image, weight}, {2, 7, 4, 3}, conv));
  const std::vector<int64_t> dims = {2, 3, 2, 3};
  const std::vector<Array> pooled =
      evaluate("max_pool2d", {y}, {Array(dims), Array(dims, DType::uint8)}, {2, 1, 2, 2, 0, 0});

  const MapWriter map{.operands = {{1, 36}, {1, 3}},
                      .constants = {},
                      .steps = {{Vmath::add, 2, 0, 1}},
                      .outputs = {2, 0},
                      .registers = 3};
  Ints attrs = conv;
  for (const int32_t word : {2, 1, 2, 2, 1, 0}) attrs.push_back(word);
  for (const int32_t word : map.words()) attrs.push_back(word);
  const std::vector<Array> outputs =
      evaluate("conv2d_max_pool2d", {image, weight, Array({3}, Floats{10, 20, 30})},
               {Array(dims), Array(dims), Array(dims, DType::uint8)}, attrs);
  Floats biased = pooled[0].values<float>();
  CHECK(outputs[1].values<float>() == biased);
  for (size_t i = 0; i < biased.size(); ++i) biased[i] += 10 * static_cast<float>(i % 3 + 1);
  CHECK(outputs[0].values<float>() == biased);
  CHECK(outputs[2].values<uint8_t>() == pooled[1].values<uint8_t>());
}

TEST_CASE("reductions") {
  const Array x({2, 3, 2}, Floats{1, 8, 3, -4, 5, 2, 0, 1, -1, 7, 2, 3});
  CHECK(floats("reduce_sum", {x}, {2, 2}) == Floats{9, 6, 1, 11});
  CHECK(floats("reduce_max", {x}, {2, 2}) == Floats{5, 8, 2, 7});
  CHECK(floats("reduce_min", {x}, {2, 2}) == Floats{1, -4, -1, 1});
  CHECK(floats("reduce_prod", {x}, {2, 2}) == Floats{15, -64, 0, 21});
  CHECK(ints("argmax", {x}, {2, 2}) == Ints{2, 0, 2, 1});
  CHECK(ints("argmin", {x}, {2, 2}) == Ints{0, 1, 1, 0});
  CHECK(ints("reduce_sum", {Array({1, 3, 1}, DType::int32, Ints{1 << 30, 5, 6})}, {1, 1}) ==
        Ints{(1 << 30) + 11});
  CHECK(floats("reduce_sum", {Array({1, 100000, 1}, Floats(100000, 0.5f))}, {1, 1}) ==
        Floats{50000});
}

TEST_CASE("movements of elements") {
  const Array x({2, 3}, count(6));
  CHECK(floats("transpose", {x}, {3, 2}, {1, 0}) == Floats{0, 3, 1, 4, 2, 5});
  CHECK(floats("broadcast", {Array({2, 1}, Floats{1, 2})}, {2, 2, 2}) ==
        Floats{1, 1, 2, 2, 1, 1, 2, 2});
  CHECK(floats("concat", {x, Array({2, 1}, Floats{8, 9})}, {2, 4}, {1}) ==
        Floats{0, 1, 2, 8, 3, 4, 5, 9});
  CHECK(floats("slice", {x}, {2, 2}, {1, 2, -1, -2}) == Floats{5, 3, 2, 0});
  CHECK(floats("slice_dx", {Array({2, 2}, Floats{1, 2, 3, 4})}, {2, 3}, {1, 2, -1, -2}) ==
        Floats{4, 0, 3, 2, 0, 1});
  CHECK(floats("pad", {x}, {3, 5}, {bits(-1), 1, 1}) ==
        Floats{-1, -1, -1, -1, -1, -1, 0, 1, 2, -1, -1, 3, 4, 5, -1});
  CHECK(ints("pad", {Array({1}, DType::int32, Ints{5})}, {3}, {bits(-7.5f), 1}) == Ints{-7, 5, -7});
  const Array bytes({1}, DType::uint8, std::vector<uint8_t>{5});
  CHECK(evaluate("pad", {bytes}, {Array({2}, DType::uint8)}, {bits(300), 0})[0].values<uint8_t>() ==
        std::vector<uint8_t>{5, 255});
}

TEST_CASE("moments over the middle axis") {
  const Array x({2, 2, 3}, Floats{1, 2, 3, 5, 2, -3, 0, 10, 4, 0, 30, 8});
  const std::vector<Array> outputs = evaluate("moments", {x}, {Array({2, 3}), Array({2, 3})}, {});
  CHECK(outputs[0].values<float>() == Floats{3, 2, 0, 0, 20, 6});
  CHECK(outputs[1].values<float>() == Floats{4, 0, 9, 0, 100, 4});
}

TEST_CASE("picking by index") {
  const Array x({1, 3, 2}, count(6)), indices({4}, DType::int32, Ints{2, 0, 2, 1});
  CHECK(floats("gather", {x, indices}, {1, 4, 2}) == Floats{4, 5, 0, 1, 4, 5, 2, 3});
  CHECK(floats("gather_dx", {Array({1, 4, 2}, count(8)), indices}, {1, 3, 2}) ==
        Floats{2, 3, 6, 7, 4, 6});
  CHECK(floats("one_hot", {Array({3}, DType::uint8, std::vector<uint8_t>{1, 0, 9})}, {3, 2}) ==
        Floats{0, 1, 1, 0, 0, 0});

  const Array wrong({2}, DType::int32, Ints{-1, 3});
  for (const float value : floats("gather", {x, wrong}, {1, 2, 2})) CHECK(std::isnan(value));
  const Array whole({1, 2, 1}, DType::int32, Ints{4, 5});
  CHECK(ints("gather", {whole, wrong}, {1, 2, 1}) == Ints{0, 0});
  CHECK(floats("gather_dx", {Array({1, 2, 2}, count(4, 1)), wrong}, {1, 3, 2}) == Floats(6, 0));
}

TEST_CASE("softmax and cross-entropy") {
  const Array x({2, 3}, Floats{1, 2, 3, 0, 0, 0});
  const double sum = std::exp(-2) + std::exp(-1) + 1;
  const Floats y = floats("softmax", {x}, {2, 3});
  const float third = 1.0f / 3;
  const Floats p = {static_cast<float>(std::exp(-2) / sum),
                    static_cast<float>(std::exp(-1) / sum),
                    static_cast<float>(1 / sum),
                    third,
                    third,
                    third};
  check_close(y, p);
  Floats logs;
  for (const float value : p) logs.push_back(std::log(value));
  check_close(floats("log_softmax", {x}, {2, 3}), logs);
  const Array dy({2, 3}, Floats{1, 0, 0, 0, 2, 0});
  Floats dx, log_dx;
  for (int i = 0; i < 6; ++i) {
    const int hot = i < 3 ? 0 : 4;
    const float g = i < 3 ? 1 : 2;
    dx.push_back(p[i] * ((i == hot ? g : 0) - g * p[hot]));
    log_dx.push_back((i == hot ? g : 0) - g * p[i]);
  }
  check_close(floats("softmax_dx", {dy, Array({2, 3}, p)}, {2, 3}), dx);
  check_close(floats("log_softmax_dx", {dy, Array({2, 3}, logs)}, {2, 3}), log_dx);

  const Array labels[] = {Array({2}, DType::int32, Ints{2, 1}),
                          Array({2}, DType::uint8, std::vector<uint8_t>{2, 1}),
                          Array({2, 3}, Floats{0, 0, 1, 0, 1, 0})};
  for (const Array& label : labels) {
    check_close(floats("softmax_cross_entropy", {x, label}, {2}), {-logs[2], -logs[4]});
    const Array dloss({2}, Floats{1, 10});
    check_close(floats("softmax_cross_entropy_dlogits", {x, label, dloss}, {2, 3}),
                {p[0], p[1], p[2] - 1, 10 * p[3], 10 * (p[4] - 1), 10 * p[5]});
  }
  const Floats wrong =
      floats("softmax_cross_entropy", {x, Array({2}, DType::int32, Ints{3, -1})}, {2});
  CHECK(std::isnan(wrong[0]));
  CHECK(std::isnan(wrong[1]));
}

TEST_CASE("random numbers depend on stream and step, not on threads") {
  const auto draw = [](const char* op, const Ints& attrs, uint64_t step) {
    return evaluate(op, {}, {Array({50000})}, attrs, step)[0].values<float>();
  };
  const auto mean = [](const Floats& x) {
    return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  };
  const Ints attrs = {3, bits(2), bits(4)};
  const Floats uniform = draw("random_uniform", attrs, 5);
  for (const float value : uniform) CHECK((value >= 2 && value < 4));
  CHECK(mean(uniform) == doctest::Approx(3).epsilon(0.01));
  CHECK(draw("random_uniform", attrs, 6) != uniform);
  CHECK(draw("random_uniform", {4, bits(2), bits(4)}, 5) != uniform);
  CHECK(mean(draw("random_normal", attrs, 5)) == doctest::Approx(2).epsilon(0.05));
  for (const float value : draw("truncated_normal", attrs, 5)) CHECK(std::abs(value - 2) <= 8.001f);
  {
    const Threads two(2);
    CHECK(draw("random_uniform", attrs, 5) == uniform);
  }
  const Array ones({50000}, Floats(50000, 1));
  const Floats dropped = floats("dropout", {ones}, {50000}, {9, bits(0.25f)});
  for (const float value : dropped) CHECK((value == 0 || value == 1 / 0.75f));
  CHECK(mean(dropped) == doctest::Approx(1).epsilon(0.02));
  CHECK(floats("dropout", {ones}, {50000}, {9, bits(0.25f)}) == dropped);
}

}  // namespace
}  // namespace luge
