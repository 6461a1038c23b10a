#include "exec/run.h"

#include <algorithm>
#include <utility>

#include "base/team.h"

namespace luge {
namespace {

// While it lives, the team asks for these rows.
class AskAhead {
 public:
  explicit AskAhead(std::span<const RowsAhead> rows) : team_(Team::led()) {
    if (team_) team_->ahead().start(rows);
  }
  ~AskAhead() {
    if (team_) team_->ahead().stop();
  }
  AskAhead(const AskAhead&) = delete;
  AskAhead& operator=(const AskAhead&) = delete;

 private:
  Team* team_;
};

}  // namespace

Run::Run(std::shared_ptr<Executor> executor, RunRequest request)
    : executor_(std::move(executor)), request_(std::move(request)) {
  if (request_.guard) guard_.emplace(*executor_);
}

bool Run::must_follow(const Job& earlier) const {
  const auto* other = dynamic_cast<const Run*>(&earlier);
  if (!other) return false;
  const std::vector<StorePtr>& mine = executor_->stores();
  const std::vector<StorePtr>& theirs = other->executor_->stores();
  return std::find_first_of(mine.begin(), mine.end(), theirs.begin(), theirs.end()) != mine.end();
}

bool Run::step() {
  if (done_ == request_.steps) return false;
  executor_->prepare();
  if (guard_) guard_->fill();
  fill_feeds();
  {
    const AskAhead ahead(coming_rows());
    executor_->execute(request_.seed, request_.first_step + done_);
  }
  copy_results();
  if (guard_) guard_->check();
  return ++done_ < request_.steps;
}

void Run::fill_feeds() {
  for (size_t i = 0; i < request_.feeds.size(); ++i) {
    const TensorSpec& tensor = executor_->feed_tensor(i);
    if (executor_->program().feeds[i].indexed && !request_.indices.empty()) {
      const int64_t batch = tensor.view.dims[0];
      executor_->fill_feed(i, request_.feeds[i], request_.indices.data() + done_ * batch);
      continue;
    }
    const std::byte* block = request_.feeds[i] + done_ * tensor.bytes();
    // Guards look for what a step does in memory of its own.
    guard_ ? executor_->fill_feed(i, block) : executor_->lend_feed(i, block);
  }
}

std::span<const RowsAhead> Run::coming_rows() {
  coming_.clear();
  if (done_ + 1 == request_.steps || request_.indices.empty()) return coming_;
  for (size_t i = 0; i < request_.feeds.size(); ++i) {
    if (!executor_->program().feeds[i].indexed) continue;
    const TensorSpec& tensor = executor_->feed_tensor(i);
    const int64_t batch = tensor.view.dims[0];
    coming_.push_back({.data = request_.feeds[i],
                       .row_bytes = tensor.bytes() / batch,
                       .rows = request_.indices.data() + (done_ + 1) * batch,
                       .count = batch});
  }
  return coming_;
}

void Run::copy_results() {
  for (size_t i = 0; i < request_.results.size(); ++i) {
    std::byte* out = request_.results[i];
    if (out) executor_->copy_result(i, out + done_ * executor_->result_tensor(i).bytes());
  }
}

}  // namespace luge
