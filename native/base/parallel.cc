#include "base/parallel.h"

#include <atomic>

namespace luge {
namespace {

std::atomic<int> g_thread_count{0};  // 0: not chosen yet

}  // namespace

int thread_count() {
  const int chosen = g_thread_count.load(std::memory_order_relaxed);
  return chosen > 0 ? chosen : omp_get_num_procs();
}

void set_thread_count(int count) {
  g_thread_count.store(count < 1 ? 1 : count, std::memory_order_relaxed);
}

}  // namespace luge
