#include "simd/lstm_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/lstm_rows.cc"
#include "simd/highway.h"
#include "simd/math-inl.h"
#include "simd/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

struct LstmRow {
  const float *product, *input, *cell_before;
  float *cell, *hidden, *gates, *saved_cell, *next_before;
};

template <class Vector>
HWY_INLINE void lstm_vector(Vector vector, const LstmCells& c, const LstmRow& row, int64_t j) {
  V z[4];
  for (int gate = 0; gate < 4; ++gate) {
    z[gate] = hn::Add(vector.load(row.input + gate * c.block + j),
                      load_or_zero(vector, row.product, gate * c.product_block + j));
  }
  const V i = sigmoid_of(z[0]), f = sigmoid_of(z[1]), g = tanh_of(z[2]), o = sigmoid_of(z[3]);
  const V cell = hn::MulAdd(f, load_or_zero(vector, row.cell_before, j), hn::Mul(i, g));
  const V hidden = hn::Mul(o, tanh_of(cell));
  vector.store(cell, row.cell + j);
  vector.store(hidden, row.hidden + j);
  store_if_wanted(vector, hidden, row.next_before, j);
  store_if_wanted(vector, cell, row.saved_cell, j);
  store_if_wanted(vector, i, row.gates, j);
  store_if_wanted(vector, f, row.gates, c.block + j);
  store_if_wanted(vector, g, row.gates, 2 * c.block + j);
  store_if_wanted(vector, o, row.gates, 3 * c.block + j);
}

void cells(const LstmCells& c) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(F()));
  for (int64_t r = 0; r < c.rows; ++r) {
    const LstmRow row = {c.product.row(r),    c.input.row(r),      c.cell_before.row(r),
                         c.cell.row(r),       c.hidden.row(r),     c.gates.row(r),
                         c.saved_cell.row(r), c.next_before.row(r)};
    int64_t j = 0;
    for (; j + lanes <= c.units; j += lanes) lstm_vector(WholeVector(), c, row, j);
    if (j < c.units) lstm_vector(PartialVector{static_cast<size_t>(c.units - j)}, c, row, j);
  }
}

struct LstmGradientRow {
  const float *product, *dhidden, *gates, *cell, *cell_before, *dcell;
  float *dcell_before, *dz;
};

template <class Vector>
HWY_INLINE void lstm_gradient_vector(Vector vector, int64_t block, const LstmGradientRow& row,
                                     int64_t j) {
  const V one = constant(1.0f);
  const V i = vector.load(row.gates + j), f = vector.load(row.gates + block + j);
  const V g = vector.load(row.gates + 2 * block + j), o = vector.load(row.gates + 3 * block + j);
  const V dh = hn::Add(load_or_zero(vector, row.dhidden, j), load_or_zero(vector, row.product, j));
  const V tanh_cell = tanh_of(vector.load(row.cell + j));
  const V dtanh = hn::NegMulAdd(tanh_cell, tanh_cell, one);
  const V dcell = hn::MulAdd(hn::Mul(dh, o), dtanh, load_or_zero(vector, row.dcell, j));
  // The derivative of a sigmoid s is s (1 - s), of a hyperbolic tangent t it is 1 - t^2.
  const auto dsigmoid = [&](V s) HWY_ATTR { return hn::NegMulAdd(s, s, s); };
  const V dgi = hn::Mul(hn::Mul(dcell, g), dsigmoid(i));
  const V dgf = hn::Mul(hn::Mul(dcell, load_or_zero(vector, row.cell_before, j)), dsigmoid(f));
  const V dgc = hn::Mul(hn::Mul(dcell, i), hn::NegMulAdd(g, g, one));
  const V dgo = hn::Mul(hn::Mul(dh, tanh_cell), dsigmoid(o));
  vector.store(dgi, row.dz + j);
  vector.store(dgf, row.dz + block + j);
  vector.store(dgc, row.dz + 2 * block + j);
  vector.store(dgo, row.dz + 3 * block + j);
  vector.store(hn::Mul(dcell, f), row.dcell_before + j);
}

void cell_gradients(const LstmCellGradients& c) {
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(F()));
  for (int64_t r = 0; r < c.rows; ++r) {
    const LstmGradientRow row = {c.product.row(r),      c.dhidden.row(r),     c.gates.row(r),
                                 c.cell.row(r),         c.cell_before.row(r), c.dcell.row(r),
                                 c.dcell_before.row(r), c.dz.row(r)};
    int64_t j = 0;
    for (; j + lanes <= c.units; j += lanes) lstm_gradient_vector(WholeVector(), c.block, row, j);
    if (j < c.units) {
      lstm_gradient_vector(PartialVector{static_cast<size_t>(c.units - j)}, c.block, row, j);
    }
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
