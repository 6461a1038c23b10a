#include "simd/gru_rows.h"

#include "hwy/cache_control.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/gru_rows.cc"
#include "simd/highway.h"
// Behind the loop over targets, which is not where the alphabet has it:
#include "simd/gates-inl.h"
#include "simd/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// z before + (1 - z) candidate; exactly `before` where z is 1, as at a step that is masked
HWY_INLINE V mix(V z, V before, V candidate) {
  return hn::MulAdd(z, before, hn::NegMulAdd(z, candidate, candidate));
}

void cells(const GruCells& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *input = c.input.row(row);
    const float* before = c.before.row(row);
    float *hidden = c.hidden.row(row), *gates = c.gates.row(row), *inner = c.inner.row(row);
    float* next_before = c.next_before.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      V p[3];
      for (int gate = 0; gate < 3; ++gate) {
        p[gate] = hn::Add(load_or_zero(vector, product, gate * c.product_block + j),
                          vector.load(c.bias + gate * c.block + j));
        hwy::Prefetch(input + (3 + gate) * c.block + j);  // of the next step
      }
      const V z = gate_sigmoid(hn::Add(vector.load(input + j), p[0]));
      const V r = gate_sigmoid(hn::Add(vector.load(input + c.block + j), p[1]));
      const V h = gate_tanh(hn::MulAdd(r, p[2], vector.load(input + 2 * c.block + j)));
      const V y = mix(z, load_or_zero(vector, before, j), h);
      vector.store(y, hidden + j);
      store_if_wanted(vector, y, next_before, j);
      store_if_wanted(vector, p[2], inner, j);
      store_if_wanted(vector, z, gates, j);
      store_if_wanted(vector, r, gates, c.block + j);
      store_if_wanted(vector, h, gates, 2 * c.block + j);
    });
  }
}

void resets(const GruResets& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *input = c.input.row(row);
    const float* before = c.before.row(row);
    float *z_out = c.z.row(row), *r_out = c.r.row(row), *inner = c.inner.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      const V z = gate_sigmoid(hn::Add(vector.load(input + j), load_or_zero(vector, product, j)));
      const V r = gate_sigmoid(hn::Add(vector.load(input + c.block + j),
                                       load_or_zero(vector, product, c.product_block + j)));
      vector.store(z, z_out + j);
      store_if_wanted(vector, r, r_out, j);
      vector.store(hn::Mul(r, load_or_zero(vector, before, j)), inner + j);
    });
  }
}

void candidates(const GruCandidates& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *input = c.input.row(row);
    const float *z = c.z.row(row), *before = c.before.row(row);
    float *candidate = c.candidate.row(row), *hidden = c.hidden.row(row);
    float* next_before = c.next_before.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      const V h = gate_tanh(hn::Add(vector.load(input + j), load_or_zero(vector, product, j)));
      const V y = mix(vector.load(z + j), load_or_zero(vector, before, j), h);
      store_if_wanted(vector, h, candidate, j);
      store_if_wanted(vector, y, next_before, j);
      vector.store(y, hidden + j);
    });
  }
}

void cell_gradients(const GruCellGradients& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *product = c.product.row(row), *dhidden = c.dhidden.row(row);
    const float *dnext = c.dnext.row(row), *gates = c.gates.row(row);
    const float *before = c.before.row(row), *inner = c.inner.row(row);
    float *dbefore = c.dbefore.row(row), *dxz = c.dxz.row(row), *dproduct = c.dproduct.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      for (int gate = 0; gate < 3; ++gate) {
        hwy::Prefetch(gates + (gate - 3) * c.block + j);  // of the step before
      }
      const V z = vector.load(gates + j), h = vector.load(gates + 2 * c.block + j);
      const V dh =
          hn::Add(load_or_zero(vector, dhidden, j),
                  hn::Add(load_or_zero(vector, dnext, j), load_or_zero(vector, product, j)));
      const V dz = hn::Mul(hn::Mul(dh, hn::Sub(vector.load(before + j), h)), dsigmoid_of(z));
      const V da = hn::Mul(hn::NegMulAdd(dh, z, dh), dtanh_of(h));
      vector.store(hn::Mul(dh, z), dbefore + j);
      vector.store(dz, dxz + j);
      vector.store(da, dxz + 2 * c.block + j);
      if (inner == nullptr) return;
      const V r = vector.load(gates + c.block + j);
      const V dr = hn::Mul(hn::Mul(da, vector.load(inner + j)), dsigmoid_of(r));
      vector.store(dr, dxz + c.block + j);
      vector.store(dz, dproduct + j);
      vector.store(dr, dproduct + c.block + j);
      vector.store(hn::Mul(da, r), dproduct + 2 * c.block + j);
    });
  }
}

void reset_gradients(const GruResetGradients& c) {
  for (int64_t row = 0; row < c.rows; ++row) {
    const float *dinner = c.dinner.row(row), *gate = c.r.row(row), *before = c.before.row(row);
    float *dr = c.dr.row(row), *dbefore = c.dbefore.row(row);
    for_vectors(c.units, [&](auto vector, int64_t j) HWY_ATTR {
      const V d = vector.load(dinner + j), r = vector.load(gate + j);
      vector.store(hn::Mul(hn::Mul(d, vector.load(before + j)), dsigmoid_of(r)), dr + j);
      vector.store(hn::MulAdd(d, r, vector.load(dbefore + j)), dbefore + j);
    });
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(cells);
HWY_EXPORT(resets);
HWY_EXPORT(candidates);
HWY_EXPORT(cell_gradients);
HWY_EXPORT(reset_gradients);

void gru_cells(const GruCells& c) { HWY_DYNAMIC_DISPATCH(cells)(c); }
void gru_resets(const GruResets& c) { HWY_DYNAMIC_DISPATCH(resets)(c); }
void gru_candidates(const GruCandidates& c) { HWY_DYNAMIC_DISPATCH(candidates)(c); }
void gru_cell_gradients(const GruCellGradients& c) { HWY_DYNAMIC_DISPATCH(cell_gradients)(c); }
void gru_reset_gradients(const GruResetGradients& c) { HWY_DYNAMIC_DISPATCH(reset_gradients)(c); }

}  // namespace luge
#endif  // HWY_ONCE
