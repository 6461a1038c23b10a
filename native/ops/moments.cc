#include "kernels/moments.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// x [outer, n, inner] -> mean, variance [outer, inner]
ReduceShape shape_of(const OpCall& call) {
  const auto& dims = call.inputs[0].dims;
  return {.outer = dims[0], .n = dims[1], .inner = dims[2]};
}

const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& mean = call.outputs[0];
  const TensorView& variance = call.outputs[1];
  if (!all_float32({&x, &mean, &variance})) return "moments are of float32";
  if (x.rank != 3) return "x is of rank 3";
  for (const TensorView* y : {&mean, &variance}) {
    if (!has_dims(*y, {x.dims[0], x.dims[2]})) return "mean or variance is not x without axis 1";
  }
  return nullptr;
}

int64_t workspace(const OpCall& call, int) { return moments_workspace(shape_of(call)); }

void run(const OpCall& call, const OpContext& context) {
  moments(call.inputs[0].as<const float>(), call.outputs[0].as<float>(),
          call.outputs[1].as<float>(), shape_of(call), context.workspace);
}

}  // namespace

const Op moments_op = {.check = check, .workspace = workspace, .run = run, .in_place = false};

}  // namespace luge
