#include "kernels/transpose.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "buffers.h"

namespace luge {
namespace {

using Shape = std::vector<int64_t>;

int64_t product(const Shape& dims) {
  return std::accumulate(dims.begin(), dims.end(), int64_t{1}, std::multiplies<>());
}

Shape unravel(int64_t flat, const Shape& dims) {
  Shape index(dims.size());
  for (size_t a = dims.size(); a-- > 0;) {
    index[a] = flat % dims[a];
    flat /= dims[a];
  }
  return index;
}

int64_t ravel(const Shape& index, const Shape& dims) {
  int64_t flat = 0;
  for (size_t a = 0; a < dims.size(); ++a) flat = flat * dims[a] + index[a];
  return flat;
}

// Numbers that tell every element apart (uint8: almost).
template <class T>
std::vector<T> counted(int64_t size) {
  std::vector<T> x(size);
  for (int64_t i = 0; i < size; ++i) x[i] = static_cast<T>(i % 251);
  if constexpr (sizeof(T) == 4) std::iota(x.begin(), x.end(), T{1});
  return x;
}

// Checks kernel(x, y) against y[i] = x[source(index of i)], or `otherwise` where source gives none.
template <class T, class Kernel, class Source>
void check(const Shape& x_dims, const Shape& y_dims, Kernel kernel, Source source,
           T otherwise = T{}) {
  GuardedBuffer<T> x(counted<T>(product(x_dims)), 1), y(product(y_dims), 3);
  kernel(x.data(), y.data());
  int failures = 0;
  for (int64_t i = 0; i < y.size(); ++i) {
    const Shape from = source(unravel(i, y_dims));
    failures += y[i] != (from.empty() && !x_dims.empty() ? otherwise : x[ravel(from, x_dims)]);
  }
  CHECK(failures == 0);
  CHECK(y.intact());
}

template <class T>
void check_transpose(const Shape& dims, std::vector<int32_t> permutation) {
  Shape y_dims;
  for (int32_t a : permutation) y_dims.push_back(dims[a]);
  check<T>(
      dims, y_dims, [&](T* x, T* y) { transpose(x, dims, permutation, y, sizeof(T)); },
      [&](const Shape& index) {
        Shape from(dims.size());
        for (size_t a = 0; a < dims.size(); ++a) from[permutation[a]] = index[a];
        return from;
      });
}

TEST_CASE("transpose by every permutation") {
  for (const Shape& dims : {Shape{},
                            {1},
                            {7},
                            {3, 5},
                            {33, 65},
                            {100, 1},
                            {31, 32},
                            {2, 3, 4},
                            {1, 40, 3},
                            {5, 1, 70},
                            {4, 33, 34},
                            {2, 3, 4, 5},
                            {3, 1, 17, 2, 4},
                            {0, 3},
                            {70, 300}}) {
    std::vector<int32_t> permutation(dims.size());
    std::iota(permutation.begin(), permutation.end(), 0);
    do {
      check_transpose<float>(dims, permutation);
      check_transpose<uint8_t>(dims, permutation);
    } while (std::next_permutation(permutation.begin(), permutation.end()));
  }
  check_transpose<float>({2, 1, 2, 3, 1, 2, 2, 2}, {7, 0, 5, 2, 4, 6, 1, 3});
}

TEST_CASE("slice with any begin and stride, and its gradient") {
  struct Case {
    Shape x, begin, stride, y;
  };
  for (const Case& c : {Case{{10}, {2}, {1}, {5}},
                        {{10}, {9}, {-1}, {10}},
                        {{10}, {8}, {-3}, {3}},
                        {{4, 100}, {1, 20}, {2, 1}, {2, 60}},
                        {{6, 7, 8}, {5, 0, 7}, {-1, 3, -2}, {6, 3, 4}},
                        {{3, 5}, {0, 0}, {1, 1}, {3, 5}},
                        {{3, 5}, {2, 4}, {1, 1}, {1, 1}},
                        {{50, 40, 3}, {10, 5, 0}, {1, 1, 1}, {30, 30, 3}},
                        {{2, 40000}, {0, 100}, {1, 1}, {2, 39000}},
                        {{3, 5}, {0, 0}, {1, 1}, {0, 5}}}) {
    const auto source = [&](const Shape& index) {
      Shape from(index.size());
      for (size_t a = 0; a < index.size(); ++a) from[a] = c.begin[a] + index[a] * c.stride[a];
      return from;
    };
    check<float>(
        c.x, c.y, [&](float* x, float* y) { slice(x, c.x, c.begin, c.stride, y, c.y, 4); }, source);
    check<uint8_t>(
        c.x, c.y, [&](uint8_t* x, uint8_t* y) { slice(x, c.x, c.begin, c.stride, y, c.y, 1); },
        source);

    const std::vector<float> dy = counted<float>(product(c.y));
    GuardedBuffer<float> dx(product(c.x), 1);
    slice_dx(dy.data(), c.y, c.begin, c.stride, dx.data(), c.x);
    std::vector<float> expected(product(c.x), 0.0f);
    for (int64_t i = 0; i < product(c.y); ++i)
      expected[ravel(source(unravel(i, c.y)), c.x)] = dy[i];
    CHECK(dx.values() == expected);
    CHECK(dx.intact());
  }
}

TEST_CASE("pad surrounds with a value") {
  struct Case {
    Shape x, before, y;
  };
  for (const Case& c : {Case{{3}, {2}, {7}},
                        {{3, 4}, {0, 1}, {3, 6}},
                        {{2, 3, 4}, {1, 2, 3}, {4, 6, 8}},
                        {{2, 28, 28, 1}, {0, 2, 2, 0}, {2, 32, 32, 1}},
                        {{300, 250}, {1, 3}, {302, 260}},
                        {{3, 30000}, {1, 0}, {5, 30000}},
                        {{70000}, {1}, {70002}},
                        {{3, 4}, {0, 0}, {3, 4}},
                        {{0, 3}, {1, 1}, {2, 5}}}) {
    const auto source = [&](const Shape& index) {
      Shape from(index.size());
      for (size_t a = 0; a < index.size(); ++a) {
        from[a] = index[a] - c.before[a];
        if (from[a] < 0 || from[a] >= c.x[a]) return Shape{};
      }
      return from;
    };
    const float value = -2.5f;
    const uint8_t byte = 200;
    check<float>(
        c.x, c.y, [&](float* x, float* y) { pad(x, c.x, c.before, &value, y, c.y, 4); }, source,
        value);
    check<uint8_t>(
        c.x, c.y, [&](uint8_t* x, uint8_t* y) { pad(x, c.x, c.before, &byte, y, c.y, 1); }, source,
        byte);
  }
}

TEST_CASE("concat joins along an axis") {
  for (int64_t outer : {1, 3, 50}) {
    for (int64_t inner : {1, 5, 64}) {
      const Shape sizes = {2, 0, 7, 1};
      std::vector<std::vector<float>> parts;
      std::vector<const void*> xs;
      for (size_t i = 0; i < sizes.size(); ++i) {
        parts.push_back(random_floats(outer * sizes[i] * inner, -1, 1, static_cast<uint32_t>(i)));
      }
      for (const auto& part : parts) xs.push_back(part.data());
      GuardedBuffer<float> y(outer * 10 * inner, 1);
      concat(xs, sizes, outer, inner, y.data(), 4);
      std::vector<float> expected;
      for (int64_t o = 0; o < outer; ++o) {
        for (size_t i = 0; i < sizes.size(); ++i) {
          const int64_t n = sizes[i] * inner;
          expected.insert(expected.end(), parts[i].begin() + o * n, parts[i].begin() + (o + 1) * n);
        }
      }
      CHECK(y.values() == expected);
      CHECK(y.intact());
    }
  }
}

TEST_CASE("broadcast by NumPy's rules") {
  struct Case {
    Shape x, y;
  };
  for (const Case& c : {Case{{}, {5}},
                        {{1}, {3, 4}},
                        {{4}, {3, 4}},
                        {{3, 1}, {3, 40}},
                        {{2, 1, 3, 1}, {2, 5, 3, 7}},
                        {{1, 5, 1, 7}, {2, 5, 3, 7}},
                        {{3, 1, 1}, {2, 3, 4, 5}},
                        {{6, 1}, {4, 6, 1}},
                        {{2, 3}, {2, 3}}}) {
    const auto source = [&](const Shape& index) {
      Shape from(c.x.size());
      const size_t lead = c.y.size() - c.x.size();
      for (size_t a = 0; a < c.x.size(); ++a) from[a] = c.x[a] == 1 ? 0 : index[a + lead];
      return from;
    };
    check<float>(
        c.x, c.y, [&](float* x, float* y) { broadcast(x, c.x, y, c.y, 4); }, source);
    check<uint8_t>(
        c.x, c.y, [&](uint8_t* x, uint8_t* y) { broadcast(x, c.x, y, c.y, 1); }, source);
  }
}

TEST_CASE("two threads copy what one does") {
  const Shape dims = {30, 70, 50};
  const std::vector<int32_t> permutation = {2, 0, 1};
  const std::vector<float> x = random_floats(product(dims));
  check_threads([&] {
    std::vector<float> y(x.size());
    transpose(x.data(), dims, permutation, y.data(), 4);
    return y;
  });
}

}  // namespace
}  // namespace luge
