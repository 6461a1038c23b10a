// Buffers for kernel tests: shifted off alignment, with guard elements on both sides.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "simd/targets.h"
#include "threads.h"

namespace luge {

template <class T>
class GuardedBuffer {
 public:
  explicit GuardedBuffer(int64_t size, int64_t shift = 0)
      : size_(size), shift_(shift), data_(size + 2 * kGuards + shift, kGuard) {}
  GuardedBuffer(const std::vector<T>& values, int64_t shift = 0)
      : GuardedBuffer(static_cast<int64_t>(values.size()), shift) {
    if (size_ > 0) std::memcpy(data(), values.data(), size_ * sizeof(T));
  }

  T* data() { return data_.data() + kGuards + shift_; }
  T& operator[](int64_t i) { return data()[i]; }
  int64_t size() const { return size_; }
  std::vector<T> values() { return std::vector<T>(data(), data() + size_); }

  bool intact() const {
    for (int64_t i = 0; i < kGuards + shift_; ++i) {
      if (data_[i] != kGuard) return false;
    }
    for (size_t i = kGuards + shift_ + size_; i < data_.size(); ++i) {
      if (data_[i] != kGuard) return false;
    }
    return true;
  }

 private:
  static constexpr int64_t kGuards = 32;
  static constexpr T kGuard = static_cast<T>(113);
  int64_t size_;
  int64_t shift_;
  std::vector<T> data_;
};

inline std::vector<float> random_floats(int64_t size, float low = -1.0f, float high = 1.0f,
                                        uint32_t seed = 1) {
  std::mt19937 engine(seed);
  std::vector<float> values(size);
  for (float& value : values) {
    value = low + (high - low) * static_cast<float>(engine() >> 8) * 0x1p-24f;
  }
  return values;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

// Runs body() once for every instruction set that this processor has.
template <class Body>
void for_each_target(Body body) {
  for (const std::string& target : simd_targets()) {
    CAPTURE(target);
    REQUIRE(set_simd_target(target));
    body();
  }
  set_simd_target("");
}

// run() computes and returns a vector: the bits must be the same with 1 and 2 threads.
template <class Run>
void check_threads(Run run) {
  const auto on_threads = [&](int count) {
    const Threads threads(count);
    return run();
  };
  CHECK(same_bits(on_threads(1), on_threads(2)));
}

}  // namespace luge
