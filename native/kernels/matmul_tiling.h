// How products are cut into tiles: by shape alone, so that results never depend on the threads.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace luge {

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

constexpr int64_t round_up(int64_t a, int64_t multiple) { return ceil_div(a, multiple) * multiple; }

// The largest power of two that is <= a; 1 for a < 1.
constexpr int64_t floor_pow2(int64_t a) {
  return a < 1 ? 1 : static_cast<int64_t>(std::bit_floor(static_cast<uint64_t>(a)));
}

// How many tiles a product of so many multiply-adds is worth: a power of two, for an even load.
// One tile (no barrier) below half a million, which a core does in about 5 microseconds; 16 for
// middle sizes; up to 64 when a tile then still takes long enough.
constexpr int64_t tile_count(int64_t multiply_adds) {
  const int64_t middle = std::min<int64_t>(multiply_adds >> 18, 16);
  const int64_t large = std::min<int64_t>(multiply_adds >> 24, 64);
  return floor_pow2(std::max(middle, large));
}

// The size of a tile when `size` is cut in `count`: a multiple of 8 floats or rows unless uncut.
constexpr int64_t tile_size(int64_t size, int64_t count) {
  return count <= 1 ? size : std::min(size, round_up(ceil_div(size, count), 8));
}

// Whether a right operand is packed once for so many tiles, which all threads then have to wait
// for, instead of once for each.
constexpr bool pays_to_pack(int64_t tiles, int64_t multiply_adds) {
  return tiles >= 4 && multiply_adds >= int64_t{1} << 25;
}

// Rows per chunk of a pass over a [rows, columns] matrix that only streams through memory.
constexpr int64_t rows_per_pass(int64_t columns) {
  return std::max<int64_t>(1, 8192 / std::max<int64_t>(1, columns));
}

}  // namespace luge
