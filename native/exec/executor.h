#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "exec/arena.h"
#include "exec/feed_readers.h"
#include "exec/store.h"
#include "exec/trace.h"
#include "ops/op.h"
#include "program/program.h"

namespace luge {

// A program on its memory: runs its instructions, fills its feeds and copies out its results.
// Allocates nothing once it is made.
class Executor {
 public:
  // The program is validated here; its stores must be distinct and at least as large as it says.
  // Throws ProgramError.
  Executor(Program program, std::vector<StorePtr> stores, Arena& arena);
  ~Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  const Program& program() const { return program_; }
  const std::vector<StorePtr>& stores() const { return stores_; }
  const TensorSpec& feed_tensor(size_t feed) const;
  const TensorSpec& result_tensor(size_t result) const;
  Trace& trace() { return trace_; }

  // Bytes of workspace for so many threads, the largest any instruction needs.
  int64_t workspace_bytes(int threads) const;

  // Before every step: takes memory for the present number of threads, wherever it is now.
  void prepare();
  // Of this step's memory. Before, between and behind them lie kMargin unused bytes.
  std::byte* tensors() const { return tensors_; }
  std::byte* workspace() const { return workspace_; }
  std::byte* end() const { return end_; }
  static constexpr size_t kMargin = 1024;

  // Has a step read a feed where it is, or copies it into the feed's tensor if it has to.
  void lend_feed(size_t feed, const std::byte* data);
  // Copies a block into a feed's tensor: contiguous, or of rows at the given indices.
  void fill_feed(size_t feed, const std::byte* data);
  void fill_feed(size_t feed, const std::byte* data, const int32_t* rows);
  // The instructions of one step; those of the prologue only when the content of a store has
  // changed since they ran.
  void execute(uint64_t seed, uint64_t step);
  void copy_result(size_t result, std::byte* out) const;

 private:
  std::byte* address(const TensorSpec& tensor) const;
  void point_readers(size_t feed, const std::byte* data);
  bool must_run_prologue();

  const Program program_;
  const std::vector<StorePtr> stores_;
  Arena& arena_;
  int threads_ = 0;          // that the next two were computed for
  size_t tensors_size_ = 0;  // bytes, in whole cache lines
  size_t workspace_size_ = 0;
  std::byte* tensors_ = nullptr;
  std::byte* workspace_ = nullptr;
  std::byte* end_ = nullptr;
  std::vector<TensorView> operands_;                   // of all instructions, one behind the other
  std::vector<int64_t> operand_tensors_;               // the tensor of each
  std::vector<std::vector<FeedReader>> feed_readers_;  // of each feed that can be lent
  std::vector<OpCall> calls_;                          // into operands_
  std::vector<const Op*> ops_;
  std::vector<Store*> written_;         // stores that a step writes to, but for the prologue
  std::vector<uint64_t> prologue_saw_;  // versions of the stores; none before it has run
  Trace trace_;
};

}  // namespace luge
