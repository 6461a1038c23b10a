#include "base/parallel.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "threads.h"

namespace luge {
namespace {

using Ranges = std::vector<std::pair<int64_t, int64_t>>;

// The ranges that a loop hands out, in order; each thread number must be one of those allowed.
template <class Loop>
Ranges ranges_of(int threads, Loop loop) {
  const Threads set(threads);
  constexpr int kMost = 64;
  Ranges found(kMost);
  std::atomic<int> count = 0;
  loop([&](int64_t begin, int64_t end, int thread) {
    CHECK(thread >= 0);
    CHECK(thread < threads);
    found.at(count++) = {begin, end};
  });
  found.resize(count);
  std::sort(found.begin(), found.end());
  return found;
}

bool covers(const Ranges& ranges, int64_t size) {
  int64_t next = 0;
  for (const auto& [begin, end] : ranges) {
    if (begin != next || end <= begin) return false;
    next = end;
  }
  return next == size;
}

}  // namespace

TEST_CASE("parallel_runs gives each thread a run of neighbours, of equal length but for one") {
  for (const int threads : {1, 2, 3, 4}) {
    for (const int64_t chunks : {0, 1, 2, 5, 16, 63}) {
      const Ranges runs =
          ranges_of(threads, [&](const auto& body) { parallel_runs(chunks, body); });
      CHECK(covers(runs, chunks));
      CHECK(static_cast<int64_t>(runs.size()) == std::min<int64_t>(threads, chunks));
      for (const auto& [begin, end] : runs) {
        CHECK(end - begin >= chunks / threads);
        CHECK(end - begin <= chunks / threads + 1);
      }
    }
  }
}

TEST_CASE("parallel_for visits every chunk once") {
  for (const int threads : {1, 2, 3}) {
    const Threads set(threads);
    std::vector<std::atomic<int>> visits(37);
    parallel_for(37, [&](int64_t chunk, int) { ++visits[chunk]; });
    for (const auto& count : visits) CHECK(count == 1);
  }
}

TEST_CASE("parallel_pieces cuts by size alone into as many pieces as a power of two") {
  for (const int64_t size : {1, 16, 100, 9000, 49143, 100000}) {
    const auto loop = [&](const auto& body) { parallel_pieces(size, 4096, body); };
    const Ranges pieces = ranges_of(1, loop);
    CHECK(covers(pieces, size));
    CHECK(ranges_of(2, loop) == pieces);
    CHECK(ranges_of(3, loop) == pieces);
    for (const auto& [begin, end] : pieces) {
      CHECK(begin % 16 == 0);
      CHECK(end - begin < 4096 + 16);
    }
  }
  CHECK(ranges_of(1, [](const auto& body) { parallel_pieces(9000, 4096, body); }) ==
        Ranges{{0, 2256}, {2256, 4512}, {4512, 6768}, {6768, 9000}});
  CHECK(ranges_of(2, [](const auto& body) { parallel_pieces(0, 4096, body); }).empty());
}

TEST_CASE("a thread that is done takes from what is left of the others") {
  const Threads set(2);
  std::atomic<int> others = 0;
  bool alone = false;
  // The first chunk of the second run lasts until all others are done, those behind it as well.
  parallel_for(8, [&](int64_t chunk, int) {
    if (chunk != 4) {
      ++others;
      return;
    }
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (others < 7 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    alone = others == 7;
  });
  CHECK(alone);
}

TEST_CASE("a team's loops one after the other, with pauses in which threads fall asleep") {
  const Threads set(3);
  Team::lead(
      3, [] {},
      [] {
        for (int loop = 0; loop < 3000; ++loop) {
          const int64_t chunks = 1 + loop % 11;
          std::atomic<int64_t> sum = 0;
          std::atomic<int> users[3] = {};
          bool shared = false;
          parallel_for(chunks, [&](int64_t chunk, int thread) {
            if (users[thread]++ > 0) shared = true;
            sum += chunk + 1;
            --users[thread];
          });
          REQUIRE(sum == chunks * (chunks + 1) / 2);
          REQUIRE(!shared);  // a number is that of one thread, which has buffers by it
          if (loop % 300 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
      });
}

TEST_CASE("a loop within a loop is run by the thread that meets it") {
  const Threads set(2);
  std::vector<std::atomic<int>> visits(6);
  parallel_for(2, [&](int64_t outer, int) {
    const auto self = std::this_thread::get_id();
    parallel_for(3, [&](int64_t inner, int) {
      CHECK(std::this_thread::get_id() == self);
      ++visits[3 * outer + inner];
    });
  });
  for (const auto& count : visits) CHECK(count == 1);
}

TEST_CASE("a team lasts through several numbers of threads") {
  const Threads set(4);
  Team::lead(
      2, [] {},
      [] {
        std::vector<std::atomic<int>> visits(16);
        parallel_for(16, [&](int64_t chunk, int thread) {
          CHECK(thread < 2);  // there are no more
          ++visits[chunk];
        });
        for (const auto& count : visits) CHECK(count == 1);
      });
  CHECK(Team::led() == nullptr);
}

}  // namespace luge
