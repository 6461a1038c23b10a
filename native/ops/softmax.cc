#include "kernels/softmax.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// Every operand is [rows, classes].
const char* check(const OpCall& call) {
  const TensorView& result = call.outputs[0];
  if (result.rank != 2 || result.dtype != DType::float32) return "it is float32 of rank 2";
  for (const TensorView& input : call.inputs) {
    if (input.dtype != DType::float32 || !same_dims(input, result)) return "the operands differ";
  }
  return nullptr;
}

using Forward = void (*)(const float* x, float* y, int64_t rows, int64_t n);
using Backward = void (*)(const float* dy, const float* y, float* dx, int64_t rows, int64_t n);

template <Forward forward>
void run(const OpCall& call, const OpContext&) {
  const TensorView& y = call.outputs[0];
  forward(call.inputs[0].as<const float>(), y.as<float>(), y.dims[0], y.dims[1]);
}

template <Backward backward>
void run_dx(const OpCall& call, const OpContext&) {
  const TensorView& dx = call.outputs[0];
  backward(call.inputs[0].as<const float>(), call.inputs[1].as<const float>(), dx.as<float>(),
           dx.dims[0], dx.dims[1]);
}

}  // namespace

const Op softmax_op = {.check = check, .workspace = nullptr, .run = run<softmax>, .in_place = true};
const Op softmax_dx_op = {
    .check = check, .workspace = nullptr, .run = run_dx<softmax_dx>, .in_place = true};
const Op log_softmax_op = {
    .check = check, .workspace = nullptr, .run = run<log_softmax>, .in_place = true};
const Op log_softmax_dx_op = {
    .check = check, .workspace = nullptr, .run = run_dx<log_softmax_dx>, .in_place = true};

}  // namespace luge
