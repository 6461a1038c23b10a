#include "kernels/conv2d_max_pool2d.h"

#include "base/parallel.h"
#include "ops/checks.h"
#include "ops/conv2d.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

// x [n, h, w, c], weight [kh, kw, c, oc] -> y [n, out_h, out_w, oc], ..., index where it is wanted
constexpr size_t kInputs = 2, kAttrs = kConv2dAttrs + 5;

struct Shapes {
  Conv2dShape conv;
  PoolShape pool;
};

// Of the convolution only the part that the windows look at.
Shapes shapes_of(const OpCall& call) {
  const TensorView& y = call.outputs[0];
  const std::span<const int32_t> pool = call.attrs.subspan(kConv2dAttrs);
  const int64_t oh = (y.dims[1] - 1) * pool[2] + pool[0];
  const int64_t ow = (y.dims[2] - 1) * pool[3] + pool[1];
  return {.conv = conv2d_shape(call.inputs[0], call.inputs[1], oh, ow, call.attrs),
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

bool has_index(const OpCall& call) { return call.attrs[kAttrs - 1] != 0; }

// The call as the epilogue knows it.
OpCall without_index(const OpCall& call) {
  OpCall rest = call;
  if (has_index(call)) rest.outputs = call.outputs.first(call.outputs.size() - 1);
  return rest;
}

const char* check(const OpCall& call) {
  constexpr int64_t kMost = int64_t{1} << 15;  // of windows and their strides
  const TensorView& y = call.outputs[0];
  if (y.dtype != DType::float32 || y.rank != 4) return "pooling is of float32 and rank 4";
  const std::span<const int32_t> attrs = call.attrs.subspan(kConv2dAttrs);
  for (const int64_t size : attrs.first(4)) {
    if (size < 1 || size > kMost) return "a window or stride of the pooling is out of range";
  }
  if (!product_fits({y.dims[1], kMost}) || !product_fits({y.dims[2], kMost})) {
    return "the pooling is too large";
  }
  const Shapes s = shapes_of(call);
  if (const char* wrong =
          check_conv2d(call.inputs[0], call.inputs[1], s.conv.oh, s.conv.ow, call.attrs)) {
    return wrong;
  }
  if (s.pool.batch != s.conv.n || s.pool.channels != s.conv.oc) {
    return "the sizes of x, weight and y do not agree";
  }
  if (!conv2d_max_pool2d_fits(s.conv, s.pool)) {
    return "the convolution has groups, or windows of the pooling share elements";
  }
  if (attrs[4] != 0 && attrs[4] != 1) return "index is 0 or 1";
  if (has_index(call)) {
    const TensorView& index = call.outputs.back();
    const DType dtype = s.pool.byte_index() ? DType::uint8 : DType::int32;
    if (call.outputs.size() < 2 || index.dtype != dtype || !same_dims(index, y)) {
      return "the index is the last output, shaped as y, of uint8, or int32 for large windows";
    }
  }
  return check_epilogue(without_index(call), kInputs, kAttrs);
}

int64_t lines_of(const TensorView& y) { return y.dims[0] * y.dims[1]; }

int64_t workspace(const OpCall& call, int threads) {
  const Shapes s = shapes_of(call);
  return whole_lines(conv2d_max_pool2d_workspace(s.conv, s.pool, threads)) +
         epilogue_workspace(without_index(call), kInputs, kAttrs, lines_of(call.outputs[0]),
                            threads);
}

void run(const OpCall& call, const OpContext& context) {
  const Shapes s = shapes_of(call);
  float* behind =
      context.workspace + whole_lines(conv2d_max_pool2d_workspace(s.conv, s.pool, thread_count()));
  void* index = has_index(call) ? call.outputs.back().data : nullptr;
  run_with_epilogue(without_index(call), kInputs, kAttrs, s.conv.oc, lines_of(call.outputs[0]),
                    behind, [&](Epilogue epilogue) {
                      conv2d_max_pool2d(s.conv, s.pool, call.inputs[0].as<const float>(),
                                        call.inputs[1].as<const float>(),
                                        call.outputs[0].as<float>(), index, context.workspace,
                                        epilogue);
                    });
}

}  // namespace

const Op conv2d_max_pool2d_op = {
    .check = check, .workspace = workspace, .run = run, .in_place = false};

}  // namespace luge
