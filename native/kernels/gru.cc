#include "kernels/gru.h"

#include <algorithm>

#include "kernels/recurrence.h"
#include "simd/gru_rows.h"

namespace luge {
namespace {

constexpr int64_t kGates = 3;

RecurrentPlan plan_of(const GruShape& s) {
  return RecurrentPlan({s.batch, s.time, s.units, kGates});
}

// Gates whose product with the hidden state is known at once: without reset_after, not that of h.
int64_t first_gates(const GruShape& s) { return s.reset_after ? kGates : kGates - 1; }

// Where the operands of one tile of step t begin.
class GruStep {
 public:
  GruStep(const GruShape& shape, int64_t t, const RecurrentTile& tile)
      : shape_(shape), t_(t), tile_(tile) {}

  // A sequence [b, t, blocks u], from a block on: of the tile's units, or of all.
  template <class T>
  MatrixRows<T> sequence(T* data, int64_t blocks, int64_t block = 0, int64_t later = 0) const {
    return whole(data, blocks, block * shape_.units + tile_.unit, later);
  }
  template <class T>
  MatrixRows<T> whole(T* data, int64_t blocks, int64_t column = 0, int64_t later = 0) const {
    const int64_t row = blocks * shape_.units;
    if (data != nullptr) data += (t_ + later) * row;
    return rows_of(data, shape_.time * row, tile_.row, column);
  }
  // A state [b, u].
  template <class T>
  MatrixRows<T> state(T* data) const {
    return rows_of(data, shape_.units, tile_.row, tile_.unit);
  }
  template <class T>
  MatrixRows<T> whole_state(T* data) const {
    return rows_of(data, shape_.units, tile_.row, 0);
  }

 private:
  const GruShape& shape_;
  int64_t t_;
  const RecurrentTile& tile_;
};

void copy_rows(const RecurrentTile& tile, MatrixRows<const float> from, MatrixRows<float> to) {
  for (int64_t r = 0; r < tile.rows; ++r) {
    if (from.data == nullptr) {
      std::fill_n(to.row(r), tile.units, 0.0f);
    } else {
      std::copy_n(from.row(r), tile.units, to.row(r));
    }
  }
}

// The forward pass, tile by tile of each step.
class GruCellRun {
 public:
  GruCellRun(const GruForward& call, const RecurrentPlan& plan)
      : call_(call),
        shape_(call.shape),
        gates_(plan, plan.units(), first_gates(call.shape)),
        candidate_(plan, plan.units(), 1) {}

  int64_t workspace(int threads) const {
    const int64_t states = shape_.reset_after ? 0 : 2 * shape_.batch * shape_.units;
    return gates_.packed_size() + candidate_size() + threads * gates_.product_size() + states;
  }

  void pack(float* workspace) {
    const int64_t columns = kGates * shape_.units;
    gates_.pack(call_.recurrent, columns, false, workspace);
    if (!shape_.reset_after) {
      candidate_.pack(call_.recurrent + 2 * shape_.units, columns, false,
                      workspace + gates_.packed_size());
      z_ = workspace + gates_.packed_size() + candidate_size();
      inner_ = z_ + shape_.batch * shape_.units;
      products_ = inner_ + shape_.batch * shape_.units;
    } else {
      products_ = workspace + gates_.packed_size();
    }
  }

  void reset_after(int64_t t, const RecurrentTile& tile, int thread) const {
    const GruStep at(shape_, t, tile);
    GruCells cells = {};
    cells.rows = tile.rows;
    cells.units = tile.units;
    cells.product_block = tile.units;
    cells.block = shape_.units;
    cells.product = product(gates_, before_of_all(at, t), kGates, tile, thread);
    cells.input = at.sequence(call_.xz, kGates);
    cells.before = before(at, t);
    cells.bias = call_.bias + tile.unit;
    cells.hidden = at.sequence(call_.hidden, 1);
    cells.gates = at.sequence(call_.gates, kGates);
    cells.inner = at.sequence(call_.inner, 1);
    cells.next_before = next_before(at, t);
    gru_cells(cells);
    finish(at, t, tile);
  }

  void resets(int64_t t, const RecurrentTile& tile, int thread) const {
    const GruStep at(shape_, t, tile);
    GruResets cells = {};
    cells.rows = tile.rows;
    cells.units = tile.units;
    cells.product_block = tile.units;
    cells.block = shape_.units;
    cells.product = product(gates_, before_of_all(at, t), kGates - 1, tile, thread);
    cells.input = at.sequence(call_.xz, kGates);
    cells.before = before(at, t);
    cells.z = z(at);
    cells.r = at.sequence(call_.gates, kGates, 1);
    cells.inner = call_.inner == nullptr ? at.state(inner_) : at.sequence(call_.inner, 1);
    gru_resets(cells);
  }

