// The words of a map program, as they stand among an instruction's attributes.
//
// [operands, constants, instructions, outputs, sums, registers, size lo, size hi,
//  div lo, div hi, mod lo, mod hi   of every operand,
//  the bits of every constant,
//  function, dst, a, b, c           of every instruction,
//  register                         of every output, the sums over rows last]
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "kernels/map.h"

namespace luge {

inline constexpr int kMaxMapInstructions = 1024;

// Element i of the result reads element (i / div) % mod of the operand.
struct MapIndex {
  int64_t div;
  int64_t mod;
};

// A decoded map program. Large, but cheap to fill: made on the stack for every call.
class MapWords {
 public:
  // Null, or what is wrong with the words.
  const char* decode(std::span<const int32_t> words);

  // Points into this object.
  MapProgram program() const;
  std::span<const MapIndex> operands() const { return {operands_.data(), operand_count_}; }
  // Tensors that the program makes, the sums among them.
  size_t output_count() const { return output_count_; }
  size_t sum_count() const { return sum_count_; }
  int64_t size() const { return size_; }  // elements that the program works on, at least 1

 private:
  size_t operand_count_ = 0, constant_count_ = 0, instruction_count_ = 0, output_count_ = 0,
         sum_count_ = 0;
  int register_count_ = 0;
  int64_t size_ = 0;
  std::array<MapIndex, kMaxMapRegisters> operands_;
  std::array<float, kMaxMapRegisters> constants_;
  std::array<MapInstruction, kMaxMapInstructions> instructions_;
  std::array<uint16_t, kMaxMapRegisters> outputs_;
};

}  // namespace luge
