// Pooling of one row of outputs over channels-last images, for kernels/pool.
#pragma once

#include <cstdint>

namespace luge {

// Windows over x [h, w, channels] that give [out_h, out_w, channels]. Window (oy, ox) starts at row
// oy * stride_h - pad_top, column ox * stride_w - pad_left; what lies outside the image takes no
// part.
struct PoolShape {
  int64_t batch, h, w, channels;
  int64_t out_h, out_w;
  int64_t pool_h, pool_w;
  int64_t stride_h, stride_w;
  int64_t pad_top, pad_left;

  int64_t image() const { return h * w * channels; }
  int64_t out_image() const { return out_h * out_w * channels; }
  // Whether no element is in two windows, nor any window beyond the image.
  bool disjoint() const {
    return stride_h >= pool_h && stride_w >= pool_w && pad_top == 0 && pad_left == 0 &&
           (out_h - 1) * stride_h + pool_h <= h && (out_w - 1) * stride_w + pool_w <= w;
  }
  // Whether every element is in exactly one window.
  bool tiles() const {
    return disjoint() && stride_h == pool_h && stride_w == pool_w && out_h * pool_h == h &&
           out_w * pool_w == w;
  }
  // Index: position in the window, row by row.
  bool byte_index() const { return pool_h * pool_w <= 256; }
};

// All take one image; `oy` is the row of outputs. Windows without any element give -inf (max) or 0.
// index [out_h, out_w, channels]: uint8, or int32 where the window has more than 256 positions;
// null where it is not wanted.
void max_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y, void* index);
void average_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y);
void l2_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y);

// Adds the gradient of a row of outputs to the image dx; that of a maximum over disjoint windows is
// written without looking at what is there.
void max_pool_dx_row(const PoolShape& shape, const float* dy, const void* index, int64_t oy,
                     float* dx);
void average_pool_dx_row(const PoolShape& shape, const float* dy, int64_t oy, float* dx);
void l2_pool_dx_row(const PoolShape& shape, const float* x, const float* y, const float* dy,
                    int64_t oy, float* dx);

}  // namespace luge
