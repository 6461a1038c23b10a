#include <algorithm>

#include "kernels/transpose.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// y[i] = x[begin + i * stride]; the attributes are begin, then stride, for every axis.
const char* check_steps(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs) {
  if (x.dtype != y.dtype) return "dtypes differ";
  if (x.rank != y.rank || attrs.size() != 2 * static_cast<size_t>(x.rank)) {
    return "the ranks do not agree";
  }
  for (int axis = 0; axis < x.rank; ++axis) {
    const int64_t begin = attrs[axis];
    const int64_t stride = attrs[x.rank + axis];
    if (stride == 0) return "a stride is 0";
    if (y.dims[axis] > x.dims[axis]) return "the slice is larger than what it is taken from";
    const int64_t last = begin + (y.dims[axis] - 1) * stride;
    if (std::min(begin, last) < 0 || std::max(begin, last) >= x.dims[axis]) {
      return "the slice leaves what it is taken from";
    }
  }
  return nullptr;
}

struct Steps {
  explicit Steps(std::span<const int32_t> attrs) : rank(attrs.size() / 2) {
    std::copy_n(attrs.begin(), rank, begins.begin());
    std::copy_n(attrs.begin() + rank, rank, strides.begin());
  }

  Dims begin() const { return {begins.data(), rank}; }
  Dims stride() const { return {strides.data(), rank}; }

  size_t rank;
  std::array<int64_t, kMaxRank> begins, strides;
};

const char* check(const OpCall& call) {
  return check_steps(call.inputs[0], call.outputs[0], call.attrs);
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  const Steps steps(call.attrs);
  slice(x.data, dims_of(x), steps.begin(), steps.stride(), y.data, dims_of(y), size_of(x.dtype));
}

const char* check_dx(const OpCall& call) {
  if (!all_float32({&call.inputs[0]})) return "a gradient is float32";
  return check_steps(call.outputs[0], call.inputs[0], call.attrs);
}

void run_dx(const OpCall& call, const OpContext&) {
  const TensorView& dy = call.inputs[0];
  const TensorView& dx = call.outputs[0];
  const Steps steps(call.attrs);
  slice_dx(dy.as<const float>(), dims_of(dy), steps.begin(), steps.stride(), dx.as<float>(),
           dims_of(dx));
}

}  // namespace

const Op slice_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op slice_dx_op = {.check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
