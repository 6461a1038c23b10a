// OpenMP's threads, kept together from loop to loop. Whoever is ready takes from what is left of a
// loop, and its end waits only for what has been begun: a thread that is still waking up, or whose
// processor another process has, holds up nobody. OpenMP's own loops wait at each end for all.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/ahead.h"

namespace luge {

// How many threads loops may use; at least 1, and if none was set, as many as there are processors.
int thread_count();
void set_thread_count(int count);

// Calls body(context, begin, end, thread) for all of [0, chunks), in pieces.
struct Loop {
  int64_t chunks;
  int runs;    // of neighbouring chunks, one for each thread that takes part
  bool whole;  // a run is one piece
  void (*body)(const void* context, int64_t begin, int64_t end, int thread);
  const void* context;
};

class Team {
 public:
  // Calls enter() on each of so many threads, then body() on the calling thread, which leads them.
  static void lead(int threads, const std::function<void()>& enter,
                   const std::function<void()>& body);

  // The team that the calling thread leads, or null.
  static Team* led();
  // Whether the calling thread is in the middle of a loop.
  static bool in_loop();

  int size() const { return static_cast<int>(shares_.size()); }
  // What threads ask for on their way. Not during a loop.
  Ahead& ahead() { return ahead_; }

  // Runs a loop of at most size() runs, from the thread that leads.
  void run(const Loop& loop);

 private:
  // What is left of a run: its chunks from the first that was not taken to the end.
  struct alignas(64) Share {
    std::atomic<uint64_t> left{0};
  };

  explicit Team(int threads) : shares_(threads), ahead_(threads) {}
  void serve(int thread);
  void work(int thread) noexcept;
  void close();

  std::vector<Share> shares_;
  Ahead ahead_;
  Loop loop_{};
  alignas(64) std::atomic<int> loops_{0};   // begun so far
  alignas(64) std::atomic<int> inside_{0};  // threads but the leader that may be in the loop
  std::atomic<bool> open_{false};           // the loop can be joined
  std::atomic<bool> closed_{false};
};

}  // namespace luge
