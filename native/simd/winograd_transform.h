// The transforms of Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016): a tile of
// outputs y = A'[(G w G') * (B' x B)]A, channel by channel.
//
// Four points a side interpolate at 0, 1, -1 and infinity; six at 0, +-sqrt(1/2), +-sqrt(2) and
// infinity, which rounds 2.5 times less than the usual 0, +-1, +-2.
#pragma once

#include <cstdint>

namespace luge {

// How many outputs and elements of the kernel there are on each side: 2 and 3, 4 and 3, or 2 and 5.
struct WinogradSizes {
  int tile, kernel;

  int side() const { return tile + kernel - 1; }
  int points() const { return side() * side(); }
};

enum class WinogradTransform {
  input,    // [side]^2 of x -> B' x B, [side]^2
  weight,   // [kernel]^2 of w -> G w G', [side]^2
  output,   // [side]^2 of products -> A' m A, [tile]^2 of y
  dy,       // [tile]^2 of dy -> A dy A', [side]^2: the output's transform turned around
  dweight,  // [side]^2 of products -> G' m G, [kernel]^2 of dw: the weight's turned around
};

// A square of vectors of channels: element (i, j) begins at data + i * row_step + j * column_step.
// Those outside of [row_begin, row_end) x [column_begin, column_end) are zero, or not written.
template <class T>
struct WinogradSquare {
  T* data;
  int64_t row_step, column_step;
  int64_t row_begin = 0, row_end = 6;
  int64_t column_begin = 0, column_end = 6;
};

void winograd_transform(WinogradSizes sizes, WinogradTransform kind,
                        const WinogradSquare<const float>& from, const WinogradSquare<float>& to,
                        int64_t channels);

}  // namespace luge
