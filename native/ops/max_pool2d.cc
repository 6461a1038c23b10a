#include "ops/checks.h"
#include "ops/op_table.h"
#include "ops/pool2d.h"

namespace luge {
namespace {

const char* check_with_index(const TensorView& x, const TensorView& y, const TensorView& index,
                             std::span<const int32_t> attrs) {
  if (const char* wrong = check_pool2d(x, y, attrs)) return wrong;
  const bool bytes = pool2d_shape(x, y, attrs).byte_index();
  if (index.dtype != (bytes ? DType::uint8 : DType::int32)) {
    return "index is uint8 for windows of up to 256 positions, int32 for larger ones";
  }
  return same_dims(index, y) ? nullptr : "index and y differ in shape";
}

// x -> y, and index where it is wanted
const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (call.outputs.size() == 1) return check_pool2d(x, y, call.attrs);
  if (call.outputs.size() > 2) return "pooling has two outputs at most";
  return check_with_index(x, y, call.outputs[1], call.attrs);
}

void run(const OpCall& call, const OpContext&) {
  max_pool2d(pool2d_shape(call.inputs[0], call.outputs[0], call.attrs),
             call.inputs[0].as<const float>(), call.outputs[0].as<float>(),
             call.outputs.size() > 1 ? call.outputs[1].data : nullptr);
}

// dy, index -> dx
const char* check_dx(const OpCall& call) {
  return check_with_index(call.outputs[0], call.inputs[0], call.inputs[1], call.attrs);
}

void run_dx(const OpCall& call, const OpContext&) {
  max_pool2d_dx(pool2d_shape(call.outputs[0], call.inputs[0], call.attrs),
                call.inputs[0].as<const float>(), call.inputs[1].data, call.outputs[0].as<float>());
}

}  // namespace

const Op max_pool2d_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op max_pool2d_dx_op = {
    .check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
