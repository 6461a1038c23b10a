#include "simd/lstm_rows.h"

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/lstm_rows.cc"
#include "simd/highway.h"
// Behind the loop over targets, which is not where the alphabet has it:
#include "simd/gates-inl.h"
#include "simd/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

void cells(const LstmCells& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *input = c.input.row(row);
    const float* cell_before = c.cell_before.row(row);
    float *cell_out = c.cell.row(row), *hidden_out = c.hidden.row(row), *gates = c.gates.row(row);
    float *saved_cell = c.saved_cell.row(row), *next_before = c.next_before.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      V z[4];
      for (int gate = 0; gate < 4; ++gate) {
        const float* from = input + gate * c.block + j;
        hwy::Prefetch(from + 4 * c.block);  // of the next step
        z[gate] =
            hn::Add(vector.load(from), load_or_zero(vector, product, gate * c.product_block + j));
      }
      const V i = gate_sigmoid(z[0]), f = gate_sigmoid(z[1]), g = gate_tanh(z[2]),
              o = gate_sigmoid(z[3]);
      const V cell = hn::MulAdd(f, load_or_zero(vector, cell_before, j), hn::Mul(i, g));
      const V hidden = hn::Mul(o, gate_tanh(cell));
      vector.store(cell, cell_out + j);
      vector.store(hidden, hidden_out + j);
      store_if_wanted(vector, hidden, next_before, j);
      store_if_wanted(vector, cell, saved_cell, j);
      store_if_wanted(vector, i, gates, j);
      store_if_wanted(vector, f, gates, c.block + j);
      store_if_wanted(vector, g, gates, 2 * c.block + j);
      store_if_wanted(vector, o, gates, 3 * c.block + j);
    });
  }
}

void cell_gradients(const LstmCellGradients& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *dhidden = c.dhidden.row(row);
    const float *gates = c.gates.row(row), *cell = c.cell.row(row);
    const float *cell_before = c.cell_before.row(row), *dcell_in = c.dcell.row(row);
    float *dcell_before = c.dcell_before.row(row), *dz = c.dz.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      V gate[4];
      for (int k = 0; k < 4; ++k) {
        const float* from = gates + k * c.block + j;
        hwy::Prefetch(from - 4 * c.block);  // of the step before
        gate[k] = vector.load(from);
      }
      const auto [i, f, g, o] = gate;
      const V dh = hn::Add(load_or_zero(vector, dhidden, j), load_or_zero(vector, product, j));
      const V tanh_cell = gate_tanh(vector.load(cell + j));
      const V dcell =
          hn::MulAdd(hn::Mul(dh, o), dtanh_of(tanh_cell), load_or_zero(vector, dcell_in, j));
      const V df = hn::Mul(dcell, load_or_zero(vector, cell_before, j));
      vector.store(hn::Mul(hn::Mul(dcell, g), dsigmoid_of(i)), dz + j);
      vector.store(hn::Mul(df, dsigmoid_of(f)), dz + c.block + j);
      vector.store(hn::Mul(hn::Mul(dcell, i), dtanh_of(g)), dz + 2 * c.block + j);
      vector.store(hn::Mul(hn::Mul(dh, tanh_cell), dsigmoid_of(o)), dz + 3 * c.block + j);
      vector.store(hn::Mul(dcell, f), dcell_before + j);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(cells);
HWY_EXPORT(cell_gradients);

void lstm_cells(const LstmCells& c) { HWY_DYNAMIC_DISPATCH(cells)(c); }
void lstm_cell_gradients(const LstmCellGradients& c) { HWY_DYNAMIC_DISPATCH(cell_gradients)(c); }

}  // namespace luge
#endif  // HWY_ONCE
