#include "kernels/transpose.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (x.dtype != y.dtype) return "x and y differ in dtype";
  const size_t rank = static_cast<size_t>(x.rank);
  if (call.attrs.size() != rank || y.rank != x.rank) return "the ranks do not agree";
  std::array<bool, kMaxRank> seen{};
  for (size_t axis = 0; axis < rank; ++axis) {
    const int32_t from = call.attrs[axis];
    if (from < 0 || from >= x.rank || seen[from]) return "the permutation is none";
    if (y.dims[axis] != x.dims[from]) return "y is not x transposed";
    seen[from] = true;
  }
  return nullptr;
}

void run(const OpCall& call, const OpContext&) {
  const TensorView& x = call.inputs[0];
  transpose(x.data, dims_of(x), call.attrs, call.outputs[0].data, size_of(x.dtype));
}

}  // namespace

const Op transpose_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};

}  // namespace luge
