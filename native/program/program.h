// A decoded program: plain tables, as they stand in the blob.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <vector>

#include "ops/op.h"

namespace luge {

struct TensorSpec {
  TensorView view;      // data stays null
  int64_t storage = 0;  // 0: the arena; k: store k - 1
  int64_t offset = 0;   // bytes into the storage

  int64_t bytes() const { return view.size * size_of(view.dtype); }
  int64_t end() const { return offset + bytes(); }
};

struct Instruction {
  int64_t opcode = 0;                    // row in op_list.inc
  std::vector<int64_t> inputs, outputs;  // tensor ids
  std::vector<int32_t> attrs;
};

// A tensor that is filled before every step.
struct FeedSpec {
  int64_t tensor = 0;
  bool indexed = false;  // row by row, at indices that the run brings
};

struct Program {
  int64_t arena_bytes = 0;
  std::vector<int64_t> store_bytes;
  std::vector<TensorSpec> tensors;
  std::vector<Instruction> instructions;
  size_t prologue = 0;  // so many of them, the first, depend on stores alone
  std::vector<FeedSpec> feeds;
  std::vector<int64_t> results;  // ids of the tensors that are copied out after every step
};

// Why a blob is not a program.
class ProgramError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace luge
