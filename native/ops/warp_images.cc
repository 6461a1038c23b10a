#include "kernels/warp_images.h"

#include "ops/checks.h"
#include "ops/op_table.h"

namespace luge {
namespace {

WarpShape shape_of(const TensorView& images) {
  return {.batch = images.dims[0],
          .h = images.dims[1],
          .w = images.dims[2],
          .channels = images.dims[3]};
}

// Attributes: whether to interpolate, what lies beyond the edges, and its value.
WarpSampling sampling_of(const OpCall& call) {
  return {.bilinear = call.attrs[0] != 0,
          .fill = static_cast<FillMode>(call.attrs[1]),
          .value = float_attr(call, 2)};
}

const float* displacements_of(const OpCall& call) {
  return call.inputs.size() > 2 ? call.inputs[2].as<const float>() : nullptr;
}

const char* check_shapes(const OpCall& call) {
  const TensorView& images = call.inputs[0];
  const TensorView& transforms = call.inputs[1];
  if (images.rank != 4 || !same_dims(images, call.outputs[0])) {
    return "images are of rank 4, and the result is as large";
  }
  const WarpShape s = shape_of(images);
  constexpr int64_t kLargest = int64_t{1} << 24;  // that floats count pixels to
  if (s.h > kLargest || s.w > kLargest || !product_fits({s.batch, s.h, s.w, 2 * s.channels})) {
    return "the images are too large";
  }
  if (!all_float32({&transforms}) || !has_dims(transforms, {s.batch, 6})) {
    return "transforms are float32 [batch, 6]";
  }
  if (call.inputs.size() > 3) return "there are too many inputs";
  if (call.inputs.size() == 3) {
    const TensorView& displacements = call.inputs[2];
    if (!all_float32({&displacements}) || !has_dims(displacements, {s.batch, 2, s.h, s.w})) {
      return "displacements are float32 [batch, 2, h, w]";
    }
  }
  const bool known = call.attrs[1] >= 0 && call.attrs[1] <= static_cast<int32_t>(FillMode::wrap);
  return known ? nullptr : "there is no such fill mode";
}

const char* check(const OpCall& call) {
  const DType x = call.inputs[0].dtype, y = call.outputs[0].dtype;
  const bool fits = (x == DType::uint8 && y == DType::uint8) || y == DType::float32;
  if (x == DType::int32 || !fits) return "images are float32 or uint8, and so is the result";
  return check_shapes(call);
}

template <class X, class Y>
void run_typed(const OpCall& call) {
  warp_images(shape_of(call.inputs[0]), sampling_of(call), call.inputs[0].as<const X>(),
              call.inputs[1].as<const float>(), displacements_of(call), call.outputs[0].as<Y>());
}

void run(const OpCall& call, const OpContext&) {
  if (call.inputs[0].dtype == DType::float32) return run_typed<float, float>(call);
  if (call.outputs[0].dtype == DType::float32) return run_typed<uint8_t, float>(call);
  run_typed<uint8_t, uint8_t>(call);
}

const char* check_dx(const OpCall& call) {
  if (!all_float32({&call.inputs[0], &call.outputs[0]})) return "a gradient is float32";
  return check_shapes(call);
}

void run_dx(const OpCall& call, const OpContext&) {
  warp_images_dx(shape_of(call.inputs[0]), sampling_of(call), call.inputs[0].as<const float>(),
                 call.inputs[1].as<const float>(), displacements_of(call),
                 call.outputs[0].as<float>());
}

}  // namespace

const Op warp_images_op = {.check = check, .workspace = nullptr, .run = run, .in_place = false};
const Op warp_images_dx_op = {
    .check = check_dx, .workspace = nullptr, .run = run_dx, .in_place = false};

}  // namespace luge
