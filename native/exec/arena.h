#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_map>

#include "exec/aligned_memory.h"

namespace luge {

// Memory that all programs of the process use, one step at a time: nothing in it outlives a step.
// As large as the largest program that ran, until no living program needs nearly as much.
class Arena {
 public:
  // What a living program will ask reserve() for. From any thread.
  void set_need(const void* program, size_t bytes);
  void forget(const void* program);

  // At least so many bytes, at an address that may differ from last time. On the step thread only.
  std::byte* reserve(size_t bytes);
  // Gives memory back when it is much more than any living program needs. On the step thread only.
  void trim();

 private:
  size_t largest_need();

  AlignedMemory memory_;
  std::mutex mutex_;  // of needs_
  std::unordered_map<const void*, size_t> needs_;
};

}  // namespace luge
