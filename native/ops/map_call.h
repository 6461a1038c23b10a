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

  MapProgram program() const { return words_.program(); }
  const MapOperand* operands() const { return operands_.data(); }
  const MapOutput* outputs() const { return outputs_.data(); }
  int64_t size() const { return size_; }

 private:
  const char* set(std::span<const TensorView> inputs, size_t products,
                  std::span<const TensorView> outputs, std::span<const int32_t> words);

  MapWords words_;
  int64_t size_ = 0;
  std::array<MapOperand, kMaxMapRegisters> operands_;
  std::array<MapOutput, kMaxMapRegisters> outputs_;
};

}  // namespace luge
