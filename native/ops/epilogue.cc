#include "ops/epilogue.h"

namespace luge {

const char* check_epilogue(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs) {
  if (has_epilogue(call, fixed_attrs))
    return MapCall().set_epilogue(call, fixed_inputs, fixed_attrs);
  return call.inputs.size() == fixed_inputs && call.outputs.size() == 1
             ? nullptr
             : "operands or outputs are left over without a map program";
}

const float* bias_of_relu(const OpCall& call, size_t fixed_inputs, size_t fixed_attrs) {
  if (!has_epilogue(call, fixed_attrs)) return nullptr;
  MapCall c;
  c.set_epilogue(call, fixed_inputs, fixed_attrs);
  const MapProgram program = c.program();
  if (program.instructions.size() != 2 || program.operands != 2 || program.outputs.size() != 1 ||
      c.has_sums()) {
    return nullptr;
  }
  const MapInstruction &add = program.instructions[0], &relu = program.instructions[1];
  const TensorView& product = call.outputs[0];
  const MapOperand& bias = c.operands()[1];  // the first is the product
  const bool adds = add.function == Vmath::add && add.a != add.b && add.a < 2 && add.b < 2;
  const bool clips =
      relu.function == Vmath::relu && relu.a == add.dst && program.outputs[0] == relu.dst;
  const bool repeats =
      bias.dtype == DType::float32 && bias.div == 1 && bias.mod == product.dims[product.rank - 1];
  return adds && clips && repeats ? static_cast<const float*>(bias.data) : nullptr;
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
