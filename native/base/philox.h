// Philox4x32-10: random numbers by counter, so that any element can be computed alone (Salmon et
// al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
#pragma once

#include <array>
#include <cstdint>

namespace luge {

// Names a sequence of random words: every random operation has its stream, every step its own draw.
struct RandomStream {
  uint64_t seed;
  uint32_t stream;
  uint64_t step;
};

inline constexpr int kPhiloxRounds = 10;
inline constexpr uint32_t kPhiloxMultiplier0 = 0xD2511F53;
inline constexpr uint32_t kPhiloxMultiplier1 = 0xCD9E8D57;
inline constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9;
inline constexpr uint32_t kPhiloxWeyl1 = 0xBB67AE85;

// The permutation itself.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// Words 4 * block to 4 * block + 3 of a sequence. The key is the seed; the counter is the block,
// the stream and the step's two halves.
std::array<uint32_t, 4> random_words(const RandomStream& stream, uint32_t block);

}  // namespace luge
