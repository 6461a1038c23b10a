// The number of threads of a test.
#pragma once

#include "base/parallel.h"

namespace luge {

// Sets the number of threads, and makes it what it was at the end.
class Threads {
 public:
  explicit Threads(int count) : before_(thread_count()) { set_thread_count(count); }
  ~Threads() { set_thread_count(before_); }

 private:
  int before_;
};

}  // namespace luge
