#include "base/philox.h"

namespace luge {

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t product0 = uint64_t{kPhiloxMultiplier0} * counter[0];
    const uint64_t product1 = uint64_t{kPhiloxMultiplier1} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
               static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
               static_cast<uint32_t>(product0)};
    key[0] += kPhiloxWeyl0;
    key[1] += kPhiloxWeyl1;
  }
  return counter;
}

std::array<uint32_t, 4> random_words(const RandomStream& stream, uint32_t block) {
  const auto low = [](uint64_t v) { return static_cast<uint32_t>(v); };
  return philox({block, stream.stream, low(stream.step), low(stream.step >> 32)},
                {low(stream.seed), low(stream.seed >> 32)});
}

}  // namespace luge
