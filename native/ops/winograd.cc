#include "kernels/winograd.h"

#include <algorithm>

#include "base/parallel.h"
#include "ops/checks.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kInputs = 2, kAttrs = 3;

const char* check_sizes(const WinogradSizes& sizes) {
  return is_winograd(sizes) ? nullptr : "there is no transform for this tile and kernel";
}

// The kernel whose transform has so many points with this tile; 0 for none.
int kernel_of(int64_t points, int tile) {
  for (const int kernel : {3, 5}) {
    const WinogradSizes sizes{tile, kernel};
    if (is_winograd(sizes) && sizes.points() == points) return kernel;
  }
  return 0;
}

// x [n, h, w, c], y [n, oh, ow, oc]
WinogradShape shape_of(const TensorView& x, const TensorView& y, int64_t kernel, int64_t groups,
                       std::span<const int32_t> attrs, int64_t parts = 1) {
  return {{.n = x.dims[0],
           .h = x.dims[1],
           .w = x.dims[2],
           .c = x.dims[3],
           .kh = kernel,
           .kw = kernel,
           .oh = y.dims[1],
           .ow = y.dims[2],
           .oc = y.dims[3],
           .pad_top = attrs[1],
           .pad_left = attrs[2],
           .groups = groups},
          attrs[0],
          parts};
}

const char* check_images(const TensorView& x, const TensorView& y, int64_t kernel, int64_t groups,
                         std::span<const int32_t> attrs) {
  if (!all_float32({&x, &y})) return "a convolution is of float32";
  if (x.rank != 4 || y.rank != 4) return "a convolution is of rank 4";
  if (x.dims[0] != y.dims[0]) return "x and y differ in batch";
  if (groups < 1 || x.dims[3] % groups != 0 || y.dims[3] % groups != 0) {
    return "the groups do not divide the channels";
  }
  const WinogradShape shape = shape_of(x, y, kernel, groups, attrs);
  if (const char* wrong = check_sizes(shape.sizes())) return wrong;
  for (const int32_t pad : attrs.subspan(1, 2)) {
    if (pad < 0 || pad >= kernel) return "a padding is out of range";
  }
  const Conv2dShape& s = shape.conv;
  // Enough for the 36 points of a tile of one output, too.
  if (!product_fits({s.n, s.h + 8, s.w + 8, s.c}) || !product_fits({s.n, s.oh, s.ow, s.oc + 16}) ||
      !product_fits({36, s.n, s.oh, s.ow, s.c + 16, s.oc + 16})) {
    return "the convolution is too large";
  }
  return nullptr;
}

// weight [kernel, kernel, c / parts, groups * oc], or turned [kernel, kernel, oc / parts,
// groups * c] -> transformed
struct WeightCall {
  WinogradWeightShape shape;
  bool turned;
};
WeightCall weight_call(const OpCall& call) {
  const auto& dims = call.inputs[0].dims;
  const bool turned = call.attrs[1] == 1;
  const int64_t groups = call.attrs[2], parts = call.attrs[3];
  const int64_t columns = dims[3] / groups, rows = dims[2] * parts;
  return {.shape = {.sizes = {call.attrs[0], static_cast<int>(std::min<int64_t>(dims[0], 6))},
                    .c = turned ? columns : rows,
                    .oc = turned ? rows : columns,
                    .groups = groups,
                    .parts = parts},
          .turned = turned};
}

// [groups, points, c, oc rounded up to 16]
bool is_transformed(const TensorView& view, const WinogradWeightShape& s) {
  return view.dtype == DType::float32 &&
         has_dims(view, {s.groups, s.sizes.points(), s.c, (s.oc + 15) / 16 * 16});
}

// Of a group from c channels to oc.
const char* check_parts(int64_t parts, int64_t c, int64_t oc) {
  if (parts == 1) return nullptr;
  const bool divide = parts > 1 && c % parts == 0 && oc % parts == 0;
  return divide && std::max(c, oc) <= kWinogradMostOfParts ? nullptr : "a group has no such parts";
}

const char* check_weight(const OpCall& call) {
  const TensorView& weight = call.inputs[0];
  if (call.attrs[1] != 0 && call.attrs[1] != 1) return "turned is 0 or 1";
  if (weight.dtype != DType::float32 || weight.rank != 4 || weight.dims[0] != weight.dims[1]) {
    return "a weight is float32 [kernel, kernel, channels, filters]";
  }
  if (call.attrs[2] < 1 || weight.dims[3] % call.attrs[2] != 0) {
    return "the groups do not divide the weight";
  }
  const WinogradWeightShape s = weight_call(call).shape;
  if (const char* wrong = check_parts(s.parts, s.c, s.oc)) return wrong;
  if (const char* wrong = check_sizes(s.sizes)) return wrong;
  if (!product_fits({36, s.groups, s.c + 16, s.oc + 16})) return "the weight is too large";
  return is_transformed(call.outputs[0], s) ? nullptr : "a transformed weight has another shape";
}

