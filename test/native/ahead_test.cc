#include "base/ahead.h"

#include <doctest/doctest.h>

#include <atomic>
#include <vector>

#include "base/team.h"

namespace luge {

TEST_CASE("rows are asked for from all threads, past their end and after they are gone") {
  constexpr int64_t kRows = 50, kBytes = 300;
  Team::lead(
      3, [] {},
      [] {
        Team& team = *Team::led();
        const auto loop = [&team] {
          std::atomic<int64_t> sum{0};
          const auto add = [](const void* context, int64_t begin, int64_t end, int) {
            auto& total = *static_cast<std::atomic<int64_t>*>(const_cast<void*>(context));
            for (int64_t i = begin; i < end; ++i) total += i;
          };
          team.run({.chunks = 200, .runs = 3, .whole = false, .body = add, .context = &sum});
          CHECK(sum == 19900);
        };
        for (int step = 0; step < 5; ++step) {
          std::vector<std::byte> data(kRows * kBytes);
          std::vector<int32_t> rows;
          for (int32_t i = 0; i < 7; ++i) rows.push_back(i * 7 % kRows);
          const std::vector<int32_t> one = {kRows - 1};
          team.ahead().start(std::vector<RowsAhead>{{data.data(), kBytes, rows.data(), 7},
                                                    {data.data(), kBytes, one.data(), 1},
                                                    {data.data(), kBytes, nullptr, 0}});
          loop();
          loop();
          team.ahead().stop();
          rows = {};
          loop();
        }
      });
}

}  // namespace luge
