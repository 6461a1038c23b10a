#include "kernels/conv2d_max_pool2d.h"

#include "base/parallel.h"
#include "ops/checks.h"
#include "ops/conv2d.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kPoolAttrs = 4;  // pool_h pool_w pool_stride_h pool_stride_w
constexpr size_t kWindowAttrs = kConv2dAttrs + kPoolAttrs;

struct Shapes {
  Conv2dShape conv;
  PoolShape pool;
};

// Of x [n, h, w, c], weight [kh, kw, c, oc] and y [n, out_h, out_w, oc]; of the convolution only
// the part that the windows look at.
Shapes shapes_of(const TensorView& x, const TensorView& weight, const TensorView& y,
                 std::span<const int32_t> attrs) {
  const std::span<const int32_t> pool = attrs.subspan(kConv2dAttrs);
  const int64_t oh = (y.dims[1] - 1) * pool[2] + pool[0];
  const int64_t ow = (y.dims[2] - 1) * pool[3] + pool[1];
  return {.conv = conv2d_shape(x, weight, oh, ow, attrs),
          .pool = {.batch = y.dims[0],
                   .h = oh,
                   .w = ow,
                   .channels = y.dims[3],
                   .out_h = y.dims[1],
                   .out_w = y.dims[2],
                   .pool_h = pool[0],
                   .pool_w = pool[1],
                   .stride_h = pool[2],
                   .stride_w = pool[3],
                   .pad_top = 0,
                   .pad_left = 0}};
}

const char* check_shapes(const TensorView& x, const TensorView& weight, const TensorView& y,
                         std::span<const int32_t> attrs) {
  constexpr int64_t kMost = int64_t{1} << 15;  // of windows and their strides
  if (y.dtype != DType::float32 || y.rank != 4) return "pooling is of float32 and rank 4";
  for (const int64_t size : attrs.subspan(kConv2dAttrs, kPoolAttrs)) {
    if (size < 1 || size > kMost) return "a window or stride of the pooling is out of range";
  }
  if (!product_fits({y.dims[1], kMost}) || !product_fits({y.dims[2], kMost})) {
    return "the pooling is too large";
  }
  const Shapes s = shapes_of(x, weight, y, attrs);
  if (const char* wrong = check_conv2d(x, weight, s.conv.oh, s.conv.ow, attrs)) return wrong;
  if (s.pool.batch != s.conv.n || s.pool.channels != s.conv.oc) {
    return "the sizes of x, weight and y do not agree";
  }
  return conv2d_max_pool2d_fits(s.conv, s.pool)
             ? nullptr
             : "the convolution has groups, or windows of the pooling share elements";
}

bool is_index(const TensorView& index, const TensorView& y, const PoolShape& pool) {
  return index.dtype == (pool.byte_index() ? DType::uint8 : DType::int32) && same_dims(index, y);
}

// x, weight -> y, ..., index where it is wanted
constexpr size_t kInputs = 2, kAttrs = kWindowAttrs + 2;

Shapes forward_shapes(const OpCall& call) {
  return shapes_of(call.inputs[0], call.inputs[1], call.outputs[0], call.attrs);
}

bool has_index(const OpCall& call) { return call.attrs[kWindowAttrs] != 0; }

PooledProducts products_of(const OpCall& call) {
  return call.attrs[kWindowAttrs + 1] != 0 ? PooledProducts::winograd : PooledProducts::direct;
}

// The call as the epilogue knows it.
OpCall without_index(const OpCall& call) {
  OpCall rest = call;
  if (has_index(call)) rest.outputs = call.outputs.first(call.outputs.size() - 1);
  return rest;
}

const char* check(const OpCall& call) {
  const TensorView& y = call.outputs[0];
  if (const char* wrong = check_shapes(call.inputs[0], call.inputs[1], y, call.attrs)) return wrong;
  for (const int32_t flag : call.attrs.subspan(kWindowAttrs, 2)) {
    if (flag != 0 && flag != 1) return "index and winograd are 0 or 1";
  }
  const Shapes s = forward_shapes(call);
  if (has_index(call) && (call.outputs.size() < 2 || !is_index(call.outputs.back(), y, s.pool))) {
    return "the index is the last output, shaped as y, of uint8, or int32 for large windows";
  }
  if (products_of(call) == PooledProducts::winograd &&
      !conv2d_max_pool2d_winograd_fits(s.conv, s.pool)) {
    return "Winograd's convolution is of 5x5, stride 1 and few channels, its windows are of 2x2";
  }
  return check_epilogue(without_index(call), kInputs, kAttrs);
}

int64_t lines_of(const TensorView& y) { return y.dims[0] * y.dims[1]; }

int64_t workspace(const OpCall& call, int threads) {
  const Shapes s = forward_shapes(call);
  return whole_lines(conv2d_max_pool2d_workspace(s.conv, s.pool, products_of(call), threads)) +
         epilogue_workspace(without_index(call), kInputs, kAttrs, lines_of(call.outputs[0]),
                            threads);
}

