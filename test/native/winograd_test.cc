#include "kernels/winograd.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "buffers.h"
#include "kernels/conv2d.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

// How large the products of one term can get for inputs up to 1, as they reach an output: in one
// dimension the largest column of |A'| (|G| 1 * |B'| 1), which is 8 for 3x3 with tiles of 2x2, 24.9
// for 4x4, and 37.3 for 5x5; and for the gradient by the weight of |G'| (|A| 1 * |B'| 1), 6, 30.7
// and 19.1. Of the sum of products itself it is 9 or 25.
double growth(const WinogradSizes& s) {
  const double side = s.kernel == 5 ? 37.3 : s.tile == 4 ? 24.9 : 8.0;
  return side * side;
}
double growth_of_dweight(const WinogradSizes& s) {
  const double side = s.kernel == 5 ? 19.1 : s.tile == 4 ? 30.8 : 6.0;
  return side * side;
}

constexpr WinogradSizes kAllSizes[] = {{2, 3}, {4, 3}, {2, 5}};

struct Problem {
  WinogradShape shape;
  Conv2dShape plain;  // with all parts as groups
  std::vector<float> x, weight, dy;
};

Problem make_problem(const WinogradSizes& sizes, int64_t n, int64_t h, int64_t w, int64_t c,
                     int64_t oc, int64_t pad, int64_t groups = 1, int64_t parts = 1) {
  const int64_t k = sizes.kernel;
  const Conv2dShape plain{.n = n,
                          .h = h,
                          .w = w,
                          .c = c,
                          .kh = k,
                          .kw = k,
                          .oh = h + 2 * pad - k + 1,
                          .ow = w + 2 * pad - k + 1,
                          .oc = oc,
                          .pad_top = pad,
                          .pad_left = pad,
                          .groups = groups * parts};
  Conv2dShape conv = plain;
  conv.groups = groups;
  return {{conv, sizes.tile, parts},
          plain,
          random_floats(n * h * w * c, -1, 1, 1),
          random_floats(plain.depth() * oc, -1, 1, 2),
          random_floats(plain.rows() * oc, -1, 1, 3)};
}

// Calls body(tap, pixel of x, pixel of y) for every product of the convolution.
template <class Body>
void each_product(const Conv2dShape& s, Body body) {
  for (int64_t n = 0; n < s.n; ++n) {
    for (int64_t oy = 0; oy < s.oh; ++oy) {
      for (int64_t ox = 0; ox < s.ow; ++ox) {
        for (int64_t tap = 0; tap < s.kh * s.kw; ++tap) {
          const int64_t y = oy + tap / s.kw - s.pad_top;
          const int64_t x = ox + tap % s.kw - s.pad_left;
          if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
          body(tap, (n * s.h + y) * s.w + x, (n * s.oh + oy) * s.ow + ox);
        }
      }
    }
  }
}

// Calls body(weight, channel of x, filter) for the weights of a tap, by their places in x, y and
// the whole weight.
template <class Body>
void each_weight(const Conv2dShape& s, int64_t tap, Body body) {
  for (int64_t c = 0; c < s.group_c(); ++c) {
    for (int64_t o = 0; o < s.oc; ++o) {
      body((tap * s.group_c() + c) * s.oc + o, o / s.group_oc() * s.group_c() + c, o);
    }
  }
}

// Each of so many terms is rounded on its way, and so is each of their sums; errors of random signs
// add up like their root. About 12 more roundings are those of the transforms.
void check_close(std::vector<float> actual, const std::vector<double>& expected, int64_t terms,
                 double growth) {
  const double tolerance =
      std::numeric_limits<float>::epsilon() * growth * std::sqrt(terms * (terms + 12.0));
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= tolerance) continue;
    CAPTURE(i);
    CAPTURE(tolerance);
    CHECK(actual[i] == expected[i]);
    return;
  }
}

