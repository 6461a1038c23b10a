#include "exec/feed_readers.h"

#include <algorithm>

namespace luge {
namespace {

bool overlap(const TensorSpec& a, const TensorSpec& b) {
  return a.storage == b.storage && a.offset < b.end() && b.offset < a.end();
}

bool contains(const TensorSpec& whole, const TensorSpec& part) {
  return whole.storage == part.storage && whole.offset <= part.offset && part.end() <= whole.end();
}

}  // namespace

std::vector<FeedReader> find_feed_readers(const Program& program, size_t feed) {
  const TensorSpec& fed = program.tensors[program.feeds[feed].tensor];
  if (fed.storage != 0) return {};
  std::vector<FeedReader> readers;
  std::vector<const TensorSpec*> written;  // over the feed
  const auto is_new = [&](const TensorSpec& tensor) {
    return std::any_of(written.begin(), written.end(),
                       [&](const TensorSpec* whole) { return contains(*whole, tensor); });
  };
  size_t operand = 0;
  for (const Instruction& instruction : program.instructions) {
    for (const int64_t id : instruction.inputs) {
      const TensorSpec& tensor = program.tensors[id];
      if (overlap(tensor, fed) && !is_new(tensor)) {
        if (!written.empty() || !contains(fed, tensor)) return {};
        readers.push_back({operand, tensor.offset - fed.offset});
      }
      ++operand;
    }
    for (const int64_t id : instruction.outputs) {
      const TensorSpec& tensor = program.tensors[id];
      if (overlap(tensor, fed)) written.push_back(&tensor);
      ++operand;
    }
  }
  const bool shown = std::any_of(program.results.begin(), program.results.end(), [&](int64_t id) {
    return overlap(program.tensors[id], fed) && !is_new(program.tensors[id]);
  });
  return shown ? std::vector<FeedReader>() : readers;
}

}  // namespace luge
