// The one place where threads are shared out: an OpenMP team, one per process (see
// exec/step_thread).
#pragma once

#include <omp.h>

#include <cstdint>

namespace luge {

// How many threads parallel_for may use; at least 1.
int thread_count();
void set_thread_count(int count);

// Calls body(chunk, thread) for every chunk in [0, chunks), with thread in [0, thread_count()).
// Callers cut work into chunks by shape alone, so that no result depends on the thread count.
template <class Body>
void parallel_for(int64_t chunks, Body&& body) {
  const int threads = static_cast<int>(chunks < thread_count() ? chunks : thread_count());
  if (threads <= 1) {
    for (int64_t chunk = 0; chunk < chunks; ++chunk) body(chunk, 0);
    return;
  }
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int64_t chunk = 0; chunk < chunks; ++chunk) body(chunk, omp_get_thread_num());
}

}  // namespace luge
