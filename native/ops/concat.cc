#include "kernels/transpose.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kMostInputs = 1024;

const char* check(const OpCall& call) {
  const TensorView& y = call.outputs[0];
  const int32_t axis = call.attrs[0];
  if (axis < 0 || axis >= y.rank) return "the axis is out of range";
  if (call.inputs.empty() || call.inputs.size() > kMostInputs) return "it takes 1 to 1024 inputs";
  int64_t total = 0;
  for (const TensorView& x : call.inputs) {
    if (x.dtype != y.dtype || x.rank != y.rank) return "dtypes or ranks differ";
    for (int other = 0; other < y.rank; ++other) {
      if (other != axis && x.dims[other] != y.dims[other]) return "another axis differs in size";
    }
    total += x.dims[axis];
  }
  return total == y.dims[axis] ? nullptr : "the inputs do not add up to y";
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& y = call.outputs[0];
  const int32_t axis = call.attrs[0];
  int64_t outer = 1, inner = 1;
  for (int a = 0; a < axis; ++a) outer *= y.dims[a];
  for (int a = axis + 1; a < y.rank; ++a) inner *= y.dims[a];
  std::array<const void*, kMostInputs> xs;
  std::array<int64_t, kMostInputs> sizes;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    xs[i] = call.inputs[i].data;
    sizes[i] = call.inputs[i].dims[axis];
  }
  concat({xs.data(), call.inputs.size()}, {sizes.data(), call.inputs.size()}, outer, inner, y.data,
         size_of(y.dtype));
}

}  // namespace

const Op concat_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};

}  // namespace luge
