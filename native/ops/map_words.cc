#include "ops/map_words.h"

#include <bit>

namespace luge {
namespace {

constexpr size_t kCounts = 6, kHeader = kCounts + 2, kOperand = 4, kInstruction = 5;
constexpr int64_t kMostElements = int64_t{1} << 48;

int64_t join(int32_t low, int32_t high) {
  return static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint32_t>(high)) << 32 |
                              static_cast<uint32_t>(low));
}

bool fits_u16(int32_t word) { return word >= 0 && word <= UINT16_MAX; }

}  // namespace

const char* MapWords::decode(std::span<const int32_t> words) {
  if (words.size() < kHeader) return "a map program is cut off";
  for (size_t i = 0; i < kCounts; ++i) {
    const int32_t most = i == 2 ? kMaxMapInstructions : kMaxMapRegisters;
    if (words[i] < 0 || words[i] > most) {
      return "a map program has more than 256 registers or 1024 instructions";
    }
  }
  operand_count_ = words[0];
  constant_count_ = words[1];
  instruction_count_ = words[2];
  output_count_ = words[3];
  sum_count_ = words[4];
  register_count_ = words[5];
  size_ = join(words[6], words[7]);
  if (size_ < 1 || size_ > kMostElements) return "a map's size is out of range";
  if (sum_count_ > output_count_ || sum_count_ > kMaxMapSums) {
    return "a map has more sums than outputs, or more than 16";
  }
  if (words.size() != kHeader + operand_count_ * kOperand + constant_count_ +
                          instruction_count_ * kInstruction + output_count_) {
    return "a map program's length does not fit its counts";
  }
  const int32_t* next = words.data() + kHeader;
  for (size_t i = 0; i < operand_count_; ++i, next += kOperand) {
    operands_[i] = {join(next[0], next[1]), join(next[2], next[3])};
  }
  for (size_t i = 0; i < constant_count_; ++i) constants_[i] = std::bit_cast<float>(*next++);
  for (size_t i = 0; i < instruction_count_; ++i, next += kInstruction) {
    for (size_t field = 0; field < kInstruction; ++field) {
      if (!fits_u16(next[field])) return "a map instruction has a number out of range";
    }
    const auto field = [&](size_t k) { return static_cast<uint16_t>(next[k]); };
    instructions_[i] = {static_cast<Vmath>(field(0)), field(1), field(2), field(3), field(4)};
  }
  for (size_t i = 0; i < output_count_; ++i) {
    if (!fits_u16(*next)) return "a map output has a number out of range";
    outputs_[i] = static_cast<uint16_t>(*next++);
  }
  return check_map(program());
}

MapProgram MapWords::program() const {
  return {.instructions = {instructions_.data(), instruction_count_},
          .constants = {constants_.data(), constant_count_},
          .outputs = {outputs_.data(), output_count_ - sum_count_},
          .operands = static_cast<int>(operand_count_),
          .registers = register_count_,
          .sums = {outputs_.data() + output_count_ - sum_count_, sum_count_}};
}

}  // namespace luge
