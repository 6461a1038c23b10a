#include "kernels/col2im.h"

#include <doctest/doctest.h>

#include <vector>

#include "buffers.h"

namespace luge {
namespace {

// The index in dx of element `d` of the patch under output pixel `row`; -1 for padding.
int64_t target_of(const Conv2dShape& s, int64_t group, int64_t row, int64_t d) {
  const int64_t channel = d % s.group_c();
  const int64_t kx = d / s.group_c() % s.kw;
  const int64_t ky = d / s.group_c() / s.kw;
  const int64_t y = row / s.ow % s.oh * s.stride_h - s.pad_top + ky * s.dilation_h;
  const int64_t x = row % s.ow * s.stride_w - s.pad_left + kx * s.dilation_w;
  if (y < 0 || y >= s.h || x < 0 || x >= s.w) return -1;
  return ((row / s.ow / s.oh * s.h + y) * s.w + x) * s.c + group * s.group_c() + channel;
}

// Small whole numbers, so that sums are exact in any order.
void check(const Conv2dShape& s, int64_t row_begin, int64_t row_end) {
  CAPTURE(s.c);
  CAPTURE(s.kw);
  CAPTURE(s.stride_w);
  CAPTURE(s.pad_left);
  CAPTURE(s.dilation_w);
  CAPTURE(s.groups);
  CAPTURE(row_begin);
  const int64_t size = (row_end - row_begin) * s.depth();
  std::vector<float> columns(size);
  for (int64_t i = 0; i < size; ++i) columns[i] = static_cast<float>(i % 7 + 1);
  for (int64_t group = 0; group < s.groups; ++group) {
    GuardedBuffer<float> dx(std::vector<float>(s.n * s.h * s.w * s.c, 5.0f), 1);
    std::vector<float> expected = dx.values();
    for (int64_t i = 0; i < size; ++i) {
      const int64_t target = target_of(s, group, row_begin + i / s.depth(), i % s.depth());
      if (target >= 0) expected[target] += columns[i];
    }
    col2im_add(s, columns.data(), group, row_begin, row_end, dx.data());
    CHECK(dx.intact());
    CHECK(dx.values() == expected);
  }
}

int64_t out_size(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, int64_t padding) {
  return (size + padding - (kernel - 1) * dilation - 1) / stride + 1;
}

}  // namespace

TEST_CASE("col2im_add reaches every pixel of a patch, for any geometry and range of rows") {
  for (const int64_t channels : {1, 2, 3, 4, 6, 16, 33}) {
    for (const int64_t kernel : {1, 2, 3, 5}) {
      for (const int64_t stride : {1, 2, 3}) {
        for (const int64_t dilation : {1, 2}) {
          for (const int64_t padding : {0, 1, 4}) {
            Conv2dShape s{.n = 2,
                          .h = 6,
                          .w = 9,
                          .c = channels,
                          .kh = 2,
                          .kw = kernel,
                          .oh = 0,
                          .ow = 0,
                          .oc = 1};
            s.stride_h = stride;
            s.stride_w = stride;
            s.dilation_w = dilation;
            s.pad_left = padding;
            s.pad_top = padding / 2;
            s.oh = out_size(s.h, s.kh, stride, 1, padding);
            s.ow = out_size(s.w, s.kw, stride, dilation, padding + 1);
            s.groups = channels % 2 == 0 && channels < 10 ? 2 : 1;
            check(s, 0, s.rows());
            check(s, 1, s.rows() - 1);
            check(s, s.ow + 2, s.ow + 3);
          }
        }
      }
    }
  }
}

TEST_CASE("col2im_add of patches wider than the image") {
  check({.n = 1,
         .h = 2,
         .w = 3,
         .c = 2,
         .kh = 5,
         .kw = 9,
         .oh = 2,
         .ow = 3,
         .oc = 1,
         .pad_top = 2,
         .pad_left = 4},
        0, 6);
}

}  // namespace luge
