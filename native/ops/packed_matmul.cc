#include "kernels/packed_matmul.h"

#include "ops/checks.h"
#include "ops/epilogue.h"
#include "ops/op_table.h"

namespace luge {
namespace {

constexpr size_t kInputs = 2, kAttrs = 0;

bool is_packed(const TensorView& view, int64_t k, int64_t n) {
  return view.dtype == DType::float32 && has_dims(view, {k, (n + 15) / 16 * 16});
}

// b [1, k, n], or [1, n, k] -> packed
struct Packing {
  int64_t k, n;
  bool transposed;
};

Packing packing_of(const OpCall& call) {
  const auto& b = call.inputs[0].dims;
  const bool transposed = call.attrs[0] == 1;
  return {transposed ? b[2] : b[1], transposed ? b[1] : b[2], transposed};
}

const char* check_pack(const OpCall& call) {
  const TensorView& b = call.inputs[0];
  if (call.attrs[0] != 0 && call.attrs[0] != 1) return "a transposition is 0 or 1";
  if (b.dtype != DType::float32 || b.rank != 3 || b.dims[0] != 1) {
    return "a matrix to pack is float32 [1, rows, columns]";
  }
  const Packing s = packing_of(call);
  if (!product_fits({s.k, s.n + 16})) return "the matrix is too large";
  return is_packed(call.outputs[0], s.k, s.n) ? nullptr : "a packed matrix has another shape";
}

void run_pack(const OpCall& call, const OpContext&) {
  const Packing s = packing_of(call);
  pack_matrix(s.k, s.n, {call.inputs[0].as<const float>(), s.transposed ? s.k : s.n, s.transposed},
              call.outputs[0].as<float>());
}

// a [1, m, k], packed -> y [1, m, n]
const char* check(const OpCall& call) {
  const TensorView& a = call.inputs[0];
  const TensorView& y = call.outputs[0];
  if (!all_float32({&a, &y})) return "packed_matmul is of float32";
  if (a.rank != 3 || y.rank != 3 || a.dims[0] != 1 || y.dims[0] != 1) {
    return "packed_matmul is of one matrix, of rank 3";
  }
  if (a.dims[1] != y.dims[1]) return "the rows of a and y differ";
  if (!product_fits({a.dims[1] + 16, a.dims[2], y.dims[2] + 16})) return "the product is too large";
  if (!is_packed(call.inputs[1], a.dims[2], y.dims[2]))
    return "the packed matrix has another shape";
  return check_epilogue(call, kInputs, kAttrs);
}

int64_t workspace(const OpCall& call, int threads) {
  return epilogue_workspace(call, kInputs, kAttrs, packed_matmul_ranges(call.outputs[0].dims[1]),
                            threads);
}

void run(const OpCall& call, const OpContext& context) {
  const auto& a = call.inputs[0].dims;
  const int64_t n = call.outputs[0].dims[2];
  run_with_epilogue(call, kInputs, kAttrs, n, packed_matmul_ranges(a[1]), context.workspace,
                    [&](Epilogue epilogue) {
                      packed_matmul(a[1], n, a[2], call.inputs[0].as<const float>(),
                                    call.inputs[1].as<const float>(), call.outputs[0].as<float>(),
                                    epilogue);
                    });
}

}  // namespace

const Op pack_matrix_op = {
    .check = check_pack, .workspace = nullptr, .run = run_pack, .in_place = false};
const Op packed_matmul_op = {.check = check, .workspace = workspace, .run = run, .in_place = false};

}  // namespace luge
