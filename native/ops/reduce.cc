#include "kernels/reduce.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// x [outer, n, inner] -> y [outer, inner]
ReduceShape shape_of(const OpCall& call) {
  const auto& dims = call.inputs[0].dims;
  return {.outer = dims[0], .n = dims[1], .inner = dims[2]};
}

const char* check_shapes(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  if (x.rank != 3) return "x is of rank 3";
  return has_dims(call.outputs[0], {x.dims[0], x.dims[2]}) ? nullptr : "y is not x without axis 1";
}

const char* check(const OpCall& call) {
  const DType dtype = call.inputs[0].dtype;
  if (dtype != call.outputs[0].dtype || dtype == DType::uint8) {
    return "x and y are both float32 or both int32";
  }
  return check_shapes(call);
}

int64_t workspace(const OpCall& call, int) {
  return call.inputs[0].dtype == DType::float32 ? reduce_workspace(shape_of(call)) : 0;
}

template <Reduction reduction>
void run(const OpCall& call, const OpContext& context) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (x.dtype == DType::int32) {
    reduce_i32(reduction, x.as<const int32_t>(), y.as<int32_t>(), shape_of(call));
  } else {
    reduce(reduction, x.as<const float>(), y.as<float>(), shape_of(call), context.workspace);
  }
}

const char* check_arg(const OpCall& call) {
  if (call.inputs[0].dtype != DType::float32 || call.outputs[0].dtype != DType::int32) {
    return "x is float32 and y int32";
  }
  if (const char* wrong = check_shapes(call)) return wrong;
  return call.inputs[0].dims[1] <= INT32_MAX ? nullptr : "the axis is too long for int32";
}

template <Extremum extremum>
void run_arg(const OpCall& call, const OpContext&) {
  reduce_arg(extremum, call.inputs[0].as<const float>(), call.outputs[0].as<int32_t>(),
             shape_of(call));
}

template <Reduction reduction>
constexpr Op reduce_op() {
  return {.check = check, .workspace = workspace, .run = run<reduction>, .in_place = false};
}

template <Extremum extremum>
constexpr Op arg_op() {
  return {.check = check_arg, .workspace = nullptr, .run = run_arg<extremum>, .in_place = false};
}

}  // namespace

const Op reduce_sum_op = reduce_op<Reduction::sum>();
const Op reduce_max_op = reduce_op<Reduction::max>();
const Op reduce_min_op = reduce_op<Reduction::min>();
const Op reduce_prod_op = reduce_op<Reduction::prod>();
const Op argmax_op = arg_op<Extremum::max>();
const Op argmin_op = arg_op<Extremum::min>();

}  // namespace luge
