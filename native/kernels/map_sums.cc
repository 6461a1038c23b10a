#include "kernels/map_sums.h"

#include <algorithm>
#include <cassert>

#include "kernels/matmul_tiling.h"
#include "simd/reduce_rows.h"

namespace luge {
namespace {

constexpr int64_t kTurns = 64;  // summed in single precision before going to double
constexpr int64_t kLine = 16;   // floats of a cache line

int64_t lanes_size(const SumsShape& shape) { return round_up(shape.count * shape.wide(), kLine); }
int64_t totals_size(const SumsShape& shape, int64_t ranges) {
  return round_up(2 * ranges * shape.count * shape.columns, kLine);
}

}  // namespace

RangeSums::RangeSums(const SumsShape& shape, float* lanes, double* totals)
    : shape_(shape), wide_(shape.wide()), lanes_(lanes), totals_(totals) {
  std::fill_n(lanes_, shape.count * wide_, 0.0f);
  std::fill_n(totals_, shape.count * shape.columns, 0.0);
}

void RangeSums::add(int sum, const float* x, int64_t n) {
  float* lanes = lanes_ + sum * wide_;
  int64_t& filled = filled_[sum];
  while (n > 0) {
    const int64_t lane = filled % wide_;
    int64_t taken = std::min(n, wide_ - lane);
    if (taken < wide_) {
      reduce_columns(Reduction::sum, x, 1, taken, taken, lanes + lane);
    } else {
      const int64_t turns = std::min(n / wide_, kTurns - filled / wide_);
      reduce_columns(Reduction::sum, x, turns, wide_, wide_, lanes);
      taken = turns * wide_;
    }
    filled += taken;
    x += taken;
    n -= taken;
    if (filled == kTurns * wide_) fold(sum);
  }
}

void RangeSums::finish() {
  for (int sum = 0; sum < shape_.count; ++sum) fold(sum);
}

void RangeSums::fold(int sum) {
  float* lanes = lanes_ + sum * wide_;
  double* totals = totals_ + sum * shape_.columns;
  for (int64_t i = 0; i < wide_; i += shape_.columns) {
    for (int64_t j = 0; j < shape_.columns; ++j) totals[j] += lanes[i + j];
  }
  std::fill_n(lanes, wide_, 0.0f);
  filled_[sum] = 0;
}

int64_t MapSums::workspace(const SumsShape& shape, int64_t ranges, int threads) {
  const int64_t keys = round_up(ranges * static_cast<int64_t>(sizeof(Key) / sizeof(float)), kLine);
  return keys + totals_size(shape, ranges) + threads * lanes_size(shape);
}

MapSums::MapSums(const SumsShape& shape, int64_t ranges, int threads, float* workspace)
    : shape_(shape),
      most_(ranges),
      keys_(reinterpret_cast<Key*>(workspace)),
      totals_(reinterpret_cast<double*>(workspace + MapSums::workspace(shape, ranges, threads) -
                                        threads * lanes_size(shape) - totals_size(shape, ranges))),
      lanes_(workspace + MapSums::workspace(shape, ranges, threads) - threads * lanes_size(shape)) {
}

RangeSums MapSums::range(int64_t begin, int thread) {
  const int64_t slot = used_.fetch_add(1, std::memory_order_relaxed);
  assert(slot < most_);
  keys_[slot] = {begin, slot};
  return {shape_, lanes_ + thread * lanes_size(shape_), totals_ + slot * range_size()};
}

void MapSums::write(float* const* outputs) {
  const int64_t used = used_.load(std::memory_order_relaxed);
  std::sort(keys_, keys_ + used, [](const Key& a, const Key& b) { return a.begin < b.begin; });
  for (int sum = 0; sum < shape_.count; ++sum) {
    double all[kMaxSumColumns] = {};
    for (int64_t i = 0; i < used; ++i) {
      const double* totals = totals_ + keys_[i].slot * range_size() + sum * shape_.columns;
      for (int64_t j = 0; j < shape_.columns; ++j) all[j] += totals[j];
    }
    std::transform(all, all + shape_.columns, outputs[sum],
                   [](double total) { return static_cast<float>(total); });
  }
}

}  // namespace luge
