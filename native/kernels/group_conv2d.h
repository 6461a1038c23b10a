// Convolution in groups of a few vectors of filters, tile by tile.
// Shapes and tiles as in conv2d.h and conv2d_patches.h.
#pragma once

#include <cstdint>

#include "kernels/conv2d_patches.h"
#include "kernels/conv2d_shape.h"

namespace luge {

// Whether a convolution is done here, and whether its gradient by the weights is.
bool is_group_conv2d(const Conv2dShape& shape);
bool is_group_conv2d_dweight(const Conv2dShape& shape);

// Floats of buffer for a tile of so many lines of an image.
int64_t group_conv2d_buffer(const Conv2dShape& shape, int64_t lines);

// The weights in the order that tiles read them; as many as before.
void pack_group_weights(const Conv2dShape& shape, const float* weight, float* packed);

void group_conv2d_tile(const Conv2dShape& shape, const Conv2dTile& tile, const float* x,
                       const float* packed, float* y, float* buffer);

// dweight = or += what a tile adds to the gradient by the weights.
void group_conv2d_dweight_tile(const Conv2dShape& shape, const Conv2dTile& tile, const float* x,
                               const float* dy, bool accumulate, float* dweight, float* buffer);

}  // namespace luge
