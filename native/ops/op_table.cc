#include "ops/op_table.h"

namespace luge {
namespace {

constexpr OpRow kTable[] = {
#define LUGE_OP(name, inputs, outputs, attrs)                                                  \
  {#name,           inputs, outputs, attrs, &name##_op, Arity::of(inputs), Arity::of(outputs), \
   Arity::of(attrs)},
#include "ops/op_list.inc"
#undef LUGE_OP
};

}  // namespace

std::span<const OpRow> op_table() { return kTable; }

}  // namespace luge
