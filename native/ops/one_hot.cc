#include "kernels/gather.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// indices [count] -> y [count, classes]
const char* check(const OpCall& call) {
  const TensorView& indices = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (indices.dtype == DType::float32 || y.dtype != DType::float32) {
    return "indices are int32 or uint8 and y float32";
  }
  return indices.rank == 1 && has_dims(y, {indices.dims[0], y.dims[1]}) ? nullptr
                                                                        : "the sizes do not agree";
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& indices = call.inputs[0];
  const TensorView& y = call.outputs[0];
  one_hot(indices.data, indices.dtype, y.as<float>(), y.dims[0], y.dims[1]);
}

}  // namespace

const Op one_hot_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};

}  // namespace luge
