#include "kernels/softmax.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// logits [rows, classes]; labels are probabilities, float32 of the same shape, or classes, int32 or
// uint8 [rows]; loss [rows]
const char* check_operands(const TensorView& logits, const TensorView& labels,
                           const TensorView& loss) {
  if (!all_float32({&logits, &loss})) return "logits and losses are float32";
  if (logits.rank != 2 || !has_dims(loss, {logits.dims[0]})) return "the sizes do not agree";
  const bool fits = labels.dtype == DType::float32 ? same_dims(labels, logits)
                                                   : has_dims(labels, {logits.dims[0]});
  return fits ? nullptr : "labels are float32 [rows, classes], or int32 or uint8 [rows]";
}

Labels labels_of(const TensorView& labels) {
  return {.data = labels.data, .dtype = labels.dtype, .sparse = labels.dtype != DType::float32};
}

const char* check(const OpCall& call) {
  return check_operands(call.inputs[0], call.inputs[1], call.outputs[0]);
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& logits = call.inputs[0];
  softmax_cross_entropy(logits.as<const float>(), labels_of(call.inputs[1]),
                        call.outputs[0].as<float>(), logits.dims[0], logits.dims[1]);
}

const char* check_dlogits(const OpCall& call) {
  if (!all_float32({&call.outputs[0]}) || !same_dims(call.outputs[0], call.inputs[0])) {
    return "dlogits and logits differ";
  }
  return check_operands(call.inputs[0], call.inputs[1], call.inputs[2]);
}

void run_dlogits(const OpCall& call, const OpContext&) {
  const TensorView& logits = call.inputs[0];
  softmax_cross_entropy_dlogits(logits.as<const float>(), labels_of(call.inputs[1]),
                                call.inputs[2].as<const float>(), call.outputs[0].as<float>(),
                                logits.dims[0], logits.dims[1]);
}

}  // namespace

const Op softmax_cross_entropy_op = {
    .check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op softmax_cross_entropy_dlogits_op = {
    .check = check_dlogits, .workspace = nullptr, .run = run_dlogits, .in_place = false};

}  // namespace luge
