#include "base/team.h"

#include <omp.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <limits>

namespace luge {
namespace {

std::atomic<int> g_thread_count{0};  // 0: not chosen yet

thread_local Team* t_led = nullptr;
thread_local bool t_in_loop = false;

// How long a thread looks out for a change before it sleeps: waking it takes about as long. More
// would keep the processor from others, the very ones that are waited for among them.
constexpr std::chrono::microseconds kLookout{50};

// Leaves a core's units to its other thread for a moment.
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Returns the value once it is another.
int wait_for_change(const std::atomic<int>& value, int old) {
  constexpr int kGlances = 64;  // between looks at the clock
  const auto end = std::chrono::steady_clock::now() + kLookout;
  do {
    for (int i = 0; i < kGlances; ++i) {
      if (const int now = value.load(); now != old) return now;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  value.wait(old);
  return value.load();
}

// Chunks [first, end) of a run in one word.
constexpr uint64_t pack(int64_t first, int64_t end) {
  return static_cast<uint64_t>(first) << 32 | static_cast<uint64_t>(end);
}
struct Range {
  int64_t first, end;

  explicit Range(uint64_t word) : first(word >> 32), end(word & 0xffffffff) {}
};

// Takes some of what is left: the owner of a run at its beginning, others at its end. A quarter at
// a time, so that what is left can still be shared.
bool take(std::atomic<uint64_t>& left, bool whole, bool own, int64_t& begin, int64_t& end) {
  uint64_t word = left.load();
  for (;;) {
    const Range range(word);
    const int64_t size = range.end - range.first;
    if (size == 0) return false;
    const int64_t taken = whole ? size : std::max<int64_t>(1, size / 4);
    begin = own ? range.first : range.end - taken;
    end = begin + taken;
    const uint64_t rest = own ? pack(end, range.end) : pack(range.first, begin);
    if (left.compare_exchange_weak(word, rest)) return true;
  }
}

}  // namespace

int thread_count() {
  const int chosen = g_thread_count.load(std::memory_order_relaxed);
  if (chosen > 0) return chosen;
  static const int processors = omp_get_num_procs();
  return processors;
}

void set_thread_count(int count) {
  g_thread_count.store(count < 1 ? 1 : count, std::memory_order_relaxed);
}

Team* Team::led() { return t_led; }

bool Team::in_loop() { return t_in_loop; }

void Team::lead(int threads, const std::function<void()>& enter,
                const std::function<void()>& body) {
  Team team(threads);
#pragma omp parallel num_threads(threads)
  {
    enter();
    if (omp_get_thread_num() == 0) {
      t_led = &team;
      body();
      t_led = nullptr;
      team.close();
    } else {
      team.serve(omp_get_thread_num());
    }
  }
}

void Team::run(const Loop& loop) {
  assert(t_led == this && !t_in_loop);
  assert(loop.runs <= size() && loop.chunks <= std::numeric_limits<int32_t>::max());
  loop_ = loop;
  for (int i = 0; i < loop.runs; ++i) {
    shares_[i].left = pack(loop.chunks * i / loop.runs, loop.chunks * (i + 1) / loop.runs);
  }
  open_ = true;
  ++loops_;
  loops_.notify_all();
  work(0);
  // From here on nobody joins who has not been counted.
  open_ = false;
  for (int others = inside_; others > 0;) others = wait_for_change(inside_, others);
}

void Team::serve(int thread) {
  for (int seen = 0;;) {
    seen = wait_for_change(loops_, seen);
    if (closed_) return;
    ++inside_;
    if (open_) work(thread);
    --inside_;
    inside_.notify_one();
  }
}

void Team::work(int thread) noexcept {
  const Loop& loop = loop_;
  if (thread >= loop.runs) return;
  t_in_loop = true;
  int64_t begin, end;
  for (int i = 0; i < loop.runs; ++i) {
    std::atomic<uint64_t>& left = shares_[(thread + i) % loop.runs].left;
    while (take(left, loop.whole, i == 0, begin, end)) {
      loop.body(loop.context, begin, end, thread);
      ahead_.fetch(thread);
    }
  }
  t_in_loop = false;
}

void Team::close() {
  closed_ = true;
  ++loops_;
  loops_.notify_all();
}

}  // namespace luge
