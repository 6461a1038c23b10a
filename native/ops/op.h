// What an operation is to the validator and the executor: a check, a need for workspace, and a run.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/dtype.h"

namespace luge {

inline constexpr int kMaxRank = 8;

// A dense row-major tensor inside one of a program's storages.
struct TensorView {
  DType dtype = DType::float32;
  int rank = 0;
  std::array<int64_t, kMaxRank> dims{};
  int64_t size = 1;      // elements
  void* data = nullptr;  // null while the program is being checked

  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

// One instruction: which tensors it reads and writes, and its attributes (floats as their bits).
struct OpCall {
  std::span<const TensorView> inputs;
  std::span<const TensorView> outputs;
  std::span<const int32_t> attrs;
};

// What changes from step to step.
struct OpContext {
  float* workspace = nullptr;  // 64-byte aligned, of the size that Op::workspace asked for
  uint64_t seed = 0;           // of the run; random operations add their own stream
  uint64_t step = 0;
};

struct Op {
  // Null when the call is sound: operand kinds, shapes and attributes agree, and no attribute can
  // lead outside a tensor. Otherwise what is wrong. Counts of fixed operands and attributes are
  // already checked against op_list.inc.
  const char* (*check)(const OpCall& call);
  // Floats of workspace for this many threads; null when none is ever needed.
  int64_t (*workspace)(const OpCall& call, int threads);
  void (*run)(const OpCall& call, const OpContext& context);
  // Whether an output may lie exactly on an input's memory: where lib/ops puts one, element i is
  // read before it is written, and anywhere else the result is wrong, but nothing beyond it is
  // touched.
  bool in_place;
};

}  // namespace luge
