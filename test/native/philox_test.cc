#include "base/philox.h"

#include <doctest/doctest.h>

namespace luge {
namespace {

// The known answers that Random123 publishes for philox4x32-10.
TEST_CASE("philox gives Random123's known answers") {
  using Counter = std::array<uint32_t, 4>;
  CHECK(philox({0, 0, 0, 0}, {0, 0}) == Counter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Counter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Counter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("seed, stream, step and block each change every word") {
  const RandomStream base{1, 2, 3};
  const auto words = random_words(base, 4);
  for (const auto& other :
       {random_words({uint64_t{1} << 32 | 1, 2, 3}, 4), random_words({2, 2, 3}, 4),
        random_words({1, 3, 3}, 4), random_words({1, 2, 4}, 4),
        random_words({1, 2, uint64_t{1} << 32 | 3}, 4), random_words(base, 5)}) {
    for (int i = 0; i < 4; ++i) CHECK(words[i] != other[i]);
  }
  CHECK(random_words(base, 4) == words);
}

}  // namespace
}  // namespace luge
