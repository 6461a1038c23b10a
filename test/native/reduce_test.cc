#include "kernels/reduce.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "buffers.h"

namespace luge {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kEpsilon = 0x1p-24;

struct Expected {
  double value;
  double magnitude;  // of what was summed: the error is relative to it
};

Expected reference(Reduction reduction, const float* x, const ReduceShape& s, int64_t o,
                   int64_t j) {
  Expected e{identity_of(reduction), 0};
  for (int64_t r = 0; r < s.n; ++r) {
    const double v = x[(o * s.n + r) * s.inner + j];
    switch (reduction) {
      case Reduction::sum: e.value += v; break;
      case Reduction::max: e.value = e.value > v || e.value != e.value ? e.value : v; break;
      case Reduction::min: e.value = e.value < v || e.value != e.value ? e.value : v; break;
      case Reduction::prod: e.value *= v; break;
    }
    e.magnitude += std::fabs(v);
  }
  return e;
}

std::vector<float> run(Reduction reduction, const float* x, const ReduceShape& shape, bool mean) {
  GuardedBuffer<double> workspace((reduce_workspace(shape) + 1) / 2);
  GuardedBuffer<float> y(shape.outer * shape.inner, 1);
  float* memory = reinterpret_cast<float*>(workspace.data());
  if (mean) {
    reduce_mean(x, y.data(), shape, memory);
  } else {
    reduce(reduction, x, y.data(), shape, memory);
  }
  CHECK((y.intact() && workspace.intact()));
  return y.values();
}

const std::vector<ReduceShape>& shapes() {
  static const std::vector<ReduceShape> all = {
      {1, 1, 1},     {3, 1, 5},     {5, 3, 1},      {7, 10, 1},   {1, 17, 1},     {2, 1000, 1},
      {1, 5000, 10}, {1, 333, 20},  {1, 20000, 20}, {2, 65, 7},   {1, 64, 63},    {1, 65, 64},
      {3, 129, 65},  {1, 9, 1000},  {2, 100, 1025}, {1, 3, 5000}, {40, 70, 16},   {100, 49, 33},
      {1, 70000, 1}, {1, 40000, 3}, {1, 1, 100},    {500, 31, 2}, {1, 2000, 1100}};
  return all;
}

TEST_CASE("reductions agree with double precision") {
  for_each_target([] {
    for (const ReduceShape& s : shapes()) {
      CAPTURE(s.outer);
      CAPTURE(s.n);
      CAPTURE(s.inner);
      for (Reduction reduction :
           {Reduction::sum, Reduction::max, Reduction::min, Reduction::prod}) {
        const bool prod = reduction == Reduction::prod;
        GuardedBuffer<float> x(
            random_floats(s.outer * s.n * s.inner, prod ? 0.99f : -1.0f, prod ? 1.01f : 1.0f), 3);
        const std::vector<float> y = run(reduction, x.data(), s, false);
        const std::vector<float> mean = run(reduction, x.data(), s, true);
        int failures = 0;
        for (int64_t o = 0; o < s.outer; ++o) {
          for (int64_t j = 0; j < s.inner; ++j) {
            const Expected e = reference(reduction, x.data(), s, o, j);
            const int64_t at = o * s.inner + j;
            // Sums go to double after at most 1024 terms; products round once a factor.
            double error = 0;
            if (reduction == Reduction::sum) {
              const double terms = std::min<double>(static_cast<double>(s.n), 1024);
              error = kEpsilon * (1 + terms) * e.magnitude;
              failures += std::fabs(mean[at] * s.n - e.value) > error + kEpsilon * e.magnitude;
            } else if (prod) {
              error = kEpsilon * static_cast<double>(s.n) * std::fabs(e.value);
            }
            failures += !(std::fabs(y[at] - e.value) <= error);
          }
        }
        CHECK(failures == 0);
      }
    }
  });
}

TEST_CASE("a sum of ten million keeps seven digits") {
  const int64_t n = 10000000;
  for (int64_t inner : {1, 20}) {
    const std::vector<float> x(n, 0.1f);
    for (const float y : run(Reduction::sum, x.data(), {1, n / inner, inner}, false)) {
      const double expected = 0.1f * static_cast<double>(n / inner);
      CHECK(std::fabs(y - expected) < 1e-6 * expected);
    }
  }
}

TEST_CASE("NaN wins in max and min wherever it is, and infinities do not become NaN") {
  for_each_target([] {
    for (const ReduceShape& s : {ReduceShape{1, 100, 1}, {1, 100, 20}, {1, 5, 3}, {1, 9000, 10}}) {
      for (int64_t at : {int64_t{0}, s.n / 2, s.n - 1}) {
        std::vector<float> x = random_floats(s.n * s.inner);
        x[at * s.inner] = kNan;
        CHECK(std::isnan(run(Reduction::max, x.data(), s, false)[0]));
        CHECK(std::isnan(run(Reduction::min, x.data(), s, false)[0]));
        CHECK(std::isnan(run(Reduction::sum, x.data(), s, false)[0]));
        std::vector<int32_t> index(s.inner);
        reduce_arg(Extremum::max, x.data(), index.data(), s);
        CHECK(index[0] == at);
        x[at * s.inner] = -kInf;
        CHECK(run(Reduction::min, x.data(), s, false)[0] == -kInf);
        CHECK(run(Reduction::sum, x.data(), s, false)[0] == -kInf);
        CHECK(run(Reduction::max, x.data(), s, false)[0] <= 1.0f);
      }
    }
    const std::vector<float> lowest(50, -kInf);
    CHECK(run(Reduction::max, lowest.data(), {1, 50, 1}, false)[0] == -kInf);
  });
}

TEST_CASE("an empty axis gives the identity") {
  const float x = 0;
  CHECK(run(Reduction::sum, &x, {2, 0, 3}, false) == std::vector<float>(6, 0.0f));
  CHECK(run(Reduction::prod, &x, {2, 0, 1}, false) == std::vector<float>(2, 1.0f));
  CHECK(run(Reduction::max, &x, {1, 0, 2}, false) == std::vector<float>(2, -kInf));
}

TEST_CASE("argmax and argmin give the first of equals") {
  for_each_target([] {
    for (const ReduceShape& s : shapes()) {
      std::vector<float> x = random_floats(s.outer * s.n * s.inner, 0.0f, 6.0f);
      for (float& v : x) v = std::floor(v);
      for (Extremum extremum : {Extremum::max, Extremum::min}) {
        GuardedBuffer<int32_t> y(s.outer * s.inner, 1);
        reduce_arg(extremum, x.data(), y.data(), s);
        bool good = true;
        for (int64_t o = 0; o < s.outer; ++o) {
          for (int64_t j = 0; j < s.inner; ++j) {
            int64_t best = 0;
            const auto at = [&](int64_t r) { return x[(o * s.n + r) * s.inner + j]; };
            for (int64_t r = 1; r < s.n; ++r) {
              if (extremum == Extremum::max ? at(r) > at(best) : at(r) < at(best)) best = r;
            }
            good = good && y[o * s.inner + j] == best;
          }
        }
        CHECK(good);
        CHECK(y.intact());
      }
    }
  });
}

TEST_CASE("integers wrap") {
  const std::vector<int32_t> x = {1, INT32_MAX, 5, -7, 1, 9};
  std::vector<int32_t> y(2);
  reduce_i32(Reduction::sum, x.data(), y.data(), {1, 3, 2});
  CHECK(y == std::vector<int32_t>{7, INT32_MIN + 1});
  reduce_i32(Reduction::max, x.data(), y.data(), {2, 3, 1});
  CHECK(y == std::vector<int32_t>{INT32_MAX, 9});
  reduce_i32(Reduction::min, x.data(), y.data(), {2, 3, 1});
  CHECK(y == std::vector<int32_t>{1, -7});
  reduce_i32(Reduction::prod, x.data(), y.data(), {2, 3, 1});
  CHECK(y == std::vector<int32_t>{INT32_MAX - 4, -63});
}

TEST_CASE("two threads give the bits of one") {
  for (const ReduceShape& s : {ReduceShape{1, 300000, 1}, {1, 30000, 20}, {3, 200, 3000}}) {
    const std::vector<float> x = random_floats(s.outer * s.n * s.inner);
    check_threads([&] { return run(Reduction::sum, x.data(), s, false); });
  }
}

}  // namespace
}  // namespace luge
