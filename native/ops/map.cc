#include "kernels/map.h"

#include "ops/map_call.h"
#include "ops/op_table.h"

namespace luge {
namespace {

const char* check(const OpCall& call) { return MapCall().set_map(call); }

int64_t workspace(const OpCall& call, int threads) {
  MapCall map_call;
  map_call.set_map(call);
  const MapProgram program = map_call.program();
  return map_call.has_sums()
             ? map_with_sums_workspace(program, map_call.size(), map_call.columns(), threads)
             : map_workspace(program, threads);
}

void run(const OpCall& call, const OpContext& context) {
  MapCall c;
  c.set_map(call);
  if (c.has_sums()) {
    map_with_sums(c.program(), c.operands(), c.outputs(), c.size(), c.sums(), c.columns(),
                  context.workspace);
  } else {
    map(c.program(), c.operands(), c.outputs(), c.size(), context.workspace);
  }
}

}  // namespace

const Op map_op = {.check = check, .workspace = workspace, .run = run, .in_place = true};

}  // namespace luge
