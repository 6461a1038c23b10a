#include <algorithm>
#include <cmath>

#include "kernels/transpose.h"
#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// Attributes: the value, then the elements before x along every axis.
const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (x.dtype != y.dtype) return "x and y differ in dtype";
  if (x.rank != y.rank || call.attrs.size() != 1 + static_cast<size_t>(x.rank)) {
    return "the ranks do not agree";
  }
  for (int axis = 0; axis < x.rank; ++axis) {
    const int64_t before = call.attrs[1 + axis];
    if (before < 0 || before + x.dims[axis] > y.dims[axis]) return "x does not lie inside y";
  }
  return nullptr;
}

template <class T>
T saturate(float value, float low, float high) {
  return std::isnan(value) ? T{0} : static_cast<T>(std::clamp(value, low, high));
}

void run(const OpCall& call, const OpContext&) {
  constexpr float kBelowTwo31 = 2147483520.0f;  // the largest float that an int32 can hold
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  std::array<int64_t, kMaxRank> before{};
  std::copy(call.attrs.begin() + 1, call.attrs.end(), before.begin());
  const float value = float_attr(call, 0);
  const int32_t whole = saturate<int32_t>(value, -2147483648.0f, kBelowTwo31);
  const uint8_t byte = saturate<uint8_t>(value, 0.0f, 255.0f);
  const void* element = &value;
  if (x.dtype == DType::int32) element = &whole;
  if (x.dtype == DType::uint8) element = &byte;
  pad(x.data, dims_of(x), {before.data(), static_cast<size_t>(x.rank)}, element, y.data, dims_of(y),
      size_of(x.dtype));
}

}  // namespace

const Op pad_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};

}  // namespace luge
