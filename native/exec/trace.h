// How often each instruction of a program ran, and for how long.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace luge {

struct TraceRow {
  int64_t count = 0;
  int64_t nanoseconds = 0;
};

class Trace {
 public:
  explicit Trace(size_t instructions) : rows_(instructions) {}

  bool enabled() const { return enabled_; }
  const std::vector<TraceRow>& rows() const { return rows_; }

  // Counts start anew when it is switched on.
  void enable(bool enabled) {
    if (enabled && !enabled_) rows_.assign(rows_.size(), {});
    enabled_ = enabled;
  }

  template <class Body>
  void measure(size_t instruction, Body&& body) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    const auto time = std::chrono::steady_clock::now() - begin;
    rows_[instruction].count += 1;
    rows_[instruction].nanoseconds += std::chrono::nanoseconds(time).count();
  }

 private:
  bool enabled_ = false;
  std::vector<TraceRow> rows_;
};

}  // namespace luge
