// A gated recurrent unit (Cho et al. 2014) over whole sequences.
#pragma once

#include <cstdint>

namespace luge {

struct GruShape {
  int64_t batch, time, units;
  bool reset_after;  // whether the reset gate applies after the product with the recurrent kernel
};

// b = batch, t = time, u = units; gates in the order z, r, h.
struct GruForward {
  GruShape shape;
  const float* xz;         // [b, t, 3u]: what the gates get from the input, with the bias
  const float* recurrent;  // [u, 3u]
  const float* bias;       // [3u], of the product with the recurrent kernel; only if reset_after
  const float* h0;         // [b, u], or null for zeros
  float* hidden;           // [b, t, u]
  float* last_hidden;      // [b, u]
  // For the backward pass; null when there is none.
  float* before;  // [b, t, u]: the hidden state that each step starts from
  float* gates;   // [b, t, 3u]: after their activations
  float* inner;   // [b, t, u]: what r multiplies, or if not reset_after, its product with r
};

// Floats of 64-byte aligned workspace for so many threads.
int64_t gru_workspace(const GruShape& shape, int threads);

void gru(const GruForward& call, float* workspace);

struct GruBackward {
  GruShape shape;
  const float* recurrent;
  const float* before;
  const float* gates;
  const float* inner;
  const float* dhidden;  // [b, dhidden_time, u]
  int64_t dhidden_time;  // t, or 1 when only the last step's result was used
  float* dxz;            // [b, t, 3u]
  float* dproduct;       // [b, t, 3u], of hidden state times recurrent kernel; only if reset_after
  float* dh0;            // [b, u], or null when not wanted
};

int64_t gru_dx_workspace(const GruShape& shape, int threads);

void gru_dx(const GruBackward& call, float* workspace);

}  // namespace luge
