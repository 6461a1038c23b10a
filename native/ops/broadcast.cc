#include "kernels/transpose.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (x.dtype != y.dtype) return "x and y differ in dtype";
  if (x.rank > y.rank) return "x has more axes than y";
  for (int axis = 0; axis < x.rank; ++axis) {
    const int64_t size = x.dims[axis];
    if (size != 1 && size != y.dims[y.rank - x.rank + axis]) return "x does not broadcast to y";
  }
  return nullptr;
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  broadcast(x.data, dims_of(x), y.data, dims_of(y), size_of(x.dtype));
}

}  // namespace

const Op broadcast_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};

}  // namespace luge
