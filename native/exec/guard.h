#pragma once

#include <cstddef>
#include <vector>

#include "exec/executor.h"

namespace luge {

// For tests: fills every byte around a program's tensors and workspace with a pattern before a
// step, and finds those that the step wrote to.
class Guard {
 public:
  explicit Guard(const Executor& executor);

  void fill() const;
  // Throws std::runtime_error that names the byte and the nearest tensor.
  void check() const;

 private:
  struct Gap {
    int64_t begin, end;  // relative to the tensors
  };
  std::vector<Gap> gaps() const;

  const Executor& executor_;
  std::vector<Gap> between_tensors_;
};

}  // namespace luge