  void candidates(int64_t t, const RecurrentTile& tile, int thread) const {
    const GruStep at(shape_, t, tile);
    const MatrixRows<float> inner =
        call_.inner == nullptr ? at.whole_state(inner_) : at.whole(call_.inner, 1);
    const MatrixRows<float> gate = z(at);
    GruCandidates cells = {};
    cells.rows = tile.rows;
    cells.units = tile.units;
    cells.product = product(candidate_, {inner.data, inner.step}, 1, tile, thread);
    cells.input = at.sequence(call_.xz, kGates, 2);
    cells.z = {gate.data, gate.step};
    cells.before = before(at, t);
    cells.candidate = at.sequence(call_.gates, kGates, 2);
    cells.hidden = at.sequence(call_.hidden, 1);
    cells.next_before = next_before(at, t);
    gru_candidates(cells);
    finish(at, t, tile);
  }

 private:
  int64_t candidate_size() const { return shape_.reset_after ? 0 : candidate_.packed_size(); }

  MatrixRows<const float> product(const StepProduct& right, MatrixRows<const float> left,
                                  int64_t blocks, const RecurrentTile& tile, int thread) const {
    if (left.data == nullptr) return {};
    float* out = products_ + thread * gates_.product_size();
    right.multiply(tile, left, out, blocks * tile.units);
    return {out, blocks * tile.units};
  }

  const float* hidden() const { return call_.hidden; }
  MatrixRows<const float> before(const GruStep& at, int64_t t) const {
    return t == 0 ? at.state(call_.h0) : at.sequence(hidden(), 1, 0, -1);
  }
  MatrixRows<const float> before_of_all(const GruStep& at, int64_t t) const {
    return t == 0 ? at.whole_state(call_.h0) : at.whole(hidden(), 1, 0, -1);
  }
  MatrixRows<float> next_before(const GruStep& at, int64_t t) const {
    if (t + 1 == shape_.time) return {};
    return at.sequence(call_.before, 1, 0, 1);
  }
  MatrixRows<float> z(const GruStep& at) const {
    return call_.gates == nullptr ? at.state(z_) : at.sequence(call_.gates, kGates);
  }

  void finish(const GruStep& at, int64_t t, const RecurrentTile& tile) const {
    if (t == 0 && call_.before != nullptr) {
      copy_rows(tile, at.state(call_.h0), at.sequence(call_.before, 1));
    }
    if (t + 1 == shape_.time) {
      copy_rows(tile, at.sequence(hidden(), 1), at.state(call_.last_hidden));
    }
  }

  const GruForward& call_;
  const GruShape& shape_;
  StepProduct gates_, candidate_;
  float *z_ = nullptr, *inner_ = nullptr, *products_ = nullptr;
};

// The backward pass likewise.
class GruGradientRun {
 public:
  GruGradientRun(const GruBackward& call, const RecurrentPlan& plan)
      : call_(call),
        shape_(call.shape),
        gates_(plan, first_gates(call.shape) * plan.units(), 1),
        candidate_(plan, plan.units(), 1) {}

  int64_t workspace(int threads) const {
    return gates_.packed_size() + candidate_size() + shape_.batch * shape_.units +
           threads * gates_.product_size();
  }

  void pack(float* workspace) {
    const int64_t columns = kGates * shape_.units;
    gates_.pack(call_.recurrent, columns, true, workspace);
    if (!shape_.reset_after) {
      candidate_.pack(call_.recurrent + 2 * shape_.units, columns, true,
                      workspace + gates_.packed_size());
    }
    dbefore_ = workspace + gates_.packed_size() + candidate_size();
    products_ = dbefore_ + shape_.batch * shape_.units;
  }

  void cells(int64_t t, const RecurrentTile& tile, int thread) const {
    const GruStep at(shape_, t, tile);
    GruCellGradients cells = {};
    cells.rows = tile.rows;
    cells.units = tile.units;
    cells.block = shape_.units;
    if (t + 1 < shape_.time) {
      cells.product = product(gates_, at.whole(dproduct(), kGates, 0, 1), tile, thread);
      cells.dnext = at.state(static_cast<const float*>(dbefore_));
    }
    if (call_.dhidden_time == shape_.time) {
      cells.dhidden = at.sequence(call_.dhidden, 1);
    } else if (t + 1 == shape_.time) {
      cells.dhidden = at.state(call_.dhidden);
    }
    cells.gates = at.sequence(call_.gates, kGates);
    cells.before = at.sequence(call_.before, 1);
    if (shape_.reset_after) cells.inner = at.sequence(call_.inner, 1);
    cells.dbefore = at.state(dbefore_);
    cells.dxz = at.sequence(call_.dxz, kGates);
    if (shape_.reset_after) cells.dproduct = at.sequence(call_.dproduct, kGates);
    gru_cell_gradients(cells);
  }

