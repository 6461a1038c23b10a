// All operations, in the order of op_list.inc: an opcode is an index into this table.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "ops/op.h"

namespace luge {

// Each is defined beside its kernel's adaptor.
#define LUGE_OP(name, inputs, outputs, attrs) extern const Op name##_op;
#include "ops/op_list.inc"
#undef LUGE_OP

// How many operands or attributes a list such as "a b operands..." stands for.
struct Arity {
  size_t fixed = 0;
  bool variadic = false;

  constexpr bool accepts(size_t count) const { return variadic ? count >= fixed : count == fixed; }

  static constexpr Arity of(std::string_view list) {
    Arity arity;
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i] != ' ' && (i == 0 || list[i - 1] == ' ')) ++arity.fixed;
    }
    arity.variadic = list.ends_with("...");
    if (arity.variadic) --arity.fixed;
    return arity;
  }
};

struct OpRow {
  const char* name;
  const char* inputs;
  const char* outputs;
  const char* attrs;
  const Op* op;
  Arity input_arity, output_arity, attr_arity;
};

std::span<const OpRow> op_table();

}  // namespace luge
