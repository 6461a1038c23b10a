#include "exec/arena.h"

#include <algorithm>

namespace luge {

void Arena::set_need(const void* program, size_t bytes) {
  const std::lock_guard lock(mutex_);
  needs_[program] = bytes;
}

void Arena::forget(const void* program) {
  const std::lock_guard lock(mutex_);
  needs_.erase(program);
}

size_t Arena::largest_need() {
  const std::lock_guard lock(mutex_);
  size_t largest = 0;
  for (const auto& [program, bytes] : needs_) largest = std::max(largest, bytes);
  return largest;
}

std::byte* Arena::reserve(size_t bytes) {
  if (bytes > memory_.size()) {
    memory_ = AlignedMemory();  // first, so that old and new never take memory together
    memory_ = AlignedMemory(bytes);
  }
  return memory_.data();
}

void Arena::trim() {
  constexpr size_t kSmall = size_t{1} << 20;
  if (memory_.size() > 2 * largest_need() + kSmall) memory_ = AlignedMemory();
}

}  // namespace luge
