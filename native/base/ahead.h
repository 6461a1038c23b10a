// Memory that the next step will read, asked for bit by bit while this one computes: each thread of
// a team asks for a share of it between two pieces of a loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace luge {

// Rows of an array, in the order in which they will be read.
struct RowsAhead {
  const std::byte* data;
  int64_t row_bytes;
  const int32_t* rows;
  int64_t count;
};

class Ahead {
 public:
  explicit Ahead(int threads) : shares_(threads) {}

  // From now on asks for these rows, for each thread its part of every array. Neither this nor the
  // next during a loop.
  void start(std::span<const RowsAhead> arrays);
  // Asks for no more: the arrays and their rows may go.
  void stop() { arrays_.clear(); }

  // Between two pieces of a loop, on any thread of the team.
  void fetch(int thread) {
    Share& share = shares_[thread];
    ++share.calls;
    if (share.array < arrays_.size()) fetch_some(share);
  }

 private:
  struct alignas(64) Share {
    int thread = 0;
    size_t array = 0;     // that comes next, and in it
    int64_t row = 0;      // of the thread's part
    int64_t offset = 0;   // in bytes
    int64_t calls = 0;    // since the last start
    int64_t at_once = 0;  // lines for each call
  };

  void fetch_some(Share& share);
  int64_t first_row(const RowsAhead& array, int64_t thread) const;

  std::vector<RowsAhead> arrays_;
  std::vector<Share> shares_;
};

}  // namespace luge
