// Writes program blobs for tests, as lib/compile does.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include "ops/op_table.h"
#include "program/decode.h"
#include "simd/vmath.h"

namespace luge {

inline int32_t opcode(const std::string& name) {
  for (size_t i = 0; i < op_table().size(); ++i) {
    if (op_table()[i].name == name) return static_cast<int32_t>(i);
  }
  throw std::invalid_argument(name);
}

inline int32_t bits(float value) { return std::bit_cast<int32_t>(value); }

// Writes the words of a map program.
struct MapWriter {
  struct Index {
    int64_t div, mod;
  };
  struct Step {
    Vmath function;
    int32_t dst, a, b = 0, c = 0;
  };
  std::vector<Index> operands;
  std::vector<float> constants;
  std::vector<Step> steps;
  std::vector<int32_t> outputs;
  int32_t registers;
  int32_t sums = 0;  // of the last outputs
  int64_t size = 0;  // elements; 0: as the largest operand

  std::vector<int32_t> words() const {
    std::vector<int32_t> w;
    for (const size_t count : {operands.size(), constants.size(), steps.size(), outputs.size()}) {
      w.push_back(static_cast<int32_t>(count));
    }
    w.push_back(sums);
    w.push_back(registers);
    int64_t whole = std::max<int64_t>(size, 1);
    if (size == 0) {
      for (const Index& index : operands) whole = std::max(whole, index.div * index.mod);
    }
    w.push_back(static_cast<int32_t>(whole));
    w.push_back(static_cast<int32_t>(whole >> 32));
    for (const Index& index : operands) {
      for (const int64_t value : {index.div, index.mod}) {
        w.push_back(static_cast<int32_t>(value));
        w.push_back(static_cast<int32_t>(value >> 32));
      }
    }
    for (const float constant : constants) w.push_back(bits(constant));
    for (const Step& s : steps) {
      for (const int32_t word : {static_cast<int32_t>(s.function), s.dst, s.a, s.b, s.c}) {
        w.push_back(word);
      }
    }
    for (const int32_t output : outputs) w.push_back(output);
    return w;
  }
};

class Blob {
 public:
  using Words = std::vector<int32_t>;

  // Returns the storage's number.
  int store(int64_t bytes) {
    stores_.push_back(bytes);
    return static_cast<int>(stores_.size());
  }

  // In the arena, with a gap before the next; or in a store at a byte offset.
  int tensor(std::vector<int64_t> dims, DType dtype = DType::float32, int storage = 0,
             int64_t offset = -1) {
    int64_t bytes = size_of(dtype);
    for (const int64_t dim : dims) bytes *= dim;
    if (offset < 0) {
      offset = arena_;
      arena_ += (bytes + 63) / 64 * 64 + 64;
    }
    push(tensors_, {static_cast<uint32_t>(dtype), static_cast<uint32_t>(storage),
                    static_cast<uint32_t>(offset), static_cast<uint32_t>(offset >> 32),
                    static_cast<uint32_t>(dims.size())});
    for (const int64_t dim : dims) tensors_.push_back(static_cast<uint32_t>(dim));
    return tensor_count_++;
  }

  Blob& op(const std::string& name, const Words& inputs, const Words& outputs,
           const Words& attrs = {}) {
    push(instructions_,
         {static_cast<uint32_t>(opcode(name)), static_cast<uint32_t>(inputs.size()),
          static_cast<uint32_t>(outputs.size()), static_cast<uint32_t>(attrs.size())});
    for (const Words* list : {&inputs, &outputs, &attrs}) {
      for (const int32_t word : *list) instructions_.push_back(static_cast<uint32_t>(word));
    }
    ++instruction_count_;
    return *this;
  }

  int feed(int tensor, bool indexed = false) {
    push(feeds_, {static_cast<uint32_t>(tensor), indexed ? 1u : 0u});
    return tensor;
  }

  void prologue(int instructions) { prologue_ = instructions; }

  void result(int tensor) { results_.push_back(static_cast<uint32_t>(tensor)); }

  std::vector<uint32_t> words() const {
    std::vector<uint32_t> w = {kProgramMagic,
                               kProgramVersion,
                               0,
                               static_cast<uint32_t>(arena_),
                               static_cast<uint32_t>(arena_ >> 32),
                               static_cast<uint32_t>(stores_.size()),
                               static_cast<uint32_t>(tensor_count_),
                               static_cast<uint32_t>(instruction_count_),
                               static_cast<uint32_t>(feeds_.size() / 2),
                               static_cast<uint32_t>(results_.size()),
                               0,
                               static_cast<uint32_t>(prologue_)};
    for (const int64_t bytes : stores_) {
      push(w, {static_cast<uint32_t>(bytes), static_cast<uint32_t>(bytes >> 32)});
    }
    for (const auto* table : {&tensors_, &instructions_, &feeds_, &results_}) {
      w.insert(w.end(), table->begin(), table->end());
    }
    w[2] = static_cast<uint32_t>(w.size());
    sign(w);
    return w;
  }

  static void sign(std::vector<uint32_t>& words) { words[kChecksumWord] = program_checksum(words); }

  Program program() const { return decode_program(words()); }

 private:
  static void push(std::vector<uint32_t>& to, std::initializer_list<uint32_t> words) {
    to.insert(to.end(), words);
  }

  int64_t arena_ = 0;
  std::vector<int64_t> stores_;
  std::vector<uint32_t> tensors_, instructions_, feeds_, results_;
  int tensor_count_ = 0, instruction_count_ = 0, prologue_ = 0;
};

}  // namespace luge
