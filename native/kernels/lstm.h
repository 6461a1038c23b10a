// A long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al.
// 2000) over whole sequences.
#pragma once

#include <cstdint>

namespace luge {

struct LstmShape {
  int64_t batch, time, units;
};

// b = batch, t = time, u = units; gates in the order i, f, c, o.
struct LstmForward {
  LstmShape shape;
  const float* xz;         // [b, t, 4u]: what the gates get from the input, with the bias
  const float* recurrent;  // [u, 4u]
  const float* h0;         // [b, u], or null for zeros, like c0
  const float* c0;
  float* hidden;       // [b, t, u]
  float* last_hidden;  // [b, u]
  float* last_cell;    // [b, u]
  // For the backward pass; null when there is none.
  float* before;  // [b, t, u]: the hidden state that each step starts from
  float* cells;   // [b, t, u]
  float* gates;   // [b, t, 4u]: after their activations
};

// Floats of 64-byte aligned workspace for so many threads.
int64_t lstm_workspace(const LstmShape& shape, int threads);

void lstm(const LstmForward& call, float* workspace);

struct LstmBackward {
  LstmShape shape;
  const float* recurrent;
  const float* c0;  // null for zeros
  const float* cells;
  const float* gates;
  const float* dhidden;     // [b, dhidden_time, u]
  int64_t dhidden_time;     // t, or 1 when only the last step's result was used
  const float* dlast_cell;  // [b, u], or null for zeros
  float* dxz;               // [b, t, 4u]
  float* dh0;               // [b, u], or null when not wanted, like dc0
  float* dc0;
};

int64_t lstm_dx_workspace(const LstmShape& shape, int threads);

void lstm_dx(const LstmBackward& call, float* workspace);

}  // namespace luge
