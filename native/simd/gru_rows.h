// The cells of a GRU at one step: what comes after the products with the recurrent kernel.
#pragma once

#include <cstdint>

#include "simd/matrix_rows.h"

namespace luge {

// Gates lie in blocks z, r, h, `product_block` or `block` floats apart. Null: as in MatrixRows.
struct GruCells {
  int64_t rows, units;
  int64_t product_block, block;
  MatrixRows<const float> product;  // of the hidden state before and the recurrent kernel
  MatrixRows<const float> input;    // of the layer's input and the kernel, with the bias
  MatrixRows<const float> before;   // the hidden state that the step starts from
  const float* bias;                // of the recurrent kernel
  MatrixRows<float> hidden;
  MatrixRows<float> gates, inner, next_before;  // what the backward pass reads
};

// The reset gate after the product: inner = product of h + bias, hidden = z before + (1 - z) tanh(h
// + r inner).
void gru_cells(const GruCells& cells);

// The reset gate before the product, in two halves. First z and r, with inner = r before:
struct GruResets {
  int64_t rows, units;
  int64_t product_block, block;
  MatrixRows<const float> product;  // of z and r alone
  MatrixRows<const float> input, before;
  MatrixRows<float> z, r, inner;
};
void gru_resets(const GruResets& cells);

// then hidden = z before + (1 - z) tanh(h), whose product is that of inner.
struct GruCandidates {
  int64_t rows, units;
  MatrixRows<const float> product, input;  // of h alone
  MatrixRows<const float> z, before;
  MatrixRows<float> candidate, hidden, next_before;
};
void gru_candidates(const GruCandidates& cells);

// The gradients of both kinds. dbefore is the part that passes the cell by: dhidden z.
struct GruCellGradients {
  int64_t rows, units;
  int64_t block;
  MatrixRows<const float> product;  // of the next step's gradients and the transposed kernel
  MatrixRows<const float> dhidden;  // of this step's result
  MatrixRows<const float> dnext;    // dbefore of the next step
  MatrixRows<const float> gates, before;
  MatrixRows<const float> inner;  // null when the reset gate comes before the product
  MatrixRows<float> dbefore;      // may be dnext
  MatrixRows<float> dxz;          // of the gates before their activations; of r only with inner
  MatrixRows<float> dproduct;     // with inner, of the product with the recurrent kernel
};
void gru_cell_gradients(const GruCellGradients& cells);

// The second half when the reset gate comes before the product.
struct GruResetGradients {
  int64_t rows, units;
  MatrixRows<const float> dinner;  // of r before
  MatrixRows<const float> r, before;
  MatrixRows<float> dr;       // of the gate before its activation
  MatrixRows<float> dbefore;  // has dinner r added
};
void gru_reset_gradients(const GruResetGradients& cells);

}  // namespace luge
