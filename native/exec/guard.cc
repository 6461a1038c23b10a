#include "exec/guard.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace luge {
namespace {

constexpr std::byte kPattern{0xA5};

std::string describe(const Program& program, int64_t offset) {
  int64_t nearest = -1;
  int64_t distance = 0;
  for (size_t id = 0; id < program.tensors.size(); ++id) {
    const TensorSpec& tensor = program.tensors[id];
    if (tensor.storage != 0) continue;
    const int64_t away =
        offset < tensor.offset ? tensor.offset - offset : offset - tensor.end() + 1;
    if (nearest < 0 || away < distance) {
      nearest = static_cast<int64_t>(id);
      distance = away;
    }
  }
  std::string text =
      "a step wrote to byte " + std::to_string(offset) + " of the arena, which no tensor covers";
  if (nearest < 0) return text;
  return text + "; the nearest, " + std::to_string(distance) + " bytes away, is tensor " +
         std::to_string(nearest);
}

}  // namespace

Guard::Guard(const Executor& executor) : executor_(executor) {
  std::vector<const TensorSpec*> tensors;
  for (const TensorSpec& tensor : executor.program().tensors) {
    if (tensor.storage == 0) tensors.push_back(&tensor);
  }
  std::sort(tensors.begin(), tensors.end(),
            [](const TensorSpec* a, const TensorSpec* b) { return a->offset < b->offset; });
  int64_t covered = 0;
  for (const TensorSpec* tensor : tensors) {
    if (tensor->offset > covered) between_tensors_.push_back({covered, tensor->offset});
    covered = std::max(covered, tensor->end());
  }
  between_tensors_.push_back({covered, executor.program().arena_bytes});
}

std::vector<Guard::Gap> Guard::gaps() const {
  const int64_t margin = Executor::kMargin;
  const int64_t end = executor_.end() - executor_.tensors();
  std::vector<Gap> all = between_tensors_;
  all.push_back({-margin, 0});
  all.push_back({executor_.program().arena_bytes, executor_.workspace() - executor_.tensors()});
  all.push_back({end, end + margin});
  return all;
}

void Guard::fill() const {
  for (const Gap& gap : gaps()) {
    std::fill(executor_.tensors() + gap.begin, executor_.tensors() + gap.end, kPattern);
  }
}

void Guard::check() const {
  for (const Gap& gap : gaps()) {
    for (int64_t offset = gap.begin; offset < gap.end; ++offset) {
      if (executor_.tensors()[offset] != kPattern) {
        throw std::runtime_error(describe(executor_.program(), offset));
      }
    }
  }
}

}  // namespace luge
