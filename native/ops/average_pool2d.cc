#include "ops/op_table.h"
#include "ops/pool2d.h"

namespace luge {
namespace {

const char* check(const OpCall& call) {
  return check_pool2d(call.inputs[0], call.outputs[0], call.attrs);
}

void run(const OpCall& call, const OpContext&) {
  average_pool2d(pool2d_shape(call.inputs[0], call.outputs[0], call.attrs),
                 call.inputs[0].as<const float>(), call.outputs[0].as<float>());
}

const char* check_dx(const OpCall& call) {
  return check_pool2d(call.outputs[0], call.inputs[0], call.attrs);
}

void run_dx(const OpCall& call, const OpContext&) {
  average_pool2d_dx(pool2d_shape(call.outputs[0], call.inputs[0], call.attrs),
                    call.inputs[0].as<const float>(), call.outputs[0].as<float>());
}

}  // namespace

const Op average_pool2d_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op average_pool2d_dx_op = {
    .check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
