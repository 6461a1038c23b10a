// What matmul and the convolutions share: the optional map on the rows of a fresh product.
#pragma once

#include "base/parallel.h"
#include "kernels/matmul_epilogue.h"
#include "kernels/matmul_tiling.h"
#include "ops/map_call.h"

namespace luge {

// Whether the call brings a map program behind its fixed attributes.
inline bool has_epilogue(const OpCall& call, size_t fixed_attrs) {
  return call.attrs.size() > fixed_attrs;
}

// Null, or what is wrong with the operands, outputs and attributes beyond the fixed ones.
const char* check_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs);

// `lines` as for run_with_epilogue.
int64_t epilogue_workspace(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs,
                           int64_t lines, int threads);

// The bias of an epilogue that is relu(product + bias), for those who can do it on their way; null
// for any other.
const float* bias_of_relu(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs);

// A product's workspace, rounded up so that the epilogue's can follow on a cache line.
inline int64_t whole_lines(int64_t floats) { return (floats + 15) / 16 * 16; }

// The most ranges of rows that a product hands to its epilogue: of whole lines, of which there are
// so many, or the passes of run_epilogue.
inline int64_t most_ranges(const MapCall& call, int64_t columns, int64_t lines) {
  const int64_t rows = call.size() / columns;
  return std::min(rows, lines + ceil_div(rows, rows_per_pass(columns)));
}

// Calls product(epilogue), whose rows have so many columns and are finished some lines at a time.
template <class Product>
void run_with_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs, int64_t columns,
                       int64_t lines, float* workspace, Product&& product) {
  if (!has_epilogue(call, fixed_attrs)) return product(Epilogue());
  MapCall c;
  c.set_epilogue(call, fixed_inputs, fixed_attrs);
  const MapProgram program = c.program();
  const int64_t per_thread = map_workspace(program, 1);
  if (c.has_sums()) {
    const int threads = thread_count();
    MapSums sums({static_cast<int>(program.sums.size()), c.columns()},
                 most_ranges(c, columns, lines), threads,
                 workspace + whole_lines(per_thread * threads));
    const auto body = [&](int64_t row_begin, int64_t row_end, int thread) {
      RangeSums range = sums.range(row_begin, thread);
      run_map(program, c.operands(), c.outputs(), row_begin * columns, row_end * columns,
              workspace + thread * per_thread, &range);
    };
    product(Epilogue(body));
    sums.write(c.sums());
    return;
  }
  const auto body = [&](int64_t row_begin, int64_t row_end, int thread) {
    run_map(program, c.operands(), c.outputs(), row_begin * columns, row_end * columns,
            workspace + thread * per_thread);
  };
  product(Epilogue(body));
}

}  // namespace luge
