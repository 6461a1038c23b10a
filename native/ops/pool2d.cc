#include "ops/pool2d.h"

#include "ops/checks.h"

namespace luge {
namespace {

bool windows_fit(int64_t size, int64_t count, int64_t pool, int64_t stride, int64_t pad) {
  constexpr int64_t kMost = int64_t{1} << 15;
  return pool >= 1 && pool <= kMost && stride >= 1 && stride <= kMost && pad >= 0 && pad < pool &&
         product_fits({count, stride}) && (count - 1) * stride - pad < size;
}

}  // namespace

PoolShape pool2d_shape(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs) {
  return {.batch = x.dims[0],
          .h = x.dims[1],
          .w = x.dims[2],
          .channels = x.dims[3],
          .out_h = y.dims[1],
          .out_w = y.dims[2],
          .pool_h = attrs[0],
          .pool_w = attrs[1],
          .stride_h = attrs[2],
          .stride_w = attrs[3],
          .pad_top = attrs[4],
          .pad_left = attrs[5]};
}

const char* check_pool2d(const TensorView& x, const TensorView& y, std::span<const int32_t> attrs) {
  if (!all_float32({&x, &y})) return "pooling is of float32";
  if (x.rank != 4 || y.rank != 4) return "pooling is of rank 4";
  if (x.dims[0] != y.dims[0] || x.dims[3] != y.dims[3]) return "batch or channels differ";
  const PoolShape s = pool2d_shape(x, y, attrs);
  if (!windows_fit(s.h, s.out_h, s.pool_h, s.stride_h, s.pad_top) ||
      !windows_fit(s.w, s.out_w, s.pool_w, s.stride_w, s.pad_left)) {
    return "a window, stride or padding is out of range, or a window lies outside the image";
  }
  return product_fits({s.batch, s.out_h, s.out_w, s.channels, s.pool_h, s.pool_w})
             ? nullptr
             : "the pooling is too large";
}

}  // namespace luge
