// A map program on its tensors: a map of its own, or the epilogue of a product.
#pragma once

#include <array>

#include "ops/map_words.h"
#include "ops/op.h"

namespace luge {

class MapCall {
 public:
  // Operands are the inputs, in order. Null, or what is wrong.
  const char* set_map(const OpCall& call);
  // Operand 0 is the product, which is made in the first output; the further ones are the inputs
  // after `fixed_inputs`. The program stands behind `fixed_attrs` attributes.
  const char* set_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs);
  // The same, but operand 0 is a product of which no tensor holds more than some rows: its memory
  // is given to `operands_on`.
  const char* set_rows(const OpCall& call, int64_t product_size, size_t fixed_inputs,
                       size_t fixed_attrs);

  MapProgram program() const { return words_.program(); }
  const MapOperand* operands() const { return operands_.data(); }
  // The operands where the product's elements lie in `rows`, `count` of them at a time.
  std::array<MapOperand, kMaxMapRegisters> operands_on(const float* rows, int64_t count) const {
    auto operands = operands_;
    operands[0] = {rows, DType::float32, 1, count};
    return operands;
  }
  const MapOutput* outputs() const { return outputs_.data(); }
  int64_t size() const { return size_; }
  bool has_sums() const { return words_.sum_count() > 0; }
  // Where the sums over rows go, and how long a row is.
  float* const* sums() const { return sums_.data(); }
  int64_t columns() const { return columns_; }

 private:
  const char* set(const TensorView* product, std::span<const TensorView> inputs,
                  std::span<const TensorView> outputs, std::span<const int32_t> words);
  const char* set_sums(std::span<const TensorView> sums);

  MapWords words_;
  int64_t size_ = 0;
  int64_t columns_ = 1;
  std::array<MapOperand, kMaxMapRegisters> operands_;
  std::array<MapOutput, kMaxMapRegisters> outputs_;
  std::array<float*, kMaxMapSums> sums_;
};

}  // namespace luge
