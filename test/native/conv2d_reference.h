// Convolution and its gradients in float64, and how far from them float32 may be.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "buffers.h"
#include "kernels/conv2d_shape.h"

namespace luge {

// A sum in float64, and the sum of its absolute terms, which bounds the error of a float32 one.
struct Sum {
  double value = 0;
  double magnitude = 0;
  int64_t terms = 0;
  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }
};

struct Reference {
  std::vector<Sum> y, dx, dweight;
};

inline Reference reference(const Conv2dShape& s, const std::vector<float>& x,
                           const std::vector<float>& weight, const std::vector<float>& dy) {
  Reference r{std::vector<Sum>(dy.size()), std::vector<Sum>(x.size()),
              std::vector<Sum>(weight.size())};
  for (int64_t row = 0; row < s.rows(); ++row) {
    for (int64_t ky = 0; ky < s.kh; ++ky) {
      for (int64_t kx = 0; kx < s.kw; ++kx) {
        const int64_t iy = row / s.ow % s.oh * s.stride_h - s.pad_top + ky * s.dilation_h;
        const int64_t ix = row % s.ow * s.stride_w - s.pad_left + kx * s.dilation_w;
        if (iy < 0 || iy >= s.h || ix < 0 || ix >= s.w) continue;
        const int64_t pixel = (row / s.ow / s.oh * s.h + iy) * s.w + ix;
        for (int64_t channel = 0; channel < s.group_c(); ++channel) {
          for (int64_t filter = 0; filter < s.oc; ++filter) {
            const int64_t i = pixel * s.c + filter / s.group_oc() * s.group_c() + channel;
            const int64_t j = ((ky * s.kw + kx) * s.group_c() + channel) * s.oc + filter;
            const int64_t o = row * s.oc + filter;
            r.y[o].add(double{x[i]} * weight[j]);
            r.dx[i].add(double{dy[o]} * weight[j]);
            r.dweight[j].add(double{x[i]} * dy[o]);
          }
        }
      }
    }
  }
  return r;
}

// A product summed in any order is off by at most epsilon times its terms times their magnitude;
// one more rounding for the 1 that an epilogue adds, and one for good measure of the partial sums.
inline int64_t count_wrong(const std::vector<float>& actual, const std::vector<Sum>& expected,
                           double add) {
  int64_t wrong = 0;
  for (size_t i = 0; i < actual.size(); ++i) {
    const double tolerance = std::numeric_limits<float>::epsilon() * (expected[i].terms + 2) *
                             (expected[i].magnitude + add);
    wrong += !(std::abs(actual[i] - expected[i].value - add) <= tolerance);
  }
  return wrong;
}

// Runs kernel(out, workspace) with guard words around both.
template <class Kernel>
std::vector<float> guarded(int64_t size, int64_t workspace_size, Kernel kernel) {
  GuardedBuffer<float> out(size, 1);
  GuardedBuffer<float> workspace(workspace_size, 3);
  kernel(out.data(), workspace.data());
  CHECK(out.intact());
  CHECK(workspace.intact());
  return out.values();
}

}  // namespace luge
