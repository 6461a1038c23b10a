#include "kernels/softmax.h"

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

std::vector<double> reference(const float* x, int64_t n) {
  const double most = *std::max_element(x, x + n);
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += std::exp(x[i] - most);
  std::vector<double> y(n);
  for (int64_t i = 0; i < n; ++i) y[i] = std::exp(x[i] - most) / sum;
  return y;
}

constexpr int64_t kSizes[] = {1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 31, 33, 63, 65, 100, 1000, 5000};

TEST_CASE("softmax and its logarithm, forward and backward") {
  for_each_target([] {
    for (int64_t n : kSizes) {
      const int64_t rows = n < 100 ? 37 : 3;
      CAPTURE(n);
      GuardedBuffer<float> x(random_floats(rows * n, -8, 8), 1), dy(random_floats(rows * n), 3);
      GuardedBuffer<float> y(rows * n, 1), log_y(rows * n, 5), dx(rows * n), dlog(rows * n, 2);
      softmax(x.data(), y.data(), rows, n);
      log_softmax(x.data(), log_y.data(), rows, n);
      softmax_dx(dy.data(), y.data(), dx.data(), rows, n);
      log_softmax_dx(dy.data(), log_y.data(), dlog.data(), rows, n);
      int failures = 0;
      for (int64_t r = 0; r < rows; ++r) {
        const std::vector<double> p = reference(&x[r * n], n);
        double dot = 0, sum = 0, magnitude = 0;
        for (int64_t i = 0; i < n; ++i) {
          dot += p[i] * dy[r * n + i];
          sum += dy[r * n + i];
          magnitude += std::fabs(dy[r * n + i]);
        }
        for (int64_t i = 0; i < n; ++i) {
          const int64_t at = r * n + i;
          // The argument x - max <= 16 is rounded: 16 epsilon in e^x, and a few roundings more.
          failures += !(std::fabs(y[at] - p[i]) <= 80 * kEpsilon * p[i]);
          failures += !(std::fabs(log_y[at] - std::log(p[i])) <= 80 * kEpsilon);
          failures += !(std::fabs(dx[at] - p[i] * (dy[at] - dot)) <= 400 * kEpsilon * p[i]);
          const double expected = dy[at] - p[i] * sum;
          failures += !(std::fabs(dlog[at] - expected) <= 100 * kEpsilon * (1 + p[i] * magnitude));
        }
      }
      CHECK(failures == 0);
      CHECK((y.intact() && log_y.intact() && dx.intact() && dlog.intact()));

      softmax(x.data(), x.data(), rows, n);
      CHECK(same_bits(x.values(), y.values()));
      CHECK(x.intact());
    }
  });
}

TEST_CASE("softmax of extremes") {
  for_each_target([] {
    std::vector<float> y(3);
    const auto of = [&](std::vector<float> x) {
      softmax(x.data(), y.data(), 1, 3);
      return y;
    };
    CHECK(of({1000, 0, -1000}) == std::vector<float>{1, 0, 0});
    CHECK(of({-kInf, 5, 5}) == std::vector<float>{0, 0.5f, 0.5f});
    CHECK(of({3e38f, 3e38f, -3e38f}) == std::vector<float>{0.5f, 0.5f, 0});
    for (float bad : {kNan, kInf}) {
      for (float v : of({0, bad, 1})) CHECK((std::isnan(v) || (std::isinf(bad) && v == 0)));
      CHECK(std::isnan(y[1]));
    }
    for (float v : of({-kInf, -kInf, -kInf})) CHECK(std::isnan(v));
  });
}

TEST_CASE("cross-entropy of dense and sparse labels") {
  for_each_target([] {
    for (int64_t n : kSizes) {
      const int64_t rows = n < 100 ? 37 : 3;
      CAPTURE(n);
      GuardedBuffer<float> x(random_floats(rows * n, -8, 8), 1);
      const std::vector<float> soft = random_floats(rows * n, 0, 1, 2), dloss = random_floats(rows);
      std::vector<int32_t> classes(rows);
      std::vector<uint8_t> bytes(rows);
      std::vector<float> one_hot(rows * n, 0.0f);
      for (int64_t r = 0; r < rows; ++r) {
        classes[r] = static_cast<int32_t>(r * 7 % n);
        bytes[r] = static_cast<uint8_t>(classes[r] % 256);
        one_hot[r * n + classes[r]] = 1.0f;
      }
      const auto check = [&](const Labels& labels, const std::vector<float>& dense) {
        GuardedBuffer<float> loss(rows, 1), dx(rows * n, 3);
        softmax_cross_entropy(x.data(), labels, loss.data(), rows, n);
        softmax_cross_entropy_dlogits(x.data(), labels, dloss.data(), dx.data(), rows, n);
        int failures = 0;
        for (int64_t r = 0; r < rows; ++r) {
          const std::vector<double> p = reference(&x[r * n], n);
          double expected = 0, weight = 0;
          for (int64_t i = 0; i < n; ++i) {
            if (dense[r * n + i] != 0) expected -= dense[r * n + i] * std::log(p[i]);
            weight += dense[r * n + i];
          }
          failures += !(std::fabs(loss[r] - expected) <= 100 * kEpsilon * (1 + 16 * weight));
          for (int64_t i = 0; i < n; ++i) {
            const double gradient = (p[i] * weight - dense[r * n + i]) * dloss[r];
            failures += !(std::fabs(dx[r * n + i] - gradient) <=
                          100 * kEpsilon * (p[i] * weight + dense[r * n + i]));
          }
        }
        CHECK(failures == 0);
        CHECK((loss.intact() && dx.intact()));
      };
      check({soft.data(), DType::float32, false}, soft);
      check({one_hot.data(), DType::float32, false}, one_hot);
      check({classes.data(), DType::int32, true}, one_hot);
      if (n <= 256) check({bytes.data(), DType::uint8, true}, one_hot);
    }
  });
}

TEST_CASE("labels that are no class give NaN, and masked classes cost nothing") {
  const std::vector<float> x = random_floats(9), dloss = {1, 1, 1};
  const std::vector<int32_t> classes = {-1, 1, 3};
  const Labels labels{classes.data(), DType::int32, true};
  std::vector<float> loss(3), dx(9);
  softmax_cross_entropy(x.data(), labels, loss.data(), 3, 3);
  softmax_cross_entropy_dlogits(x.data(), labels, dloss.data(), dx.data(), 3, 3);
  CHECK(std::isnan(loss[0]));
  CHECK(std::isfinite(loss[1]));
  CHECK(std::isnan(loss[2]));
  CHECK(std::isnan(dx[0]));
  CHECK(std::isfinite(dx[3]));
  CHECK(std::isnan(dx[8]));

  const std::vector<float> masked = {0.0f, -kInf, 0.0f}, target = {1.0f, 0.0f, 0.0f};
  softmax_cross_entropy(masked.data(), {target.data(), DType::float32, false}, loss.data(), 1, 3);
  CHECK(loss[0] == doctest::Approx(std::log(2.0)));
}

TEST_CASE("two threads give the bits of one") {
  const int64_t rows = 3000, n = 10;
  const std::vector<float> x = random_floats(rows * n, -5, 5), soft = random_floats(rows * n, 0, 1);
  check_threads([&] {
    std::vector<float> out(rows * n * 2);
    softmax(x.data(), out.data(), rows, n);
    softmax_cross_entropy(x.data(), {soft.data(), DType::float32, false}, &out[rows * n], rows, n);
    return out;
  });
}

}  // namespace
}  // namespace luge
