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
                           int threads) {
  if (!has_epilogue(call, fixed_attrs)) return 0;
  MapCall c;
  c.set_epilogue(call, fixed_inputs, fixed_attrs);
  return map_workspace(c.program(), threads);
}

}  // namespace luge
