#include "kernels/gru.h"

#include "ops/op_table.h"
#include "ops/recurrent_checks.h"

namespace luge {
namespace {

constexpr int64_t kGates = 3;

bool resets_after(const OpCall& call) { return call.attrs[0] == 1; }

GruShape shape_of(const OpCall& call, const TensorView& gates) {
  return {gates.dims[0], gates.dims[1], gates.dims[2] / kGates, resets_after(call)};
}

// xz [b, t, 3u], recurrent [u, 3u], bias [3u] if reset_after, perhaps h0 [b, u] -> hidden [b, t,
// u], last_hidden [b, u], perhaps before [b, t, u], gates [b, t, 3u] and inner [b, t, u]
const char* check(const OpCall& call) {
  if (!all_are_float32(call)) return "a GRU is of float32";
  if (call.attrs[0] != 0 && call.attrs[0] != 1) return "reset_after is 0 or 1";
  const size_t fixed = resets_after(call) ? 3 : 2;
  if (call.inputs.size() != fixed && call.inputs.size() != fixed + 1) {
    return "the number of inputs is wrong";
  }
  if (call.outputs.size() != 2 && call.outputs.size() != 5) return "it saves everything or nothing";
  const TensorView& xz = call.inputs[0];
  if (const char* wrong = check_gates(call.inputs[1], xz, kGates)) return wrong;
  const GruShape s = shape_of(call, xz);
  if (resets_after(call) && !has_dims(call.inputs[2], {kGates * s.units})) {
    return "the bias is [3 units]";
  }
  if (call.inputs.size() > fixed && !has_dims(call.inputs[fixed], {s.batch, s.units})) {
    return "h0 is [batch, units]";
  }
  if (!has_dims(call.outputs[1], {s.batch, s.units})) return "last_hidden is [batch, units]";
  for (const size_t sequence : {0, 2, 4}) {
    if (sequence < call.outputs.size() &&
        !has_dims(call.outputs[sequence], {s.batch, s.time, s.units})) {
      return "sequences are [batch, time, units]";
    }
  }
  return call.outputs.size() == 2 || same_dims(call.outputs[3], xz) ? nullptr : "the gates differ";
}

int64_t workspace(const OpCall& call, int threads) {
  return gru_workspace(shape_of(call, call.inputs[0]), threads);
}

void run(const OpCall& call, const OpContext& context) {
  gru({.shape = shape_of(call, call.inputs[0]),
       .xz = call.inputs[0].as<const float>(),
       .recurrent = call.inputs[1].as<const float>(),
       .bias = resets_after(call) ? call.inputs[2].as<const float>() : nullptr,
       .h0 = optional_input(call, resets_after(call) ? 3 : 2),
       .hidden = call.outputs[0].as<float>(),
       .last_hidden = call.outputs[1].as<float>(),
       .before = optional_output(call, 2),
       .gates = optional_output(call, 3),
       .inner = optional_output(call, 4)},
      context.workspace);
}

// recurrent [u, 3u], before [b, t, u], gates [b, t, 3u], inner [b, t, u], dhidden [b, t or 1, u] ->
// dxz [b, t, 3u], if reset_after dproduct [b, t, 3u], perhaps dh0 [b, u]
const char* check_dx(const OpCall& call) {
  if (!all_are_float32(call)) return "a GRU is of float32";
  if (call.attrs[0] != 0 && call.attrs[0] != 1) return "reset_after is 0 or 1";
  const size_t fixed = resets_after(call) ? 2 : 1;
  if (call.outputs.size() != fixed && call.outputs.size() != fixed + 1) {
    return "the number of outputs is wrong";
  }
  const TensorView& gates = call.inputs[2];
  if (const char* wrong = check_gates(call.inputs[0], gates, kGates)) return wrong;
  const GruShape s = shape_of(call, gates);
  for (const size_t sequence : {1, 3}) {
    if (!has_dims(call.inputs[sequence], {s.batch, s.time, s.units})) {
      return "sequences are [batch, time, units]";
    }
  }
  const TensorView& dhidden = call.inputs[4];
  if (!has_dims(dhidden, {s.batch, s.time, s.units}) && !has_dims(dhidden, {s.batch, 1, s.units})) {
    return "dhidden is [batch, time or 1, units]";
  }
  for (const TensorView& gradient : call.outputs.first(fixed)) {
    if (!same_dims(gradient, gates)) return "the gradients and the gates differ";
  }
  return call.outputs.size() == fixed || has_dims(call.outputs[fixed], {s.batch, s.units})
             ? nullptr
             : "dh0 is [batch, units]";
}

int64_t workspace_dx(const OpCall& call, int threads) {
  return gru_dx_workspace(shape_of(call, call.inputs[2]), threads);
}

void run_dx(const OpCall& call, const OpContext& context) {
  gru_dx({.shape = shape_of(call, call.inputs[2]),
          .recurrent = call.inputs[0].as<const float>(),
          .before = call.inputs[1].as<const float>(),
          .gates = call.inputs[2].as<const float>(),
          .inner = call.inputs[3].as<const float>(),
          .dhidden = call.inputs[4].as<const float>(),
          .dhidden_time = call.inputs[4].dims[1],
          .dxz = call.outputs[0].as<float>(),
          .dproduct = resets_after(call) ? call.outputs[1].as<float>() : nullptr,
          .dh0 = optional_output(call, resets_after(call) ? 2 : 1)},
         context.workspace);
}

}  // namespace

// The gates may lie on xz, and dxz on the gates.
const Op gru_op = {.check = check, .workspace = workspace, .run = run, .in_place = true};
const Op gru_dx_op = {
    .check = check_dx, .workspace = workspace_dx, .run = run_dx, .in_place = true};

}  // namespace luge
