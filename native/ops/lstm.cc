#include "kernels/lstm.h"

#include "ops/op_table.h"
#include "ops/recurrent_checks.h"

namespace luge {
namespace {

constexpr int64_t kGates = 4;

LstmShape shape_of(const TensorView& gates) {
  return {gates.dims[0], gates.dims[1], gates.dims[2] / kGates};
}

// xz [b, t, 4u], recurrent [u, 4u], perhaps h0 and c0 [b, u] -> hidden [b, t, u], last_hidden and
// last_cell [b, u], perhaps before and cells [b, t, u] and gates [b, t, 4u]
const char* check(const OpCall& call) {
  if (!all_are_float32(call)) return "an LSTM is of float32";
  if (call.inputs.size() != 2 && call.inputs.size() != 4)
    return "it starts from both states or none";
  if (call.outputs.size() != 3 && call.outputs.size() != 6) return "it saves everything or nothing";
  const TensorView& xz = call.inputs[0];
  if (const char* wrong = check_gates(call.inputs[1], xz, kGates)) return wrong;
  const LstmShape s = shape_of(xz);
  for (const TensorView& state : call.inputs.subspan(2)) {
    if (!has_dims(state, {s.batch, s.units})) return "states are [batch, units]";
  }
  for (const TensorView& state : call.outputs.subspan(1, 2)) {
    if (!has_dims(state, {s.batch, s.units})) return "states are [batch, units]";
  }
  for (const size_t sequence : {0, 3, 4}) {
    if (sequence < call.outputs.size() &&
        !has_dims(call.outputs[sequence], {s.batch, s.time, s.units})) {
      return "sequences are [batch, time, units]";
    }
  }
  return call.outputs.size() == 3 || same_dims(call.outputs[5], xz) ? nullptr : "the gates differ";
}

int64_t workspace(const OpCall& call, int threads) {
  return lstm_workspace(shape_of(call.inputs[0]), threads);
}

void run(const OpCall& call, const OpContext& context) {
  lstm({.shape = shape_of(call.inputs[0]),
        .xz = call.inputs[0].as<const float>(),
        .recurrent = call.inputs[1].as<const float>(),
        .h0 = optional_input(call, 2),
        .c0 = optional_input(call, 3),
        .hidden = call.outputs[0].as<float>(),
        .last_hidden = call.outputs[1].as<float>(),
        .last_cell = call.outputs[2].as<float>(),
        .before = optional_output(call, 3),
        .cells = optional_output(call, 4),
        .gates = optional_output(call, 5)},
       context.workspace);
}

// recurrent [u, 4u], cells [b, t, u], gates [b, t, 4u], dhidden [b, t or 1, u], c0 [b, u] if there
// are initial states, perhaps dlast_cell [b, u] -> dxz [b, t, 4u], and dh0 and dc0 [b, u] likewise
const char* check_dx(const OpCall& call) {
  if (!all_are_float32(call)) return "an LSTM is of float32";
  if (call.outputs.size() != 1 && call.outputs.size() != 3)
    return "it starts from both states or none";
  const size_t fixed = call.outputs.size() == 1 ? 4 : 5;
  if (call.inputs.size() != fixed && call.inputs.size() != fixed + 1) {
    return "the number of states is wrong";
  }
  const TensorView& gates = call.inputs[2];
  if (const char* wrong = check_gates(call.inputs[0], gates, kGates)) return wrong;
  const LstmShape s = shape_of(gates);
  if (!has_dims(call.inputs[1], {s.batch, s.time, s.units}))
    return "cells are [batch, time, units]";
  const TensorView& dhidden = call.inputs[3];
  if (!has_dims(dhidden, {s.batch, s.time, s.units}) && !has_dims(dhidden, {s.batch, 1, s.units})) {
    return "dhidden is [batch, time or 1, units]";
  }
  if (!same_dims(call.outputs[0], gates)) return "dxz and the gates differ";
  for (const auto& states : {call.inputs.subspan(4), call.outputs.subspan(1)}) {
    for (const TensorView& state : states) {
      if (!has_dims(state, {s.batch, s.units})) return "states are [batch, units]";
    }
  }
  return nullptr;
}

int64_t workspace_dx(const OpCall& call, int threads) {
  return lstm_dx_workspace(shape_of(call.inputs[2]), threads);
}

void run_dx(const OpCall& call, const OpContext& context) {
  const bool has_initial = call.outputs.size() == 3;
  lstm_dx({.shape = shape_of(call.inputs[2]),
           .recurrent = call.inputs[0].as<const float>(),
           .c0 = has_initial ? call.inputs[4].as<const float>() : nullptr,
           .cells = call.inputs[1].as<const float>(),
           .gates = call.inputs[2].as<const float>(),
           .dhidden = call.inputs[3].as<const float>(),
           .dhidden_time = call.inputs[3].dims[1],
           .dlast_cell = optional_input(call, has_initial ? 5 : 4),
           .dxz = call.outputs[0].as<float>(),
           .dh0 = optional_output(call, 1),
           .dc0 = optional_output(call, 2)},
          context.workspace);
}

}  // namespace

// The gates may lie on xz, and dxz on the gates.
const Op lstm_op = {.check = check, .workspace = workspace, .run = run, .in_place = true};
const Op lstm_dx_op = {
    .check = check_dx, .workspace = workspace_dx, .run = run_dx, .in_place = true};

}  // namespace luge
