#include "kernels/gather.h"

#include <algorithm>
#include <limits>

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// x [outer, n, inner], indices [count] -> y [outer, count, inner]; or their gradients.
GatherShape shape_of(const TensorView& x, const TensorView& indices) {
  return {.outer = x.dims[0], .n = x.dims[1], .inner = x.dims[2], .count = indices.dims[0]};
}

const char* check_shapes(const TensorView& x, const TensorView& indices, const TensorView& y) {
  if (x.dtype != y.dtype) return "dtypes differ";
  if (indices.dtype != DType::int32 || indices.rank != 1) return "indices are int32 of rank 1";
  if (x.rank != 3) return "x and y are of rank 3";
  return has_dims(y, {x.dims[0], indices.dims[0], x.dims[2]}) ? nullptr : "the sizes do not agree";
}

const char* check(const OpCall& call) {
  return check_shapes(call.inputs[0], call.inputs[1], call.outputs[0]);
}

// A model must show an index that is none, not hide it in zeros.
void mark_missing(const int32_t* indices, const GatherShape& s, float* y) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (int64_t row = 0; row < s.outer * s.count; ++row) {
    const int32_t index = indices[row % s.count];
    if (index < 0 || index >= s.n) std::fill_n(y + row * s.inner, s.inner, kNaN);
  }
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const int32_t* indices = call.inputs[1].as<const int32_t>();
  const GatherShape s = shape_of(x, call.inputs[1]);
  const bool complete = gather(x.data, indices, y.data, s, size_of(x.dtype));
  if (!complete && x.dtype == DType::float32) mark_missing(indices, s, y.as<float>());
}

const char* check_dx(const OpCall& call) {
  if (!all_float32({&call.inputs[0]})) return "a gradient is float32";
  return check_shapes(call.outputs[0], call.inputs[1], call.inputs[0]);
}

void run_dx(const OpCall& call, const OpContext&) {
  gather_dx(call.inputs[0].as<const float>(), call.inputs[1].as<const int32_t>(),
            call.outputs[0].as<float>(), shape_of(call.outputs[0], call.inputs[1]));
}

}  // namespace

const Op gather_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op gather_dx_op = {.check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
