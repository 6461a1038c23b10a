// The transforms of Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016) for 3x3
// kernels: a tile of outputs y = A'[(G w G') * (B' x B)]A, channel by channel.
//
// Tiles of 2x2 interpolate at 0, 1, -1 and infinity; tiles of 4x4 at 0, +-sqrt(1/2), +-sqrt(2) and
// infinity, which rounds 2.5 times less than the usual 0, +-1, +-2.
#pragma once

#include <cstdint>

namespace luge {

enum class WinogradTransform {
  input,    // [tile + 2]^2 of x -> B' x B, [tile + 2]^2
  weight,   // 3x3 of w -> G w G', [tile + 2]^2
  output,   // [tile + 2]^2 of products -> A' m A, [tile]^2 of y
  dy,       // [tile]^2 of dy -> A dy A', [tile + 2]^2: the output's transform turned around
  dweight,  // [tile + 2]^2 of products -> G' m G, 3x3 of dw: the weight's turned around
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

// tile is 2 or 4.
void winograd_transform(int tile, WinogradTransform kind, const WinogradSquare<const float>& from,
                        const WinogradSquare<float>& to, int64_t channels);

}  // namespace luge
