#include "kernels/random.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "simd/vmath.h"

namespace luge {
namespace {

constexpr int64_t kChunk = 8192;  // elements; a multiple of the four words of a block

void draw(Distribution distribution, const RandomStream& stream, float a, float b, float* y,
          int64_t size) {
  assert(size <= int64_t{1} << 34);
  parallel_for((size + kChunk - 1) / kChunk, [&](int64_t chunk, int) {
    const int64_t begin = chunk * kChunk;
    fill_random(distribution, stream, static_cast<uint32_t>(begin / 4),
                std::min(kChunk, size - begin), a, b, y + begin);
  });
}

}  // namespace

void random_uniform(const RandomStream& stream, float low, float high, float* y, int64_t size) {
  draw(Distribution::uniform, stream, low, high, y, size);
}

void random_normal(const RandomStream& stream, float mean, float stddev, float* y, int64_t size) {
  draw(Distribution::normal, stream, mean, stddev, y, size);
}

void truncated_normal(const RandomStream& stream, float mean, float stddev, float* y,
                      int64_t size) {
  draw(Distribution::truncated_normal, stream, mean, stddev, y, size);
}

void dropout_mask(const RandomStream& stream, float rate, float* mask, int64_t size) {
  draw(Distribution::dropout_mask, stream, rate, 0.0f, mask, size);
}

void dropout(const RandomStream& stream, float rate, const float* x, float* y, int64_t size) {
  constexpr int64_t kBlock = 1024;
  parallel_for((size + kChunk - 1) / kChunk, [&](int64_t chunk, int) {
    alignas(64) float mask[kBlock];
    const int64_t end = std::min(size, (chunk + 1) * kChunk);
    for (int64_t begin = chunk * kChunk; begin < end; begin += kBlock) {
      const int64_t n = std::min(kBlock, end - begin);
      fill_random(Distribution::dropout_mask, stream, static_cast<uint32_t>(begin / 4), n, rate,
                  0.0f, mask);
      vmath(Vmath::mul, y + begin, x + begin, mask, nullptr, n);
    }
  });
}

}  // namespace luge