  void resets(int64_t t, const RecurrentTile& tile, int thread) const {
    const GruStep at(shape_, t, tile);
    const float* dxz = call_.dxz;
    GruResetGradients cells = {};
    cells.rows = tile.rows;
    cells.units = tile.units;
    cells.dinner = product(candidate_, at.whole(dxz, kGates, 2 * shape_.units), tile, thread);
    cells.r = at.sequence(call_.gates, kGates, 1);
    cells.before = at.sequence(call_.before, 1);
    cells.dr = at.sequence(call_.dxz, kGates, 1);
    cells.dbefore = at.state(dbefore_);
    gru_reset_gradients(cells);
  }

  // What the first step leaves for the initial state.
  void initial(const RecurrentTile& tile) const {
    const GruStep at(shape_, 0, tile);
    const MatrixRows<float> dh0 = at.state(call_.dh0);
    gates_.multiply(tile, at.whole(dproduct(), kGates), dh0.data, dh0.step);
    for (int64_t r = 0; r < tile.rows; ++r) {
      const float* dbefore = at.state(dbefore_).row(r);
      for (int64_t j = 0; j < tile.units; ++j) dh0.row(r)[j] += dbefore[j];
    }
  }

 private:
  int64_t candidate_size() const { return shape_.reset_after ? 0 : candidate_.packed_size(); }

  // [b, t, 3u]; without reset_after the gates z and r alone have been multiplied.
  const float* dproduct() const { return shape_.reset_after ? call_.dproduct : call_.dxz; }

  MatrixRows<const float> product(const StepProduct& right, MatrixRows<const float> left,
                                  const RecurrentTile& tile, int thread) const {
    float* out = products_ + thread * gates_.product_size();
    right.multiply(tile, left, out, tile.units);
    return {out, tile.units};
  }

  const GruBackward& call_;
  const GruShape& shape_;
  StepProduct gates_, candidate_;
  float *dbefore_ = nullptr, *products_ = nullptr;
};

}  // namespace

int64_t gru_workspace(const GruShape& shape, int threads) {
  GruForward call = {};
  call.shape = shape;
  const RecurrentPlan plan = plan_of(shape);
  return GruCellRun(call, plan).workspace(threads);
}

void gru(const GruForward& call, float* workspace) {
  const RecurrentPlan plan = plan_of(call.shape);
  GruCellRun cells(call, plan);
  cells.pack(workspace);
  if (call.shape.reset_after) {
    plan.run(call.shape.time, [&](int64_t t, const RecurrentTile& tile, int thread) {
      cells.reset_after(t, tile, thread);
    });
    return;
  }
  // The second half needs the first of all units.
  plan.run(2 * call.shape.time, [&](int64_t half, const RecurrentTile& tile, int thread) {
    if (half % 2 == 0) {
      cells.resets(half / 2, tile, thread);
    } else {
      cells.candidates(half / 2, tile, thread);
    }
  });
}

int64_t gru_dx_workspace(const GruShape& shape, int threads) {
  GruBackward call = {};
  call.shape = shape;
  const RecurrentPlan plan = plan_of(shape);
  return GruGradientRun(call, plan).workspace(threads);
}

void gru_dx(const GruBackward& call, float* workspace) {
  const RecurrentPlan plan = plan_of(call.shape);
  GruGradientRun gradients(call, plan);
  gradients.pack(workspace);
  const int64_t time = call.shape.time;
  const int64_t parts = call.shape.reset_after ? 1 : 2;
  // From the last step to the first, and once more for the gradient of the initial state.
  const int64_t last = call.dh0 == nullptr ? 0 : 1;
  plan.run(parts * time + last, [&](int64_t i, const RecurrentTile& tile, int thread) {
    const int64_t t = time - 1 - i / parts;
    if (t < 0) {
      gradients.initial(tile);
    } else if (i % parts == 0) {
      gradients.cells(t, tile, thread);
    } else {
      gradients.resets(t, tile, thread);
    }
  });
}

}  // namespace luge
