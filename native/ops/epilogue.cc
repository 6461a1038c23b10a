#include "ops/epilogue.h"

namespace luge {

const char* check_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs) {
  if (has_epilogue(call, fixed_attrs))
    return MapCall().set_epilogue(call, fixed_inputs, fixed_attrs);
  return call.inputs.size() == fixed_inputs && call.outputs.size() == 1
             ? nullptr
             : "operands or outputs are left over without a map program";
}

int64_t epilogue_workspace(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs,
                           int64_t lines, int threads) {
  if (!has_epilogue(call, fixed_attrs)) return 0;
  MapCall c;
  c.set_epilogue(call, fixed_inputs, fixed_attrs);
  const MapProgram program = c.program();
  if (!c.has_sums()) return map_workspace(program, threads);
  const TensorView& product = call.outputs[0];
  const int64_t columns = product.dims[product.rank - 1];
  return whole_lines(map_workspace(program, 1) * threads) +
         MapSums::workspace({static_cast<int>(program.sums.size()), c.columns()},
                            most_ranges(c, columns, lines), threads);
}

}  // namespace luge
