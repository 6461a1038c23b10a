#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/ahead.h"
#include "exec/executor.h"
#include "exec/guard.h"
#include "exec/step_thread.h"

namespace luge {

// Sizes are already checked against the program.
struct RunRequest {
  int64_t steps = 0;
  uint64_t first_step = 0;  // the number of the first, which random operations see
  uint64_t seed = 0;
  std::vector<const std::byte*> feeds;  // an array each
  // Rows of indexed feeds, a batch behind the other. Empty: such feeds come in blocks, as others
  // do.
  std::vector<int32_t> indices;
  std::vector<std::byte*> results;  // an array each, a block per step; null: not wanted
  bool guard = false;
};

// A number of steps of one program, on given data.
class Run : public Job {
 public:
  Run(std::shared_ptr<Executor> executor, RunRequest request);

  int64_t steps_done() const { return done_; }
  // Runs on the same weights keep their order.
  bool must_follow(const Job& earlier) const override;

 protected:
  bool step() override;

 private:
  void fill_feeds();
  // What indexed feeds read in the next step, if there is one.
  std::span<const RowsAhead> coming_rows();
  void copy_results();

  const std::shared_ptr<Executor> executor_;
  const RunRequest request_;
  std::optional<Guard> guard_;
  std::vector<RowsAhead> coming_;  // kept, so that no step allocates
  std::atomic<int64_t> done_ = 0;
};

}  // namespace luge
