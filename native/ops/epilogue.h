// What matmul and the convolutions share: the optional map on the rows of a fresh product.
#pragma once

#include "kernels/matmul_epilogue.h"
#include "ops/map_call.h"

namespace luge {

// Whether the call brings a map program behind its fixed attributes.
inline bool has_epilogue(const OpCall& call, size_t fixed_attrs) {
  return call.attrs.size() > fixed_attrs;
}

// Null, or what is wrong with the operands, outputs and attributes beyond the fixed ones.
const char* check_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs);

int64_t epilogue_workspace(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs,
                           int threads);

// A product's workspace, rounded up so that the epilogue's can follow on a cache line.
inline int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

// Calls product(epilogue), whose rows have so many columns.
template <class Product>
void run_with_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs, int64_t columns,
                       float* workspace, Product&& product) {
  if (!has_epilogue(call, fixed_attrs)) return product(Epilogue());
  MapCall c;
  c.set_epilogue(call, fixed_inputs, fixed_attrs);
  const MapProgram program = c.program();
  const int64_t per_thread = map_workspace(program, 1);
  const auto body = [&](int64_t row_begin, int64_t row_end, int thread) {
    run_map(program, c.operands(), c.outputs(), row_begin * columns, row_end * columns,
            workspace + thread * per_thread);
  };
  product(Epilogue(body));
}

}  // namespace luge
