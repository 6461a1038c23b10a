#include "kernels/random.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr int64_t kMostElements = int64_t{1} << 34;  // that a stream has numbers for

RandomStream stream_of(const OpCall& call, const OpContext& context) {
  return {
      .seed = context.seed, .stream = static_cast<uint32_t>(call.attrs[0]), .step = context.step};
}

// Attributes: the stream, and two parameters of the distribution.
const char* check(const OpCall& call) {
  const TensorView& y = call.outputs[0];
  if (y.dtype != DType::float32 || y.size > kMostElements) return "y is float32, 2^34 at most";
  return std::isfinite(float_attr(call, 1)) && std::isfinite(float_attr(call, 2))
             ? nullptr
             : "a parameter of the distribution is not finite";
}

using Draw = void (*)(const RandomStream& stream, float a, float b, float* y, int64_t size);

template <Draw draw>
void run(const OpCall& call, const OpContext& context) {
  const TensorView& y = call.outputs[0];
  draw(stream_of(call, context), float_attr(call, 1), float_attr(call, 2), y.as<float>(), y.size);
}

// Attributes: the stream and the rate.
const char* check_dropout(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (!all_float32({&x, &y}) || x.size != y.size || y.size > kMostElements) {
    return "x and y are float32 of one size, 2^34 at most";
  }
  const float rate = float_attr(call, 1);
  return rate >= 0 && rate < 1 ? nullptr : "the rate is not in [0, 1)";
}

void run_dropout(const OpCall& call, const OpContext& context) {
  const TensorView& y = call.outputs[0];
  dropout(stream_of(call, context), float_attr(call, 1), call.inputs[0].as<const float>(),
          y.as<float>(), y.size);
}

}  // namespace

const Op random_uniform_op = {
    .check = check, .workspace = nullptr, .run = run<random_uniform>, .in_place = false};
const Op random_normal_op = {
    .check = check, .workspace = nullptr, .run = run<random_normal>, .in_place = false};
const Op truncated_normal_op = {
    .check = check, .workspace = nullptr, .run = run<truncated_normal>, .in_place = false};
const Op dropout_op = {
    .check = check_dropout, .workspace = nullptr, .run = run_dropout, .in_place = true};

}  // namespace luge
