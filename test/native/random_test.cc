#include "kernels/random.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "buffers.h"

namespace luge {
namespace {

const RandomStream kStream{0x123456789abcdefULL, 7, 42};

struct Moments {
  double mean = 0, variance = 0, skew = 0, kurtosis = 0;
};

Moments moments(const std::vector<float>& x) {
  Moments m;
  const double n = static_cast<double>(x.size());
  for (float v : x) m.mean += v / n;
  for (float v : x) m.variance += (v - m.mean) * (v - m.mean) / n;
  for (float v : x) {
    const double z = (v - m.mean) / std::sqrt(m.variance);
    m.skew += z * z * z / n;
    m.kurtosis += z * z * z * z / n;
  }
  return m;
}

// Largest distance between the empirical and the given distribution function (Kolmogorov-Smirnov).
template <class Cdf>
double distance(std::vector<float> x, Cdf cdf) {
  std::sort(x.begin(), x.end());
  double most = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double n = static_cast<double>(x.size()), p = cdf(x[i]);
    most = std::max({most, std::fabs(p - i / n), std::fabs(p - (i + 1) / n)});
  }
  return most;
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

constexpr int64_t kMany = 400000;
const double kLimit = 1.95 / std::sqrt(static_cast<double>(kMany));  // passes 999 of 1000 times

TEST_CASE("uniform is word by word the generator's, in [low, high)") {
  for_each_target([] {
    std::vector<float> y(1001);
    random_uniform(kStream, 0.0f, 1.0f, y.data(), 1001);
    for (int64_t i = 0; i < 1001; ++i) {
      const uint32_t word = random_words(kStream, static_cast<uint32_t>(i / 4))[i % 4];
      CHECK(y[i] == static_cast<float>(word >> 8) * 0x1p-24f);
    }
    std::vector<float> many(kMany);
    random_uniform(kStream, -3.0f, 1.0f, many.data(), kMany);
    CHECK(distance(many, [](double v) { return (v + 3) / 4; }) < kLimit);
    const float high = std::nextafter(1.0f, 2.0f);  // every rounding would reach it
    random_uniform(kStream, 1.0f, high, many.data(), kMany);
    CHECK(std::all_of(many.begin(), many.end(), [=](float v) { return v >= 1.0f && v < high; }));
  });
}

TEST_CASE("normal numbers are normal") {
  for_each_target([] {
    std::vector<float> y(kMany);
    random_normal(kStream, 0.0f, 1.0f, y.data(), kMany);
    CHECK(distance(y, normal_cdf) < kLimit);
    const Moments m = moments(y);
    CHECK(std::fabs(m.mean) < 4 / std::sqrt(1.0 * kMany));
    CHECK(std::fabs(m.variance - 1) < 4 * std::sqrt(2.0 / kMany));
    CHECK(std::fabs(m.skew) < 4 * std::sqrt(6.0 / kMany));
    CHECK(std::fabs(m.kurtosis - 3) < 4 * std::sqrt(24.0 / kMany));
    std::vector<float> scaled(kMany);
    random_normal(kStream, 5.0f, 2.0f, scaled.data(), kMany);
    for (int64_t i = 0; i < 1000; ++i) CHECK(std::fabs(scaled[i] - (5 + 2 * y[i])) < 4e-6);
  });
}

TEST_CASE("truncated normal numbers stay within two deviations") {
  for_each_target([] {
    std::vector<float> y(kMany);
    truncated_normal(kStream, 0.0f, 1.0f, y.data(), kMany);
    const double inside = normal_cdf(2) - normal_cdf(-2);
    CHECK(distance(y, [&](double z) { return (normal_cdf(z) - normal_cdf(-2)) / inside; }) <
          kLimit);
    CHECK(std::all_of(y.begin(), y.end(), [](float v) { return std::fabs(v) <= 2.0f; }));
    // The quantile itself, against the C library's erf.
    for (int64_t i = 0; i < 1000; ++i) {
      const int32_t word =
          static_cast<int32_t>(random_words(kStream, static_cast<uint32_t>(i / 4))[i % 4]);
      const double x = (word + 0.5) * 0x1p-31 * std::erf(std::sqrt(2.0));
      CHECK(std::fabs(std::erf(y[i] / std::sqrt(2.0)) - x) < 5e-7);
    }
  });
}

TEST_CASE("dropout keeps, scales and shows NaN") {
  for_each_target([] {
    for (float rate : {0.0f, 0.3f, 0.5f, 0.99f}) {
      GuardedBuffer<float> mask(kMany, 1), y(kMany, 3);
      const std::vector<float> x = random_floats(kMany);
      dropout_mask(kStream, rate, mask.data(), kMany);
      dropout(kStream, rate, x.data(), y.data(), kMany);
      int64_t kept = 0;
      bool good = true;
      for (int64_t i = 0; i < kMany; ++i) {
        kept += mask[i] != 0;
        good = good && (mask[i] == 0 || mask[i] == 1.0f / (1.0f - rate)) && y[i] == x[i] * mask[i];
      }
      CHECK(good);
      CHECK(std::fabs(kept - kMany * (1.0 - rate)) <= 4 * std::sqrt(kMany * rate * (1 - rate)));
      CHECK((mask.intact() && y.intact()));
    }
    std::vector<float> nan(50, std::numeric_limits<float>::quiet_NaN());
    dropout(kStream, 0.5f, nan.data(), nan.data(), 50);
    for (float v : nan) CHECK(std::isnan(v));
  });
}

TEST_CASE("any length is a prefix of the same numbers, with any number of threads") {
  for_each_target([] {
    using Draw = void (*)(const RandomStream&, float, float, float*, int64_t);
    for (Draw draw : {Draw{random_uniform}, Draw{random_normal}, Draw{truncated_normal}}) {
      std::vector<float> whole(30000);
      draw(kStream, 0.0f, 1.0f, whole.data(), 30000);
      for (int64_t n : {0, 1, 3, 4, 7, 16, 17, 63, 65, 1000, 8191, 8193, 29999}) {
        GuardedBuffer<float> y(n, 1);
        draw(kStream, 0.0f, 1.0f, y.data(), n);
        CHECK(same_bits(y.values(), std::vector<float>(whole.begin(), whole.begin() + n)));
        CHECK(y.intact());
      }
    }
  });
  check_threads([] {
    std::vector<float> y(100000);
    random_normal(kStream, 0.0f, 1.0f, y.data(), 100000);
    return y;
  });
}

}  // namespace
}  // namespace luge
