// Memory that outlives steps: weights, optimizer slots, running statistics.
#pragma once

#include <cstdint>
#include <memory>

#include "exec/aligned_memory.h"

namespace luge {

struct Store {
  explicit Store(size_t bytes) : memory(bytes) {}

  AlignedMemory memory;
  // Grows whenever the content may have changed. Touched in steps and between them only.
  uint64_t version = 0;
};

using StorePtr = std::shared_ptr<Store>;

}  // namespace luge
