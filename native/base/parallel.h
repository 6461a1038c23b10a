// The one place where threads are shared out: a team, one per process (see exec/step_thread).
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "base/team.h"

namespace luge {

// What parallel_runs and parallel_for share.
template <class Body>
void run_loop(int64_t chunks, bool whole, const Body& body) {
  const int threads = static_cast<int>(std::min<int64_t>(chunks, thread_count()));
  if (threads <= 1 || Team::in_loop()) return chunks > 0 ? body(0, chunks, 0) : void();
  Team* team = Team::led();
  if (team == nullptr) {
    return Team::lead(
        threads, [] {}, [&] { run_loop(chunks, whole, body); });
  }
  const auto call = [](const void* context, int64_t begin, int64_t end, int thread) {
    (*static_cast<const Body*>(context))(begin, end, thread);
  };
  team->run({chunks, std::min(threads, team->size()), whole, call, &body});
}

// Calls body(begin, end, thread) with a run of the chunks [0, chunks) for each thread, with thread
// in [0, thread_count()). Runs are of neighbours, so that what a thread has written it mostly reads
// again, from a cache of its own; a thread that is late finds its run taken by another.
template <class Body>
void parallel_runs(int64_t chunks, const Body& body) {
  run_loop(chunks, true, body);
}

// Calls body(chunk, thread) for every chunk in [0, chunks), in runs as above of which those that
// are done early take from the others. Callers cut work into chunks by shape alone, so that no
// result depends on the thread count, or on who did what.
template <class Body>
void parallel_for(int64_t chunks, const Body& body) {
  run_loop(chunks, false, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t chunk = begin; chunk < end; ++chunk) body(chunk, thread);
  });
}

// Calls body(begin, end, thread) for the pieces of [0, size), of about `most` elements or fewer: as
// many as a power of two, and multiples of kMultiple as equal as can be, so that threads get equal
// shares.
template <int64_t kMultiple = 16, class Body>
void parallel_pieces(int64_t size, int64_t most, const Body& body) {
  const auto pieces =
      static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>((size + most - 1) / most)));
  const int64_t multiples = (size + pieces * kMultiple - 1) / (pieces * kMultiple);
  const int64_t piece = std::max<int64_t>(1, multiples) * kMultiple;
  parallel_for((size + piece - 1) / piece, [&](int64_t i, int thread) {
    body(i * piece, std::min(size, (i + 1) * piece), thread);
  });
}

}  // namespace luge