std::vector<float> run_forward(const std::vector<float>& x, bool turned,
                               const std::vector<float>& weight, const WinogradShape& s) {
  const int64_t size = winograd_weight_size(s.weight());
  const int threads = thread_count();
  std::vector<float> work(16 + std::max(winograd_weight_workspace(s.weight(), threads),
                                        winograd_conv2d_workspace(s, threads)));
  std::vector<float> memory(size + 16);
  float* transformed = memory.data();
  while (reinterpret_cast<uintptr_t>(transformed) % 64 != 0) ++transformed;
  winograd_weight(s.weight(), turned, weight.data(), transformed, work.data());
  GuardedBuffer<float> y(s.conv.rows() * s.conv.oc, 1);
  winograd_conv2d(s, x.data(), transformed, y.data(), work.data());
  CHECK(y.intact());
  return y.values();
}

void check_forward(const Problem& p) {
  const Conv2dShape& s = p.plain;
  std::vector<double> expected(s.rows() * s.oc);
  each_product(s, [&](int64_t tap, int64_t from, int64_t to) {
    each_weight(s, tap, [&](int64_t i, int64_t c, int64_t o) {
      expected[to * s.oc + o] += double{p.x[from * s.c + c]} * p.weight[i];
    });
  });
  check_close(run_forward(p.x, false, p.weight, p.shape), expected, s.group_c(),
              growth(p.shape.sizes()));
}

void check_dx(const Problem& p) {
  const Conv2dShape& s = p.plain;
  std::vector<double> expected(s.n * s.h * s.w * s.c);
  each_product(s, [&](int64_t tap, int64_t x, int64_t y) {
    each_weight(s, tap, [&](int64_t i, int64_t c, int64_t o) {
      expected[x * s.c + c] += double{p.dy[y * s.oc + o]} * p.weight[i];
    });
  });
  WinogradShape turned = p.shape;
  turned.conv = {.n = s.n,
                 .h = s.oh,
                 .w = s.ow,
                 .c = s.oc,
                 .kh = s.kh,
                 .kw = s.kw,
                 .oh = s.h,
                 .ow = s.w,
                 .oc = s.c,
                 .pad_top = s.kh - 1 - s.pad_top,
                 .pad_left = s.kw - 1 - s.pad_left,
                 .groups = p.shape.conv.groups};
  check_close(run_forward(p.dy, true, p.weight, turned), expected, s.group_oc(),
              growth(p.shape.sizes()));
}

std::vector<float> run_dweight(const Problem& p) {
  const Conv2dShape& s = p.plain;
  std::vector<float> work(winograd_dweight_workspace(p.shape, thread_count()));
  GuardedBuffer<float> dweight(s.depth() * s.oc, 1);
  winograd_dweight(p.shape, p.x.data(), p.dy.data(), dweight.data(), work.data());
  CHECK(dweight.intact());
  return dweight.values();
}

void check_dweight(const Problem& p) {
  const Conv2dShape& s = p.plain;
  std::vector<double> expected(s.depth() * s.oc);
  each_product(s, [&](int64_t tap, int64_t x, int64_t y) {
    each_weight(s, tap, [&](int64_t i, int64_t c, int64_t o) {
      expected[i] += double{p.x[x * s.c + c]} * p.dy[y * s.oc + o];
    });
  });
  check_close(run_dweight(p), expected, p.shape.tiles(), growth_of_dweight(p.shape.sizes()));
}

void check_all(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oc, int64_t pad,
               int64_t groups = 1, int64_t parts = 1) {
  for (const WinogradSizes& sizes : kAllSizes) {
    if (std::min(h, w) + 2 * pad < sizes.kernel || pad >= sizes.kernel) continue;
    CAPTURE(sizes.tile);
    CAPTURE(sizes.kernel);
    CAPTURE(n);
    CAPTURE(h);
    CAPTURE(w);
    CAPTURE(c);
    CAPTURE(oc);
    CAPTURE(pad);
    CAPTURE(groups);
    CAPTURE(parts);
    const Problem p = make_problem(sizes, n, h, w, c, oc, pad, groups, parts);
    check_forward(p);
    check_dx(p);
    check_dweight(p);
  }
}

}  // namespace

