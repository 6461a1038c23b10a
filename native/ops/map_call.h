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
  bool has_sums() const { return words_.sum_count() > 0; }
  // Where the sums over rows go, and how long a row is.
  float* const* sums() const { return sums_.data(); }
  int64_t columns() const { return columns_; }

 private:
  const char* set(std::span<const TensorView> inputs, size_t products,
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
