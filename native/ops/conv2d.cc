#include "ops/conv2d.h"

#include "base/parallel.h"
#include "kernels/conv2d.h"
#include "ops/checks.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {

Conv2dShape conv2d_shape(const TensorView& x, const TensorView& weight, int64_t oh, int64_t ow,
                         std::span<const int32_t> attrs) {
  return {.n = x.dims[0],
          .h = x.dims[1],
          .w = x.dims[2],
          .c = x.dims[3],
          .kh = weight.dims[0],
          .kw = weight.dims[1],
          .oh = oh,
          .ow = ow,
          .oc = weight.dims[3],
          .stride_h = attrs[0],
          .stride_w = attrs[1],
          .pad_top = attrs[2],
          .pad_left = attrs[3],
          .dilation_h = attrs[4],
          .dilation_w = attrs[5],
          .groups = attrs[6]};
}

const char* check_conv2d(const TensorView& x, const TensorView& weight, int64_t oh, int64_t ow,
                         std::span<const int32_t> attrs) {
  constexpr int64_t kMost = int64_t{1} << 20;  // of strides, padding and dilation
  if (!all_float32({&x, &weight})) return "a convolution is of float32";
  if (x.rank != 4 || weight.rank != 4) return "a convolution is of rank 4";
  const Conv2dShape s = conv2d_shape(x, weight, oh, ow, attrs);
  for (const int64_t step : {s.stride_h, s.stride_w, s.dilation_h, s.dilation_w}) {
    if (step < 1 || step > kMost) return "a stride or dilation is out of range";
  }
  for (const int64_t pad : {s.pad_top, s.pad_left}) {
    if (pad < 0 || pad > kMost) return "a padding is out of range";
  }
  if (s.groups < 1 || s.c % s.groups != 0 || s.oc % s.groups != 0) {
    return "the groups do not divide the channels";
  }
  if (weight.dims[2] != s.group_c()) return "the channels of x and weight do not agree";
  // First what the sizes below are made of, so that these cannot overflow.
  if (!product_fits({s.oh, s.stride_h}) || !product_fits({s.ow, s.stride_w}) ||
      !product_fits({s.kh, s.dilation_h}) || !product_fits({s.kw, s.dilation_w}) ||
      !product_fits({s.n, s.input_lines(s.oh), s.input_pixels(s.ow), s.c}) ||
      !product_fits({s.n, s.h + s.kh * s.dilation_h, s.w + s.kw * s.dilation_w, s.oc}) ||
      !product_fits({s.n, s.oh, s.ow, s.kh, s.kw, s.group_c(), s.oc})) {
    return "the convolution is too large";
  }
  return nullptr;
}

namespace {

constexpr size_t kInputs = 2, kAttrs = kConv2dAttrs;

// The convolution of x with weight to y, or any of its gradients.
Conv2dShape shape_of(const TensorView& x, const TensorView& weight, const TensorView& y,
                     std::span<const int32_t> attrs) {
  return conv2d_shape(x, weight, y.dims[1], y.dims[2], attrs);
}

const char* check_shapes(const TensorView& x, const TensorView& weight, const TensorView& y,
                         std::span<const int32_t> attrs) {
  if (y.dtype != DType::float32) return "a convolution is of float32";
  if (y.rank != 4) return "a convolution is of rank 4";
  if (y.dims[0] != x.dims[0] || y.dims[3] != weight.dims[3]) {
    return "the sizes of x, weight and y do not agree";
  }
  return check_conv2d(x, weight, y.dims[1], y.dims[2], attrs);
}

Conv2dShape forward_shape(const OpCall& call) {
  return shape_of(call.inputs[0], call.inputs[1], call.outputs[0], call.attrs);
}

const char* check(const OpCall& call) {
  const char* wrong = check_shapes(call.inputs[0], call.inputs[1], call.outputs[0], call.attrs);
  return wrong ? wrong : check_epilogue(call, kInputs, kAttrs);
}

// Products are finished some lines of an image at a time; of an image of one line, some pixels.
int64_t lines_of(const TensorView& y) { return y.dims[0] * std::max(y.dims[1], y.dims[2]); }

int64_t workspace(const OpCall& call, int threads) {
  return whole_lines(conv2d_workspace(forward_shape(call), threads)) +
         epilogue_workspace(call, kInputs, kAttrs, lines_of(call.outputs[0]), threads);
}

void run(const OpCall& call, const OpContext& context) {
  const Conv2dShape s = forward_shape(call);
  float* behind = context.workspace + whole_lines(conv2d_workspace(s, thread_count()));
  const int64_t lines = lines_of(call.outputs[0]);
  run_with_epilogue(call, kInputs, kAttrs, s.oc, lines, behind, [&](Epilogue epilogue) {
    conv2d(s, call.inputs[0].as<const float>(), call.inputs[1].as<const float>(),
           call.outputs[0].as<float>(), context.workspace, epilogue);
  });
}

// dy, weight -> dx
Conv2dShape dx_shape(const OpCall& call) {
  return shape_of(call.outputs[0], call.inputs[1], call.inputs[0], call.attrs);
}

const char* check_dx(const OpCall& call) {
  const char* wrong = check_shapes(call.outputs[0], call.inputs[1], call.inputs[0], call.attrs);
  return wrong ? wrong : check_epilogue(call, kInputs, kAttrs);
}

int64_t workspace_dx(const OpCall& call, int threads) {
  return whole_lines(conv2d_dx_workspace(dx_shape(call), threads)) +
         epilogue_workspace(call, kInputs, kAttrs, lines_of(call.outputs[0]), threads);
}

void run_dx(const OpCall& call, const OpContext& context) {
  const Conv2dShape s = dx_shape(call);
  float* behind = context.workspace + whole_lines(conv2d_dx_workspace(s, thread_count()));
  const int64_t lines = lines_of(call.outputs[0]);
  run_with_epilogue(call, kInputs, kAttrs, s.c, lines, behind, [&](Epilogue epilogue) {
    conv2d_dx(s, call.inputs[0].as<const float>(), call.inputs[1].as<const float>(),
              call.outputs[0].as<float>(), context.workspace, epilogue);
  });
}

// x, dy -> dweight
Conv2dShape dweight_shape(const OpCall& call) {
  return shape_of(call.inputs[0], call.outputs[0], call.inputs[1], call.attrs);
}

const char* check_dweight(const OpCall& call) {
  return check_shapes(call.inputs[0], call.outputs[0], call.inputs[1], call.attrs);
}

int64_t workspace_dweight(const OpCall& call, int threads) {
  return conv2d_dweight_workspace(dweight_shape(call), threads);
}

void run_dweight(const OpCall& call, const OpContext& context) {
  conv2d_dweight(dweight_shape(call), call.inputs[0].as<const float>(),
                 call.inputs[1].as<const float>(), call.outputs[0].as<float>(), context.workspace);
}

}  // namespace

const Op conv2d_op = {.check = check, .workspace = workspace, .run = run, .in_place = false};
const Op conv2d_dx_op = {
    .check = check_dx, .workspace = workspace_dx, .run = run_dx, .in_place = false};
const Op conv2d_dweight_op = {
    .check = check_dweight, .workspace = workspace_dweight, .run = run_dweight, .in_place = false};

}  // namespace luge
