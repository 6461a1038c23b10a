#include "kernels/moments.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "buffers.h"

namespace luge {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr double kEpsilon = 0x1p-24;

struct Moments {
  std::vector<float> mean, variance;
};

Moments run(const float* x, const ReduceShape& shape) {
  GuardedBuffer<double> workspace((moments_workspace(shape) + 1) / 2);
  GuardedBuffer<float> mean(shape.outer * shape.inner, 1), variance(shape.outer * shape.inner, 3);
  moments(x, mean.data(), variance.data(), shape, reinterpret_cast<float*>(workspace.data()));
  CHECK((mean.intact() && variance.intact() && workspace.intact()));
  return {mean.values(), variance.values()};
}

// What of a column is close to the truth. Blocks hold at most 64 rows for each sum in single
// precision: `terms` roundings of numbers as large as a deviation from the block's mean (at most
// `reach`, twice the largest deviation from the column's), and of that mean. The rest is double.
void check_column(const float* x, const ReduceShape& s, int64_t o, int64_t j, float mean,
                  float variance) {
  const auto at = [&](int64_t r) { return double{x[(o * s.n + r) * s.inner + j]}; };
  const double n = static_cast<double>(s.n);
  double center = 0, square = 0, reach = 0, largest = 0;
  for (int64_t r = 0; r < s.n; ++r) center += at(r) / n;
  for (int64_t r = 0; r < s.n; ++r) {
    square += (at(r) - center) * (at(r) - center) / n;
    reach = std::max(reach, 2 * std::fabs(at(r) - center));
    largest = std::max(largest, std::fabs(at(r)));
  }
  const double terms = std::min(n, 64.0) + 2;
  // The block's center itself is off by as much; deviations from it are made up for, but are
  // larger by that.
  const double wide = reach + kEpsilon * terms * largest;
  const double mean_error = kEpsilon * (std::fabs(center) + terms * wide) + 1e-15 * largest;
  const double variance_error =
      kEpsilon * (square + (terms + 2) * wide * wide) + 1e-14 * largest * wide;
  CHECK(std::fabs(mean - center) <= mean_error);
  CHECK(std::fabs(variance - square) <= variance_error);
}

TEST_CASE("moments agree with double precision, also far from 0") {
  const ReduceShape shapes[] = {
      {1, 1, 1},     {3, 1, 5},     {5, 3, 1},     {7, 10, 1},  {1, 17, 1},    {2, 1000, 1},
      {1, 5000, 10}, {1, 333, 20},  {1, 9000, 20}, {2, 65, 7},  {1, 64, 63},   {1, 65, 64},
      {3, 129, 65},  {1, 9, 300},   {2, 100, 257}, {1, 3, 999}, {40, 70, 16},  {100, 49, 33},
      {1, 70000, 1}, {1, 40000, 3}, {1, 1, 100},   {99, 31, 2}, {1, 2000, 520}};
  for_each_target([&] {
    for (const ReduceShape& s : shapes) {
      for (const float offset : {0.0f, 1000.0f, -1e6f}) {
        CAPTURE(s.outer);
        CAPTURE(s.n);
        CAPTURE(s.inner);
        CAPTURE(offset);
        GuardedBuffer<float> x(random_floats(s.outer * s.n * s.inner, offset - 1, offset + 1), 3);
        const Moments y = run(x.data(), s);
        // All columns of the small ones, some of the others.
        const int64_t step = std::max<int64_t>(1, s.outer * s.n * s.inner / 20000);
        for (int64_t at = 0; at < s.outer * s.inner; at += step) {
          check_column(x.data(), s, at / s.inner, at % s.inner, y.mean[at], y.variance[at]);
        }
      }
    }
  });
}

TEST_CASE("a mean that drifts by far more than the spread of any block") {
  const ReduceShape s{1, 20000, 3};
  std::vector<float> x = random_floats(s.n * s.inner);
  for (int64_t r = 0; r < s.n; ++r) {
    for (int64_t j = 0; j < s.inner; ++j) x[r * s.inner + j] += static_cast<float>(r);
  }
  const Moments y = run(x.data(), s);
  for (int64_t j = 0; j < s.inner; ++j) {
    check_column(x.data(), s, 0, j, y.mean[j], y.variance[j]);
  }
}

TEST_CASE("equal numbers have a variance of nothing but rounding") {
  for (const float value : {0.0f, 0.1f, -12345.678f, 1e15f}) {
    for (const ReduceShape& s : {ReduceShape{1, 70000, 3}, {1, 100, 64}, {5, 7, 1}}) {
      const Moments y = run(std::vector<float>(s.outer * s.n * s.inner, value).data(), s);
      CHECK(y.mean == std::vector<float>(s.outer * s.inner, value));
      const double off = 66 * kEpsilon * std::fabs(value);  // of a block's center
      for (const float variance : y.variance) CHECK((variance >= 0 && variance <= off * off));
    }
  }
}

TEST_CASE("NaN and infinities show in their column alone") {
  for_each_target([] {
    for (const ReduceShape& s : {ReduceShape{1, 100, 20}, {1, 5, 3}, {1, 9000, 10}}) {
      for (const int64_t row : {int64_t{0}, s.n / 2, s.n - 1}) {
        for (const float value : {std::nanf(""), kInf, -kInf}) {
          std::vector<float> x = random_floats(s.n * s.inner);
          x[row * s.inner + 1] = value;
          const Moments y = run(x.data(), s);
          CHECK((std::isnan(value) ? std::isnan(y.mean[1]) : y.mean[1] == value));
          CHECK(std::isnan(y.variance[1]));
          CHECK((std::isfinite(y.mean[0]) && std::isfinite(y.variance[0])));
          CHECK((std::isfinite(y.mean[2]) && std::isfinite(y.variance[2])));
        }
      }
    }
  });
}

TEST_CASE("moments have the same bits with two threads") {
  for (const ReduceShape& s : {ReduceShape{1, 300000, 1}, {1, 30000, 20}, {3, 200, 3000}}) {
    const std::vector<float> x = random_floats(s.outer * s.n * s.inner);
    check_threads([&] {
      Moments y = run(x.data(), s);
      y.mean.insert(y.mean.end(), y.variance.begin(), y.variance.end());
      return y.mean;
    });
  }
}

}  // namespace
}  // namespace luge