TEST_CASE("winograd convolution and its gradients equal naive sums") {
  for_each_target([] {
    check_all(1, 3, 3, 1, 1, 0);
    check_all(2, 5, 7, 3, 5, 1);
    check_all(1, 8, 4, 16, 17, 1);
    check_all(3, 9, 10, 7, 33, 0);
    check_all(1, 4, 6, 20, 4, 2);
    check_all(1, 9, 6, 20, 18, 4);
    check_all(1, 13, 18, 5, 31, 1);
  });
}

TEST_CASE("winograd cuts large weights and many tiles into blocks") {
  check_all(1, 6, 6, 260, 150, 1);
  check_all(2, 32, 32, 16, 16, 1);
  check_all(1, 14, 14, 150, 300, 1);
}

TEST_CASE("winograd convolution and its gradients in groups") {
  for_each_target([] {
    check_all(1, 5, 4, 2, 2, 1, 2);
    check_all(2, 7, 9, 48, 48, 1, 3);
    check_all(1, 9, 10, 35, 15, 0, 5);
    check_all(1, 8, 6, 10, 40, 2, 2);
    check_all(2, 7, 6, 16, 16, 1, 1, 2);
    check_all(1, 6, 9, 45, 27, 1, 3, 3);
    check_all(1, 7, 8, 32, 64, 0, 4, 8);
  });
  check_all(2, 14, 14, 256, 256, 1, 16);  // several groups at a time, and several times
  check_all(1, 10, 11, 210, 140, 1, 14);
  check_all(1, 6, 6, 520, 300, 1, 2);  // groups of several blocks of filters
}

TEST_CASE("winograd gives the same bits with any number of threads") {
  for (const WinogradSizes& sizes : kAllSizes) {
    const Problem small = make_problem(sizes, 4, 30, 31, 16, 20, 1);
    const Problem large = make_problem(sizes, 1, 14, 14, 200, 260, 1);
    const Problem grouped = make_problem(sizes, 4, 14, 14, 256, 256, 1, 16);
    for (const Problem* p : {&small, &large, &grouped}) {
      check_threads([&] { return run_forward(p->x, false, p->weight, p->shape); });
      check_threads([&] { return run_dweight(*p); });
    }
  }
}

TEST_CASE("winograd lets NaN through, into the tiles that see it") {
  Problem p = make_problem({4, 3}, 1, 12, 12, 4, 4, 1);
  p.x[0] = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> y = run_forward(p.x, false, p.weight, p.shape);
  CHECK(std::isnan(y[0]));
  CHECK(!std::isnan(y.back()));
}

TEST_CASE("winograd_conv2d hands every row to the epilogue once") {
  for (const WinogradSizes& sizes : kAllSizes) {
    for (const auto& [width, groups] : {std::pair{7, 1}, {64, 1}, {7, 2}, {64, 8}}) {
      const Problem p = make_problem(sizes, 2, 9, width, 64, 136, 1, groups);
      const Conv2dShape& s = p.shape.conv;
      std::vector<float> work(winograd_conv2d_workspace(p.shape, thread_count()) + 16);
      std::vector<float> memory(winograd_weight_size(p.shape.weight()) + 16);
      float* transformed = memory.data();
      while (reinterpret_cast<uintptr_t>(transformed) % 64 != 0) ++transformed;
      std::vector<float> y(s.rows() * s.oc);
      std::vector<int> seen(s.rows());
      winograd_conv2d(p.shape, p.x.data(), transformed, y.data(), work.data(),
                      [&](int64_t begin, int64_t end, int) {
                        for (int64_t row = begin; row < end; ++row) ++seen[row];
                      });
      CHECK(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    }
  }
}

}  // namespace luge
