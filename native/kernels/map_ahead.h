// What a map will read next, brought closer while it works on what it has.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "kernels/map.h"
#include "kernels/matmul_tiling.h"

namespace luge {

// Memory takes longer to answer than processors look ahead when every operand is read in short
// pieces. So the lines of the next block are asked for bit by bit, a share before each instruction.
class MapAhead {
 public:
  // Whether an operand of so many elements may have to come from beyond the second-level cache.
  static bool is_far(int64_t elements) { return elements >= int64_t{1} << 17; }

  // From where on an operand is read one element after the other.
  void add(const float* data) { operands_[count_++] = data; }

  // The next block: elements [begin, begin + size) behind those addresses, none for size <= 0.
  void start(int64_t begin, int64_t size, int64_t shares) {
    begin_ = begin;
    lines_ = std::max<int64_t>(size, 0) / kLine;
    share_ = lines_ == 0 ? 0 : ceil_div(lines_ * count_, std::max<int64_t>(shares, 1));
    operand_ = 0;
    line_ = 0;
  }

  void fetch_share() {
    for (int64_t left = share_; left > 0 && operand_ < count_; --left) {
      __builtin_prefetch(operands_[operand_] + begin_ + line_ * kLine);
      if (++line_ < lines_) continue;
      line_ = 0;
      ++operand_;
    }
  }

 private:
  static constexpr int64_t kLine = 16;  // floats

  std::array<const float*, kMaxMapRegisters> operands_;
  int count_ = 0;
  int64_t begin_ = 0, lines_ = 0, share_ = 0;
  int operand_ = 0;
  int64_t line_ = 0;
};

}  // namespace luge
