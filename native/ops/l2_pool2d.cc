#include "ops/checks.h"
#include "ops/op_table.h"
#include "ops/pool2d.h"

namespace luge {
namespace {

const char* check(const OpCall& call) {
  return check_pool2d(call.inputs[0], call.outputs[0], call.attrs);
}

void run(const OpCall& call, const OpContext&) {
  l2_pool2d(pool2d_shape(call.inputs[0], call.outputs[0], call.attrs),
            call.inputs[0].as<const float>(), call.outputs[0].as<float>());
}

// x, y, dy -> dx
const char* check_dx(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.inputs[1];
  const TensorView& dy = call.inputs[2];
  const TensorView& dx = call.outputs[0];
  if (!all_float32({&dy, &dx})) return "pooling is of float32";
  if (!same_dims(y, dy) || !same_dims(x, dx)) return "gradients differ in shape from x or y";
  return check_pool2d(x, y, call.attrs);
}

void run_dx(const OpCall& call, const OpContext&) {
  l2_pool2d_dx(pool2d_shape(call.inputs[0], call.inputs[1], call.attrs),
               call.inputs[0].as<const float>(), call.inputs[1].as<const float>(),
               call.inputs[2].as<const float>(), call.outputs[0].as<float>());
}

}  // namespace

const Op l2_pool2d_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op l2_pool2d_dx_op = {
    .check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
