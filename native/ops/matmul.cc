#include "kernels/matmul.h"

#include "kernels/matmul_rows.h"
#include "ops/checks.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kInputs = 2, kAttrs = 2;

// How many ranges of rows a product is finished in at most, see tile_count; small matrices of a
// batch each in one.
int64_t most_tiles(int64_t batch) { return 2 * 64 + batch; }

// a [1 or batch, m, k], b [1 or batch, k, n], y [batch, m, n]
MatmulShape shape_of(const OpCall& call) {
  const auto& a = call.inputs[0].dims;
  const auto& b = call.inputs[1].dims;
  const auto& y = call.outputs[0].dims;
  const bool trans_a = call.attrs[0] == 1;
  return {.m = y[1],
          .n = y[2],
          .k = trans_a ? a[1] : a[2],
          .trans_a = trans_a,
          .trans_b = call.attrs[1] == 1,
          .batch = y[0],
          .batch_stride_a = a[0] == 1 ? 0 : a[1] * a[2],
          .batch_stride_b = b[0] == 1 ? 0 : b[1] * b[2]};
}

const char* check_transpositions(const OpCall& call) {
  for (const int32_t flag : call.attrs.first(kAttrs)) {
    if (flag != 0 && flag != 1) return "a transposition is 0 or 1";
  }
  return nullptr;
}

const char* check(const OpCall& call) {
  const TensorView& a = call.inputs[0];
  const TensorView& b = call.inputs[1];
  const TensorView& y = call.outputs[0];
  if (!all_float32({&a, &b, &y})) return "matmul is of float32";
  if (a.rank != 3 || b.rank != 3 || y.rank != 3) return "matmul is of rank 3";
  if (const char* wrong = check_transpositions(call)) return wrong;
  const MatmulShape s = shape_of(call);
  for (const TensorView* x : {&a, &b}) {
    if (x->dims[0] != 1 && x->dims[0] != s.batch) return "the batches differ";
  }
  if (!has_dims(a, {a.dims[0], s.trans_a ? s.k : s.m, s.trans_a ? s.m : s.k}) ||
      !has_dims(b, {b.dims[0], s.trans_b ? s.n : s.k, s.trans_b ? s.k : s.n})) {
    return "the sizes of a, b and y do not agree";
  }
  if (!product_fits({s.batch, s.m, s.n, s.k})) return "the product is too large";
  return check_epilogue(call, kInputs, kAttrs);
}

int64_t workspace(const OpCall& call, int threads) {
  const MatmulShape s = shape_of(call);
  return whole_lines(matmul_workspace(s)) +
         epilogue_workspace(call, kInputs, kAttrs, most_tiles(s.batch), threads);
}

void run(const OpCall& call, const OpContext& context) {
  const MatmulShape s = shape_of(call);
  run_with_epilogue(call, kInputs, kAttrs, s.n, most_tiles(s.batch),
                    context.workspace + whole_lines(matmul_workspace(s)), [&](Epilogue epilogue) {
                      matmul(s, call.inputs[0].as<const float>(), call.inputs[1].as<const float>(),
                             call.outputs[0].as<float>(), context.workspace, epilogue);
                    });
}

// The product that matmul_map does not store.
MatmulShape rows_shape(const OpCall& call) {
  const auto& a = call.inputs[0].dims;
  const auto& b = call.inputs[1].dims;
  const bool trans_a = call.attrs[0] == 1;
  const bool trans_b = call.attrs[1] == 1;
  return {.m = trans_a ? a[2] : a[1],
          .n = trans_b ? b[1] : b[2],
          .k = trans_a ? a[1] : a[2],
          .trans_a = trans_a,
          .trans_b = trans_b};
}

const char* check_rows(const OpCall& call) {
  const TensorView& a = call.inputs[0];
  const TensorView& b = call.inputs[1];
  if (!all_float32({&a, &b})) return "matmul is of float32";
  if (a.rank != 3 || b.rank != 3 || a.dims[0] != 1 || b.dims[0] != 1) {
    return "matmul_map is of single matrices of rank 3";
  }
  if (const char* wrong = check_transpositions(call)) return wrong;
  const MatmulShape s = rows_shape(call);
  if (b.dims[s.trans_b ? 2 : 1] != s.k) return "the sizes of a and b do not agree";
  if (!product_fits({s.m, s.n + 16, s.k + 16})) return "the product is too large";
  return MapCall().set_rows(call, s.m * s.n, kInputs, kAttrs);
}

int64_t workspace_rows(const OpCall& call, int threads) {
  const MatmulShape s = rows_shape(call);
  MapCall c;
  c.set_rows(call, s.m * s.n, kInputs, kAttrs);
  return whole_lines(matmul_rows_workspace(s, threads)) + map_workspace(c.program(), threads);
}

void run_rows(const OpCall& call, const OpContext& context) {
  const MatmulShape s = rows_shape(call);
  MapCall c;
  c.set_rows(call, s.m * s.n, kInputs, kAttrs);
  const MapProgram program = c.program();
  const int64_t per_thread = map_workspace(program, 1);
  float* behind = context.workspace + whole_lines(matmul_rows_workspace(s, thread_count()));
  matmul_rows(s, call.inputs[0].as<const float>(), call.inputs[1].as<const float>(),
              context.workspace, [&](int64_t row_begin, int64_t row_end, int thread) {
                const auto operands = c.operands_on(matmul_rows_tile(s, context.workspace, thread),
                                                    matmul_rows_step(s) * s.n);
                run_map(program, operands.data(), c.outputs(), row_begin * s.n, row_end * s.n,
                        behind + thread * per_thread);
              });
}

}  // namespace

const Op matmul_op = {.check = check, .workspace = workspace, .run = run, .in_place = false};
const Op matmul_map_op = {
    .check = check_rows, .workspace = workspace_rows, .run = run_rows, .in_place = true};

}  // namespace luge