int64_t workspace_weight(const OpCall& call, int threads) {
  return winograd_weight_workspace(weight_call(call).shape, threads);
}

void run_weight(const OpCall& call, const OpContext& context) {
  const auto& [shape, turned] = weight_call(call);
  winograd_weight(shape, turned, call.inputs[0].as<const float>(), call.outputs[0].as<float>(),
                  context.workspace);
}

int transformed_kernel(const OpCall& call) {
  return kernel_of(call.inputs[1].dims[1], call.attrs[0]);
}

WinogradShape conv2d_shape(const OpCall& call) {
  return shape_of(call.inputs[0], call.outputs[0], transformed_kernel(call), call.inputs[1].dims[0],
                  call.attrs);
}

// x, transformed -> y
const char* check(const OpCall& call) {
  const TensorView& transformed = call.inputs[1];
  if (transformed.rank != 4) return "a transformed weight is of rank 4";
  if (const char* wrong = check_images(call.inputs[0], call.outputs[0], transformed_kernel(call),
                                       transformed.dims[0], call.attrs)) {
    return wrong;
  }
  if (!is_transformed(transformed, conv2d_shape(call).weight())) {
    return "the transformed weight has another shape";
  }
  return check_epilogue(call, kInputs, kAttrs);
}

int64_t workspace(const OpCall& call, int threads) {
  return whole_lines(winograd_conv2d_workspace(conv2d_shape(call), threads)) +
         epilogue_workspace(call, kInputs, kAttrs, winograd_conv2d_stretches(conv2d_shape(call)),
                            threads);
}

void run(const OpCall& call, const OpContext& context) {
  const WinogradShape s = conv2d_shape(call);
  float* behind = context.workspace + whole_lines(winograd_conv2d_workspace(s, thread_count()));
  run_with_epilogue(call, kInputs, kAttrs, s.conv.oc, winograd_conv2d_stretches(s), behind,
                    [&](Epilogue epilogue) {
                      winograd_conv2d(s, call.inputs[0].as<const float>(),
                                      call.inputs[1].as<const float>(), call.outputs[0].as<float>(),
                                      context.workspace, epilogue);
                    });
}

WinogradShape dweight_shape(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& dweight = call.outputs[0];
  const int64_t parts = call.attrs[3];
  return shape_of(x, call.inputs[1], dweight.dims[0], x.dims[3] / (dweight.dims[2] * parts),
                  call.attrs, parts);
}

// x, dy -> dweight
const char* check_dweight(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dweight = call.outputs[0];
  if (dweight.dtype != DType::float32 || dweight.rank != 4) return "dweight is float32 of rank 4";
  const int64_t kernel = dweight.dims[0];
  if (kernel > 5) return "the kernel is too large";
  if (call.attrs[3] < 1) return "a group has no such parts";
  const WinogradShape shape = dweight_shape(call);
  const Conv2dShape& s = shape.conv;
  if (const char* wrong = check_images(x, dy, kernel, s.groups, call.attrs)) return wrong;
  if (const char* wrong = check_parts(shape.parts, s.group_c(), s.group_oc())) return wrong;
  return has_dims(dweight, {kernel, kernel, s.group_c() / shape.parts, s.oc})
             ? nullptr
             : "dweight is [kernel, kernel, channels of a group, filters]";
}

int64_t workspace_dweight(const OpCall& call, int threads) {
  return winograd_dweight_workspace(dweight_shape(call), threads);
}

void run_dweight(const OpCall& call, const OpContext& context) {
  winograd_dweight(dweight_shape(call), call.inputs[0].as<const float>(),
                   call.inputs[1].as<const float>(), call.outputs[0].as<float>(),
                   context.workspace);
}

}  // namespace

const Op winograd_weight_op = {
    .check = check_weight, .workspace = workspace_weight, .run = run_weight, .in_place = false};
const Op winograd_conv2d_op = {
    .check = check, .workspace = workspace, .run = run, .in_place = false};
const Op winograd_dweight_op = {
    .check = check_dweight, .workspace = workspace_dweight, .run = run_dweight, .in_place = false};

}  // namespace luge
