// What the adaptors of recurrences share.
#pragma once

#include <algorithm>

#include "ops/checks.h"

namespace luge {

inline bool all_are_float32(const OpCall& call) {
  const auto is_real = [](const TensorView& view) { return view.dtype == DType::float32; };
  return std::all_of(call.inputs.begin(), call.inputs.end(), is_real) &&
         std::all_of(call.outputs.begin(), call.outputs.end(), is_real);
}

// Null when the recurrent kernel and what it adds to fit each other.
inline const char* check_gates(const TensorView& recurrent, const TensorView& gates,
                               int64_t count) {
  if (gates.rank != 3 || recurrent.rank != 2) return "gates have rank 3, their kernel rank 2";
  const int64_t units = recurrent.dims[0];
  if (!product_fits({count, units, units}) || recurrent.dims[1] != count * units ||
      gates.dims[2] != count * units) {
    return "the kernel is [units, gates * units], and gates are [batch, time, gates * units]";
  }
  return product_fits({gates.dims[0], gates.dims[1], count, units, units}) ? nullptr
                                                                           : "it is too large";
}

inline const float* optional_input(const OpCall& call, size_t index) {
  return index < call.inputs.size() ? call.inputs[index].as<const float>() : nullptr;
}

inline float* optional_output(const OpCall& call, size_t index) {
  return index < call.outputs.size() ? call.outputs[index].as<float>() : nullptr;
}

}  // namespace luge