void run(const OpCall& call, const OpContext& context) {
  const Shapes s = forward_shapes(call);
  const PooledProducts products = products_of(call);
  float* behind = context.workspace + whole_lines(conv2d_max_pool2d_workspace(
                                          s.conv, s.pool, products, thread_count()));
  void* index = has_index(call) ? call.outputs.back().data : nullptr;
  const auto convolve = [&](Epilogue epilogue, const float* bias) {
    conv2d_max_pool2d(s.conv, s.pool, products, call.inputs[0].as<const float>(),
                      call.inputs[1].as<const float>(), call.outputs[0].as<float>(), index,
                      context.workspace, epilogue, bias);
  };
  const OpCall rest = without_index(call);
  if (products == PooledProducts::winograd) {
    const float* bias = bias_of_relu(rest, kInputs, kAttrs);
    if (bias != nullptr) return convolve({}, bias);
  }
  run_with_epilogue(rest, kInputs, kAttrs, s.conv.oc, lines_of(call.outputs[0]), behind,
                    [&](Epilogue epilogue) { convolve(epilogue, nullptr); });
}

const char* check_gradient(const Shapes& s, const TensorView& index, const TensorView& dy) {
  if (!conv2d_max_pool2d_gradients_fit(s.conv, s.pool)) {
    return "windows or images are too large, or filters see pixels that are not neighbours";
  }
  return is_index(index, dy, s.pool) ? nullptr : "the index is of uint8 and shaped as dy";
}

// dy, index, weight -> dx
constexpr size_t kDxInputs = 3;

Shapes dx_shapes(const OpCall& call) {
  return shapes_of(call.outputs[0], call.inputs[2], call.inputs[0], call.attrs);
}

const char* check_dx(const OpCall& call) {
  const TensorView& dy = call.inputs[0];
  if (const char* wrong = check_shapes(call.outputs[0], call.inputs[2], dy, call.attrs)) {
    return wrong;
  }
  if (const char* wrong = check_gradient(dx_shapes(call), call.inputs[1], dy)) return wrong;
  return check_epilogue(call, kDxInputs, kWindowAttrs);
}

int64_t workspace_dx(const OpCall& call, int threads) {
  const Shapes s = dx_shapes(call);
  return whole_lines(conv2d_max_pool2d_dx_workspace(s.conv, s.pool, threads)) +
         epilogue_workspace(call, kDxInputs, kWindowAttrs, s.conv.n, threads);
}

void run_dx(const OpCall& call, const OpContext& context) {
  const Shapes s = dx_shapes(call);
  float* behind = context.workspace +
                  whole_lines(conv2d_max_pool2d_dx_workspace(s.conv, s.pool, thread_count()));
  run_with_epilogue(
      call, kDxInputs, kWindowAttrs, s.conv.c, s.conv.n, behind, [&](Epilogue epilogue) {
        conv2d_max_pool2d_dx(s.conv, s.pool, call.inputs[0].as<const float>(),
                             call.inputs[1].as<const uint8_t>(), call.inputs[2].as<const float>(),
                             call.outputs[0].as<float>(), context.workspace, epilogue);
      });
}

// x, dy, index -> dweight
Shapes dweight_shapes(const OpCall& call) {
  return shapes_of(call.inputs[0], call.outputs[0], call.inputs[1], call.attrs);
}

const char* check_dweight(const OpCall& call) {
  const TensorView& dy = call.inputs[1];
  if (const char* wrong = check_shapes(call.inputs[0], call.outputs[0], dy, call.attrs)) {
    return wrong;
  }
  return check_gradient(dweight_shapes(call), call.inputs[2], dy);
}

int64_t workspace_dweight(const OpCall& call, int threads) {
  const Shapes s = dweight_shapes(call);
  return conv2d_max_pool2d_dweight_workspace(s.conv, s.pool, threads);
}

void run_dweight(const OpCall& call, const OpContext& context) {
  const Shapes s = dweight_shapes(call);
  conv2d_max_pool2d_dweight(s.conv, s.pool, call.inputs[0].as<const float>(),
                            call.inputs[1].as<const float>(), call.inputs[2].as<const uint8_t>(),
                            call.outputs[0].as<float>(), context.workspace);
}

}  // namespace

const Op conv2d_max_pool2d_op = {
    .check = check, .workspace = workspace, .run = run, .in_place = false};
const Op conv2d_max_pool2d_dx_op = {
    .check = check_dx, .workspace = workspace_dx, .run = run_dx, .in_place = false};
const Op conv2d_max_pool2d_dweight_op = {
    .check = check_dweight, .workspace = workspace_dweight, .run = run_dweight, .in_place = false};

}  // namespace luge
