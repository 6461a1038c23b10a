// The cells of an LSTM at one step: what comes after the product with the recurrent kernel.
#pragma once

#include <cstdint>

#include "simd/matrix_rows.h"

namespace luge {

// Gates lie in blocks i, f, c, o, `product_block` or `block` floats apart.
struct LstmCells {
  int64_t rows, units;
  int64_t product_block, block;
  MatrixRows<const float> product;  // of the hidden state before and the recurrent kernel
  MatrixRows<const float> input;    // of the layer's input and the kernel, with the bias
  MatrixRows<const float> cell_before;
  MatrixRows<float> cell;  // may be cell_before
  MatrixRows<float> hidden;
  MatrixRows<float> gates, saved_cell, next_before;  // what the backward pass reads
};

// gates = sigmoid(z) (of c: tanh), cell = f cell_before + i c, hidden = o tanh(cell).
void lstm_cells(const LstmCells& cells);

struct LstmCellGradients {
  int64_t rows, units;
  int64_t block;
  MatrixRows<const float> product;  // of the next step's dz and the transposed recurrent kernel
  MatrixRows<const float> dhidden;  // of this step's result
  MatrixRows<const float> gates, cell, cell_before;
  MatrixRows<const float> dcell;   // by way of the next step
  MatrixRows<float> dcell_before;  // may be dcell
  MatrixRows<float> dz;            // of the gates before their activations
};

void lstm_cell_gradients(const LstmCellGradients& cells);

}  // namespace luge
