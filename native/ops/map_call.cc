#include "ops/map_call.h"

namespace luge {

const char* MapCall::set_map(const OpCall& call) {
  return set(call.inputs, 0, call.outputs, call.attrs);
}

const char* MapCall::set_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs) {
  if (call.outputs[0].dtype != DType::float32) return "a product is float32";
  return set(call.inputs.subspan(fixed_inputs), 1, call.outputs, call.attrs.subspan(fixed_attrs));
}

const char* MapCall::set(std::span<const TensorView> inputs, size_t products,
                         std::span<const TensorView> outputs, std::span<const int32_t> words) {
  if (const char* wrong = words_.decode(words)) return wrong;
  if (words_.operands().size() != products + inputs.size() ||
      words_.output_count() != outputs.size()) {
    return "the map program has another number of operands or outputs than the call";
  }
  if (outputs.empty()) return "a map needs an output";
  size_ = outputs[0].size;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].size != size_) return "the outputs of a map differ in size";
    outputs_[i] = {outputs[i].data, outputs[i].dtype};
  }
  for (size_t i = 0; i < words_.operands().size(); ++i) {
    const TensorView& view = i < products ? outputs[0] : inputs[i - products];
    const MapIndex index = words_.operands()[i];
    if (index.mod != view.size) return "a map operand's mod is not its tensor's size";
    if (index.div < 1 || index.div > size_ / index.mod || size_ % (index.div * index.mod) != 0) {
      return "a map operand's div and mod do not divide the outputs' size";
    }
    operands_[i] = {view.data, view.dtype, index.div, index.mod};
  }
  return nullptr;
}

}  // namespace luge
