#include "kernels/winograd.h"

#include "base/parallel.h"
#include "ops/checks.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kInputs = 2, kAttrs = 3;

const char* check_tile(int32_t tile) {
  return tile == 2 || tile == 4 ? nullptr : "a tile is of 2 or 4 outputs on each side";
}

// x [n, h, w, c], y [n, oh, ow, oc]
WinogradShape shape_of(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs) {
  return {{.n = x.dims[0],
           .h = x.dims[1],
           .w = x.dims[2],
           .c = x.dims[3],
           .kh = 3,
           .kw = 3,
           .oh = y.dims[1],
           .ow = y.dims[2],
           .oc = y.dims[3],
           .pad_top = attrs[1],
           .pad_left = attrs[2]},
          attrs[0]};
}

const char* check_images(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs) {
  if (!all_float32({&x, &y})) return "a convolution is of float32";
  if (x.rank != 4 || y.rank != 4) return "a convolution is of rank 4";
  if (x.dims[0] != y.dims[0]) return "x and y differ in batch";
  if (const char* wrong = check_tile(attrs[0])) return wrong;
  for (const int32_t pad : attrs.subspan(1, 2)) {
    if (pad < 0 || pad > 2) return "a padding is out of range";
  }
  const Conv2dShape& s = shape_of(x, y, attrs).conv;
  // Enough for the 36 points of a tile of one output, too.
  if (!product_fits({s.n, s.h + 8, s.w + 8, s.c}) || !product_fits({s.n, s.oh, s.ow, s.oc + 16}) ||
      !product_fits({36, s.n, s.oh, s.ow, s.c + 16, s.oc + 16})) {
    return "the convolution is too large";
  }
  return nullptr;
}

// weight [3, 3, c, oc], or turned [3, 3, oc, c] -> transformed [points, c, oc rounded up to 16]
struct WeightSizes {
  int64_t c, oc;
  int tile;
  bool turned;
};
WeightSizes weight_sizes(const OpCall& call) {
  const auto& dims = call.inputs[0].dims;
  const bool turned = call.attrs[1] == 1;
  return {turned ? dims[3] : dims[2], turned ? dims[2] : dims[3], call.attrs[0], turned};
}

bool is_transformed(const TensorView& view, int64_t c, int64_t oc, int tile) {
  return view.dtype == DType::float32 &&
         has_dims(view, {(tile + 2) * (tile + 2), c, (oc + 15) / 16 * 16});
}

const char* check_weight(const OpCall& call) {
  const TensorView& weight = call.inputs[0];
  if (const char* wrong = check_tile(call.attrs[0])) return wrong;
  if (call.attrs[1] != 0 && call.attrs[1] != 1) return "turned is 0 or 1";
  if (weight.dtype != DType::float32 || weight.rank != 4 || weight.dims[0] != 3 ||
      weight.dims[1] != 3) {
    return "a weight is float32 [3, 3, channels, filters]";
  }
  const WeightSizes s = weight_sizes(call);
  if (!product_fits({36, s.c + 16, s.oc + 16})) return "the weight is too large";
  return is_transformed(call.outputs[0], s.c, s.oc, s.tile)
             ? nullptr
             : "a transformed weight has another shape";
}

int64_t workspace_weight(const OpCall& call, int threads) {
  const WeightSizes s = weight_sizes(call);
  return winograd_weight_workspace(s.oc, s.tile, threads);
}

void run_weight(const OpCall& call, const OpContext& context) {
  const WeightSizes s = weight_sizes(call);
  winograd_weight(s.c, s.oc, s.tile, s.turned, call.inputs[0].as<const float>(),
                  call.outputs[0].as<float>(), context.workspace);
}

// x, transformed -> y
const char* check(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (const char* wrong = check_images(x, y, call.attrs)) return wrong;
  if (!is_transformed(call.inputs[1], x.dims[3], y.dims[3], call.attrs[0])) {
    return "the transformed weight has another shape";
  }
  return check_epilogue(call, kInputs, kAttrs);
}

WinogradShape conv2d_shape(const OpCall& call) {
  return shape_of(call.inputs[0], call.outputs[0], call.attrs);
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

// x, dy -> dweight
const char* check_dweight(const OpCall& call) {
  const TensorView& x = call.inputs[0];
  const TensorView& dy = call.inputs[1];
  const TensorView& dweight = call.outputs[0];
  if (const char* wrong = check_images(x, dy, call.attrs)) return wrong;
  return dweight.dtype == DType::float32 && has_dims(dweight, {3, 3, x.dims[3], dy.dims[3]})
             ? nullptr
             : "dweight is float32 [3, 3, channels, filters]";
}

WinogradShape dweight_shape(const OpCall& call) {
  return shape_of(call.inputs[0], call.inputs[1], call.attrs);
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
