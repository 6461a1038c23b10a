#pragma once

#include <cstdint>

#include "kernels/conv2d_shape.h"

namespace luge {

// Adds every element of columns[row - row_begin, depth] to the pixel of dx[n, h, w, c] that the
// patch under output pixel `row` has there, in the channels of the group; what lies in the padding
// is lost. Depth runs over kh, kw, channel. Rows of an image write to that image alone.
void col2im_add(const Conv2dShape& shape, const float* columns, int64_t group, int64_t row_begin,
                int64_t row_end, float* dx);

}  // namespace luge
