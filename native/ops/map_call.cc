#include "ops/map_call.h"

namespace luge {

const char* MapCall::set_map(const OpCall& call) {
  return set(nullptr, call.inputs, call.outputs, call.attrs);
}

const char* MapCall::set_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs) {
  const TensorView& product = call.outputs[0];
  if (product.dtype != DType::float32) return "a product is float32";
  if (const char* wrong = set(&product, call.inputs.subspan(fixed_inputs), call.outputs,
                              call.attrs.subspan(fixed_attrs))) {
    return wrong;
  }
  // Ranges of rows end where rows of the sums end.
  return !has_sums() || product.dims[product.rank - 1] % columns_ == 0
             ? nullptr
             : "the columns of a sum do not divide those of the product";
}

const char* MapCall::set_rows(const OpCall& call, int64_t product_size, size_t fixed_inputs,
                              size_t fixed_attrs) {
  const TensorView product{.dtype = DType::float32, .size = product_size};
  if (const char* wrong = set(&product, call.inputs.subspan(fixed_inputs), call.outputs,
                              call.attrs.subspan(fixed_attrs))) {
    return wrong;
  }
  if (has_sums()) return "rows that are not kept are not summed";
  return size_ == product_size ? nullptr : "the map is not of the product's size";
}

const char* MapCall::set(const TensorView* product, std::span<const TensorView> inputs,
                         std::span<const TensorView> outputs, std::span<const int32_t> words) {
  const size_t products = product == nullptr ? 0 : 1;
  if (const char* wrong = words_.decode(words)) return wrong;
  if (words_.operands().size() != products + inputs.size() ||
      words_.output_count() != outputs.size()) {
    return "the map program has another number of operands or outputs than the call";
  }
  if (outputs.empty()) return "a map needs an output";
  const size_t wholes = outputs.size() - words_.sum_count();
  if (wholes < products) return "a product needs an output of its size";
  size_ = words_.size();
  for (size_t i = 0; i < wholes; ++i) {
    if (outputs[i].size != size_) return "an output of a map is not of the map's size";
    outputs_[i] = {outputs[i].data, outputs[i].dtype};
  }
  if (const char* wrong = set_sums(outputs.subspan(wholes))) return wrong;
  bool covered = wholes > 0;
  for (size_t i = 0; i < words_.operands().size(); ++i) {
    const TensorView& view = i < products ? *product : inputs[i - products];
    const MapIndex index = words_.operands()[i];
    if (index.mod != view.size) return "a map operand's mod is not its tensor's size";
    if (index.div < 1 || index.div > size_ / index.mod || size_ % (index.div * index.mod) != 0) {
      return "a map operand's div and mod do not divide the outputs' size";
    }
    covered = covered || index.div * index.mod == size_;
    operands_[i] = {view.data, view.dtype, index.div, index.mod};
  }
  return covered ? nullptr : "a map of sums alone needs an operand of its size";
}

const char* MapCall::set_sums(std::span<const TensorView> sums) {
  if (sums.empty()) return nullptr;
  columns_ = sums[0].size;
  if (columns_ > kMaxSumColumns || size_ % columns_ != 0) {
    return "the sums of a map are of rows of at most 1024 columns, which divide its size";
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    if (sums[i].dtype != DType::float32 || sums[i].size != columns_) {
      return "the sums of a map are float32 and of one size";
    }
    sums_[i] = sums[i].as<float>();
  }
  return nullptr;
}

}  // namespace luge
