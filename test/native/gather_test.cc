#include "kernels/gather.h"

#include <doctest/doctest.h>

#include "buffers.h"

namespace luge {
namespace {

std::vector<int32_t> random_indices(int64_t count, int64_t n) {
  std::mt19937 engine(5);
  std::vector<int32_t> indices(count);
  for (int32_t& i : indices) i = static_cast<int32_t>(engine() % n);
  return indices;
}

const std::vector<GatherShape>& shapes() {
  static const std::vector<GatherShape> all = {
      {1, 1, 1, 1},      {1, 10, 1, 33}, {3, 7, 5, 20},      {1, 100, 64, 9},  {2, 5, 129, 65},
      {1, 50, 20, 1000}, {4, 3, 17, 0},  {1, 300, 100, 700}, {2, 40, 784, 30}, {1, 3, 5000, 9}};
  return all;
}

template <class T>
void check_gather(const GatherShape& s) {
  std::vector<T> values(s.outer * s.n * s.inner);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i % 251);
  const std::vector<int32_t> indices = random_indices(s.count, s.n);
  GuardedBuffer<T> x(values, 1), y(s.outer * s.count * s.inner, 3);
  CHECK(gather(x.data(), indices.data(), y.data(), s, sizeof(T)));
  bool good = true;
  for (int64_t i = 0; i < y.size(); ++i) {
    const int64_t o = i / (s.count * s.inner), k = i / s.inner % s.count;
    good = good && y[i] == values[(o * s.n + indices[k]) * s.inner + i % s.inner];
  }
  CHECK(good);
  CHECK(y.intact());
}

TEST_CASE("gather picks slices") {
  for (const GatherShape& s : shapes()) {
    check_gather<float>(s);
    check_gather<uint8_t>(s);
  }
}

TEST_CASE("gather's gradient sums by index") {
  for_each_target([] {
    for (const GatherShape& s : shapes()) {
      const std::vector<int32_t> indices = random_indices(s.count, s.n);
      GuardedBuffer<float> dy(random_floats(s.outer * s.count * s.inner), 1);
      GuardedBuffer<float> dx(s.outer * s.n * s.inner, 3);
      CHECK(gather_dx(dy.data(), indices.data(), dx.data(), s));
      std::vector<float> expected(dx.size(), 0.0f);
      for (int64_t i = 0; i < dy.size(); ++i) {
        const int64_t o = i / (s.count * s.inner), k = i / s.inner % s.count;
        expected[(o * s.n + indices[k]) * s.inner + i % s.inner] += dy[i];
      }
      CHECK(dx.values() == expected);  // the order of the sums is the order of the indices
      CHECK(dx.intact());
    }
  });
}

TEST_CASE("indices out of range are reported, and read and write nothing") {
  const GatherShape s{1, 3, 4, 5};
  const std::vector<int32_t> indices = {0, -1, 2, 3, INT32_MIN};
  GuardedBuffer<float> x(random_floats(12)), y(20, 1), dy(random_floats(20)), dx(12, 1);
  CHECK_FALSE(gather(x.data(), indices.data(), y.data(), s, 4));
  for (int64_t i = 0; i < 20; ++i) {
    const bool inside = i / 4 == 0 || i / 4 == 2;
    CHECK(y[i] == (inside ? x[indices[i / 4] * 4 + i % 4] : 0.0f));
  }
  CHECK_FALSE(gather_dx(dy.data(), indices.data(), dx.data(), s));
  for (int64_t i = 0; i < 12; ++i) CHECK(dx[i] == (i / 4 == 1 ? 0.0f : dy[i]));
  CHECK((y.intact() && dx.intact()));
}

TEST_CASE("one_hot") {
  const std::vector<int32_t> indices = {2, 0, -1, 3, 1};
  GuardedBuffer<float> y(15, 1);
  one_hot(indices.data(), DType::int32, y.data(), 5, 3);
  CHECK(y.values() == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  const std::vector<uint8_t> bytes = {2, 0, 255, 3, 1};
  one_hot(bytes.data(), DType::uint8, y.data(), 5, 3);
  CHECK(y.values() == std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0});
  CHECK(y.intact());
}

TEST_CASE("two threads give the bits of one") {
  const GatherShape s{1, 30, 300, 5000};
  const std::vector<int32_t> indices = random_indices(s.count, s.n);
  const std::vector<float> dy = random_floats(s.count * s.inner);
  check_threads([&] {
    std::vector<float> dx(s.n * s.inner);
    gather_dx(dy.data(), indices.data(), dx.data(), s);
    return dx;
  });
}

}  // namespace
}  // namespace luge
