#include "kernels/random.h"

#include <algorithm>
#include <cassert>

#include "base/parallel.h"
#include "simd/vmath.h"

namespace luge {
namespace {

constexpr int64_t kPiece = 4096;  // elements worth a thread
constexpr int64_t kBlockWords = 4;

void draw(Distribution distribution, const RandomStream& stream, float a, float b, float* y,
          int64_t size) {
  assert(size <= int64_t{1} << 34);
  parallel_pieces(size, kPiece, [&](int64_t begin, int64_t end, int) {
    fill_random(distribution, stream, static_cast<uint32_t>(begin / kBlockWords), end - begin, a, b,
                y + begin);
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
  parallel_pieces(size, kPiece, [&](int64_t begin, int64_t end, int) {
    alignas(64) float mask[kBlock];
    for (int64_t i = begin; i < end; i += kBlock) {
      const int64_t n = std::min(kBlock, end - i);
      fill_random(Distribution::dropout_mask, stream, static_cast<uint32_t>(i / kBlockWords), n,
                  rate, 0.0f, mask);
      vmath(Vmath::mul, y + i, x + i, mask, nullptr, n);
    }
  });
}

}  // namespace luge
