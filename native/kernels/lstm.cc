#include "kernels/lstm.h"

#include <algorithm>

#include "kernels/recurrence.h"
#include "simd/lstm_rows.h"

namespace luge {
namespace {

constexpr int64_t kGates = 4;

RecurrentPlan plan_of(const LstmShape& s) {
  return RecurrentPlan({s.batch, s.time, s.units, kGates});
}

// h R, of every gate
StepProduct product_of(const RecurrentPlan& plan) {
  return StepProduct(plan, plan.units(), kGates);
}
// dz R'
StepProduct dx_product_of(const RecurrentPlan& plan) {
  return StepProduct(plan, kGates * plan.units(), 1);
}

}  // namespace

int64_t lstm_workspace(const LstmShape& shape, int threads) {
  const RecurrentPlan plan = plan_of(shape);
  const StepProduct product = product_of(plan);
  return product.packed_size() + threads * product.product_size();
}

void lstm(const LstmForward& c, float* workspace) {
  const int64_t time = c.shape.time, units = c.shape.units;
  const RecurrentPlan plan = plan_of(c.shape);
  StepProduct product = product_of(plan);
  product.pack(c.recurrent, kGates * units, false, workspace);
  float* products = workspace + product.packed_size();

  plan.run(time, [&](int64_t t, const RecurrentTile& tile, int thread) {
    const int64_t row = tile.row, rows = tile.rows, unit = tile.unit, width = tile.units;
    // One step of a sequence [b, t, n], and a state [b, u].
    const auto at = [&](auto* sequence, int64_t step, int64_t n, int64_t column) {
      return rows_of(sequence == nullptr ? nullptr : sequence + step * n, time * n, row, column);
    };
    const auto state = [&](auto* values) { return rows_of(values, units, row, unit); };

    const MatrixRows<const float> before =
        t == 0 ? rows_of(c.h0, units, row, 0)
               : at(static_cast<const float*>(c.hidden), t - 1, units, 0);
    LstmCells cells = {};
    cells.rows = rows;
    cells.units = width;
    cells.product_block = width;
    cells.block = units;
    if (before.data != nullptr) {
      float* out = products + thread * product.product_size();
      product.multiply(tile, before, out, kGates * width);
      cells.product = {out, kGates * width};
    }
    cells.input = at(c.xz, t, kGates * units, unit);
    cells.cell_before = t == 0 ? state(c.c0) : state(static_cast<const float*>(c.last_cell));
    cells.cell = state(c.last_cell);
    cells.hidden = at(c.hidden, t, units, unit);
    cells.gates = at(c.gates, t, kGates * units, unit);
    cells.saved_cell = at(c.cells, t, units, unit);
    if (t + 1 < time) cells.next_before = at(c.before, t + 1, units, unit);
    lstm_cells(cells);

    for (int64_t r = 0; r < rows; ++r) {
      if (t == 0 && c.before != nullptr) {
        float* first = at(c.before, 0, units, unit).row(r);
        const float* from = state(c.h0).row(r);
        if (from == nullptr) {
          std::fill_n(first, width, 0.0f);
        } else {
          std::copy_n(from, width, first);
        }
      }
      if (t + 1 == time) std::copy_n(cells.hidden.row(r), width, state(c.last_hidden).row(r));
    }
  });
}

int64_t lstm_dx_workspace(const LstmShape& shape, int threads) {
  const RecurrentPlan plan = plan_of(shape);
  const StepProduct product = dx_product_of(plan);
  return product.packed_size() + threads * product.product_size() + shape.batch * shape.units;
}

void lstm_dx(const LstmBackward& c, float* workspace) {
  const int64_t time = c.shape.time, units = c.shape.units;
  const RecurrentPlan plan = plan_of(c.shape);
  StepProduct product = dx_product_of(plan);
  product.pack(c.recurrent, kGates * units, true, workspace);
  float* dcell = workspace + product.packed_size();
  float* products = dcell + c.shape.batch * units;

  // From the last step to the first, and once more for the gradient of the initial state.
  plan.run(
      c.dh0 == nullptr ? time : time + 1, [&](int64_t step, const RecurrentTile& tile, int thread) {
        const int64_t t = time - 1 - step;
        const int64_t row = tile.row, rows = tile.rows, unit = tile.unit, width = tile.units;
        const auto at = [&](auto* sequence, int64_t i, int64_t n, int64_t column) {
          return rows_of(sequence + i * n, time * n, row, column);
        };
        const auto state = [&](auto* values) { return rows_of(values, units, row, unit); };
        const auto next_dz = [&] {
          return at(static_cast<const float*>(c.dxz), t + 1, kGates * units, 0);
        };
        if (t < 0) {
          product.multiply(tile, next_dz(), state(c.dh0).data, units);
          for (int64_t r = 0; r < rows; ++r) {
            std::copy_n(state(dcell).row(r), width, state(c.dc0).row(r));
          }
          return;
        }
        LstmCellGradients cells = {};
        cells.rows = rows;
        cells.units = width;
        cells.block = units;
        if (t + 1 < time) {
          float* out = products + thread * product.product_size();
          product.multiply(tile, next_dz(), out, width);
          cells.product = {out, width};
        }
        if (c.dhidden_time == time) {
          cells.dhidden = at(c.dhidden, t, units, unit);
        } else if (t + 1 == time) {
          cells.dhidden = state(c.dhidden);
        }
        cells.gates = at(c.gates, t, kGates * units, unit);
        cells.cell = at(c.cells, t, units, unit);
        cells.cell_before = t == 0 ? state(c.c0) : at(c.cells, t - 1, units, unit);
        cells.dcell = t + 1 == time ? state(c.dlast_cell) : state(static_cast<const float*>(dcell));
        cells.dcell_before = state(dcell);
        cells.dz = at(c.dxz, t, kGates * units, unit);
        lstm_cell_gradients(cells);
      });
}

}  // namespace luge
