#pragma once

#include <cstdint>

namespace luge {

// The sizes of a 2-d convolution, channels last: x[n, h, w, c] with the kernel
// weight[kh, kw, c / groups, oc] gives y[n, oh, ow, oc]. Padding is of zeros; below and on the
// right it follows from oh and ow.
struct Conv2dShape {
  int64_t n, h, w, c;
  int64_t kh, kw;
  int64_t oh, ow, oc;
  int64_t stride_h = 1, stride_w = 1;
  int64_t pad_top = 0, pad_left = 0;
  int64_t dilation_h = 1, dilation_w = 1;
  int64_t groups = 1;

  int64_t rows() const { return n * oh * ow; }           // output pixels
  int64_t group_c() const { return c / groups; }         // input channels that a filter sees
  int64_t group_oc() const { return oc / groups; }       // filters of a group
  int64_t depth() const { return kh * kw * group_c(); }  // weights of a filter
  int64_t multiply_adds() const { return rows() * depth() * oc; }

  // Whether every pixel of y is a product of the one pixel of x in its place and the weights.
  bool is_product() const {
    return kh == 1 && kw == 1 && oh == h && ow == w && stride_h == 1 && stride_w == 1 &&
           pad_top == 0 && pad_left == 0 && groups == 1;
  }

  // Lines and pixels of input that so many lines and pixels of output look at.
  int64_t input_lines(int64_t lines) const {
    return (lines - 1) * stride_h + (kh - 1) * dilation_h + 1;
  }
  int64_t input_pixels(int64_t pixels) const {
    return (pixels - 1) * stride_w + (kw - 1) * dilation_w + 1;
  }

  // Whether no filter ever looks beyond the image.
  bool inside() const {
    return pad_top == 0 && pad_left == 0 && input_lines(oh) <= h && input_pixels(ow) <= w;
  }
};

}  // namespace luge
