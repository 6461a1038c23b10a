// Sums over rows of what a map computes, taken while it is in the first-level cache.
//
// Elements are cut into ranges of whole rows, by shape alone; each range has sums of its own, and
// they are added in the order of the ranges, whoever ran them. Within a range element e goes to
// lane e % wide, in single precision for 64 turns and then in double, so that neither the blocks in
// which it comes nor the length of a range costs digits or changes a bit.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace luge {

inline constexpr int kMaxMapSums = 16;
inline constexpr int64_t kMaxSumColumns = 1024;

// Which sums a map has: so many, each over rows of so many columns.
struct SumsShape {
  int count = 0;
  int64_t columns = 1;

  // Lanes that take part: narrow rows are taken several at a time.
  int64_t wide() const { return columns < 64 ? (64 + columns - 1) / columns * columns : columns; }
};

// The sums of one range, on one thread.
class RangeSums {
 public:
  RangeSums(const SumsShape& shape, float* lanes, double* totals);

  // Adds the next n elements of a sum. Those of a block go to all sums before the next block.
  void add(int sum, const float* x, int64_t n);
  // All elements have been added.
  void finish();

 private:
  void fold(int sum);

  SumsShape shape_;
  int64_t wide_;
  float* lanes_;
  double* totals_;
  std::array<int64_t, kMaxMapSums> filled_{};  // elements in the lanes, at most 64 * wide
};

// The sums of all ranges.
class MapSums {
 public:
  // Floats of 64-byte aligned workspace for up to `ranges` ranges.
  static int64_t workspace(const SumsShape& shape, int64_t ranges, int threads);

  MapSums(const SumsShape& shape, int64_t ranges, int threads, float* workspace);

  // For the range that begins with this element; each begins with another.
  RangeSums range(int64_t begin, int thread);
  // Adds up the ranges: outputs[sum][column].
  void write(float* const* outputs);

 private:
  struct Key {
    int64_t begin;
    int64_t slot;
  };

  int64_t range_size() const { return shape_.count * shape_.columns; }

  SumsShape shape_;
  int64_t most_;
  std::atomic<int64_t> used_{0};
  Key* keys_;
  double* totals_;
  float* lanes_;
};

}  // namespace luge
