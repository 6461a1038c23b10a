// LSTM and GRU over whole sequences against loops in double precision.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "buffers.h"
#include "kernels/gru.h"
#include "kernels/lstm.h"

namespace luge {
namespace {

// Of workspaces: as many as any test runs with.
const int kThreads = std::max(2, thread_count());

using Doubles = std::vector<double>;

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// z[j] += state r[:, first + j] for columns j of a kernel with so many columns.
void add_product(const double* state, const std::vector<float>& kernel, int64_t units,
                 int64_t columns, int64_t first, int64_t count, double* z) {
  for (int64_t p = 0; p < units; ++p) {
    for (int64_t j = 0; j < count; ++j) z[j] += state[p] * kernel[p * columns + first + j];
  }
}

// dstate[p] += dz r[:, first + j]' likewise.
void add_transposed(const double* dz, const std::vector<float>& kernel, int64_t units,
                    int64_t columns, int64_t first, int64_t count, double* dstate) {
  for (int64_t p = 0; p < units; ++p) {
    for (int64_t j = 0; j < count; ++j) dstate[p] += dz[j] * kernel[p * columns + first + j];
  }
}

// Elements that are further from the reference than an error of one rounding of `magnitude` in each
// of the terms and functions on the way. Kernels are so small that a step makes no error larger.
int64_t misses(GuardedBuffer<float>& actual, const Doubles& expected, int64_t time, int64_t units) {
  double magnitude = 1;
  for (const double value : expected) magnitude = std::max(magnitude, std::fabs(value));
  const double tolerance = 0x1p-23 * static_cast<double>(time * (4 * units + 64)) * magnitude;
  int64_t count = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    count += !(std::fabs(actual[static_cast<int64_t>(i)] - expected[i]) <= tolerance);
  }
  return count;
}

struct Size {
  int64_t batch, time, units;
};

// Around vectors of 4, 8 and 16 lanes; many samples; and kernels that are shared out by units.
constexpr Size kSizes[] = {{1, 1, 1},  {2, 3, 3},  {3, 2, 7},   {5, 4, 8},  {2, 3, 15}, {9, 3, 16},
                           {3, 2, 17}, {4, 2, 33}, {67, 2, 20}, {3, 1, 65}, {2, 3, 270}};

std::vector<float> kernel_of(int64_t units, int64_t gates) {
  const float limit = 1.0f / static_cast<float>(units);
  return random_floats(units * gates * units, -limit, limit, 2);
}

struct LstmOutputs {
  Doubles hidden, last_hidden, last_cell, before, cells, gates, dxz, dh0, dc0;
};

LstmOutputs naive_lstm(const Size& s, const std::vector<float>& xz,
                       const std::vector<float>& kernel, const std::vector<float>& h0,
                       const std::vector<float>& c0, const std::vector<float>& dhidden,
                       const std::vector<float>& dlast_cell) {
  const int64_t u = s.units;
  LstmOutputs out;
  for (int64_t b = 0; b < s.batch; ++b) {
    Doubles h(u, 0), c(u, 0);
    if (!h0.empty()) h.assign(&h0[b * u], &h0[b * u] + u);
    if (!c0.empty()) c.assign(&c0[b * u], &c0[b * u] + u);
    Doubles cells_before, gates, cells;
    for (int64_t t = 0; t < s.time; ++t) {
      const float* row = &xz[(b * s.time + t) * 4 * u];
      Doubles z(row, row + 4 * u);
      add_product(h.data(), kernel, u, 4 * u, 0, 4 * u, z.data());
      out.before.insert(out.before.end(), h.begin(), h.end());
      cells_before.insert(cells_before.end(), c.begin(), c.end());
      for (int64_t j = 0; j < 4 * u; ++j) z[j] = j / u == 2 ? std::tanh(z[j]) : sigmoid(z[j]);
      for (int64_t j = 0; j < u; ++j) {
        c[j] = z[u + j] * c[j] + z[j] * z[2 * u + j];
        h[j] = z[3 * u + j] * std::tanh(c[j]);
      }
      out.hidden.insert(out.hidden.end(), h.begin(), h.end());
      cells.insert(cells.end(), c.begin(), c.end());
      gates.insert(gates.end(), z.begin(), z.end());
    }
    out.last_hidden.insert(out.last_hidden.end(), h.begin(), h.end());
    out.last_cell.insert(out.last_cell.end(), c.begin(), c.end());
    out.cells.insert(out.cells.end(), cells.begin(), cells.end());
    out.gates.insert(out.gates.end(), gates.begin(), gates.end());

    Doubles dxz(s.time * 4 * u), dh(u, 0), dc(u, 0);
    if (!dlast_cell.empty()) dc.assign(&dlast_cell[b * u], &dlast_cell[b * u] + u);
    for (int64_t t = s.time - 1; t >= 0; --t) {
      const double* g = &gates[t * 4 * u];
      double* dz = &dxz[t * 4 * u];
      for (int64_t j = 0; j < u; ++j) {
        const double i = g[j], f = g[u + j], a = g[2 * u + j], o = g[3 * u + j];
        const double tanh_cell = std::tanh(cells[t * u + j]);
        const double d = dh[j] + dhidden[(b * s.time + t) * u + j];
        const double dcell = dc[j] + d * o * (1 - tanh_cell * tanh_cell);
        dz[j] = dcell * a * i * (1 - i);
        dz[u + j] = dcell * cells_before[t * u + j] * f * (1 - f);
        dz[2 * u + j] = dcell * i * (1 - a * a);
        dz[3 * u + j] = d * tanh_cell * o * (1 - o);
        dc[j] = dcell * f;
      }
      dh.assign(u, 0);
      add_transposed(dz, kernel, u, 4 * u, 0, 4 * u, dh.data());
    }
    out.dxz.insert(out.dxz.end(), dxz.begin(), dxz.end());
    out.dh0.insert(out.dh0.end(), dh.begin(), dh.end());
    out.dc0.insert(out.dc0.end(), dc.begin(), dc.end());
  }
  return out;
}

// A 64-byte aligned workspace.
class Workspace {
 public:
  explicit Workspace(int64_t floats) : data_(floats + 16) {}
  float* data() {
    const auto address = reinterpret_cast<uintptr_t>(data_.data());
    return data_.data() + (64 - address % 64) % 64 / sizeof(float);
  }

 private:
  std::vector<float> data_;
};

TEST_CASE("lstm and its gradient, from zeros and from given states") {
  for_each_target([] {
    for (const Size& s : kSizes) {
      for (const bool given : {false, true}) {
        CAPTURE(s.batch);
        CAPTURE(s.units);
        CAPTURE(given);
        const int64_t u = s.units, states = s.batch * u, steps = s.batch * s.time;
        const std::vector<float> none, kernel = kernel_of(u, 4);
        GuardedBuffer<float> xz(random_floats(steps * 4 * u, -2, 2), 1);
        const std::vector<float> h0 = given ? random_floats(states, -1, 1, 3) : none;
        const std::vector<float> c0 = given ? random_floats(states, -1, 1, 4) : none;
        GuardedBuffer<float> dhidden(random_floats(steps * u, -1, 1, 5), 3);
        const std::vector<float> dcell = given ? random_floats(states, -1, 1, 6) : none;
        const LstmOutputs expected =
            naive_lstm(s, xz.values(), kernel, h0, c0, dhidden.values(), dcell);

        GuardedBuffer<float> hidden(steps * u, 1), last_hidden(states, 2), last_cell(states, 3);
        GuardedBuffer<float> before(steps * u, 5), cells(steps * u, 1), gates(steps * 4 * u, 7);
        const LstmShape shape = {s.batch, s.time, u};
        const float* h0_data = given ? h0.data() : nullptr;
        const float* c0_data = given ? c0.data() : nullptr;
        Workspace workspace(lstm_workspace(shape, kThreads));
        lstm({shape, xz.data(), kernel.data(), h0_data, c0_data, hidden.data(), last_hidden.data(),
              last_cell.data(), before.data(), cells.data(), gates.data()},
             workspace.data());
        CHECK(misses(hidden, expected.hidden, s.time, u) == 0);
        CHECK(misses(last_hidden, expected.last_hidden, s.time, u) == 0);
        CHECK(misses(last_cell, expected.last_cell, s.time, u) == 0);
        CHECK(misses(before, expected.before, s.time, u) == 0);
        CHECK(misses(cells, expected.cells, s.time, u) == 0);
        CHECK(misses(gates, expected.gates, s.time, u) == 0);

        GuardedBuffer<float> dh0(states, 1), dc0(states, 3);
        Workspace dx_workspace(lstm_dx_workspace(shape, kThreads));
        lstm_dx({shape, kernel.data(), c0_data, cells.data(), gates.data(), dhidden.data(), s.time,
                 given ? dcell.data() : nullptr, gates.data(), given ? dh0.data() : nullptr,
                 given ? dc0.data() : nullptr},
                dx_workspace.data());
        CHECK(misses(gates, expected.dxz, s.time, u) == 0);  // written over the gates
        if (given) {
          CHECK(misses(dh0, expected.dh0, s.time, u) == 0);
          CHECK(misses(dc0, expected.dc0, s.time, u) == 0);
        }

        // Without a backward pass, and over its input: the same bits.
        GuardedBuffer<float> again(steps * u, 1), last_again(states, 2), cell_again(states, 3);
        lstm({shape, xz.data(), kernel.data(), h0_data, c0_data, again.data(), last_again.data(),
              cell_again.data(), nullptr, nullptr, nullptr},
             workspace.data());
        CHECK(same_bits(again.values(), hidden.values()));
        CHECK(same_bits(cell_again.values(), last_cell.values()));
        lstm({shape, xz.data(), kernel.data(), h0_data, c0_data, again.data(), last_again.data(),
              cell_again.data(), before.data(), cells.data(), xz.data()},
             workspace.data());
        CHECK(same_bits(again.values(), hidden.values()));
        CHECK(misses(xz, expected.gates, s.time, u) == 0);
        for (GuardedBuffer<float>* buffer :
             {&xz, &dhidden, &hidden, &last_hidden, &last_cell, &before, &cells, &gates, &dh0, &dc0,
              &again, &last_again, &cell_again}) {
          CHECK(buffer->intact());
        }
      }
    }
  });
}

struct GruOutputs {
  Doubles hidden, last_hidden, before, gates, inner, dxz, dproduct, dh0;
};

GruOutputs naive_gru(const Size& s, bool reset_after, const std::vector<float>& xz,
                     const std::vector<float>& kernel, const std::vector<float>& bias,
                     const std::vector<float>& h0, const std::vector<float>& dhidden) {
  const int64_t u = s.units;
  GruOutputs out;
  for (int64_t b = 0; b < s.batch; ++b) {
    Doubles h(u, 0), gates, befores, inners;
    if (!h0.empty()) h.assign(&h0[b * u], &h0[b * u] + u);
    for (int64_t t = 0; t < s.time; ++t) {
      const float* row = &xz[(b * s.time + t) * 3 * u];
      Doubles z(row, row + 3 * u), p(3 * u, 0), reset(u);
      if (reset_after) p.assign(bias.begin(), bias.end());
      add_product(h.data(), kernel, u, 3 * u, 0, (reset_after ? 3 : 2) * u, p.data());
      for (int64_t j = 0; j < 2 * u; ++j) z[j] = sigmoid(z[j] + p[j]);
      for (int64_t j = 0; j < u; ++j) reset[j] = z[u + j] * h[j];
      if (!reset_after) add_product(reset.data(), kernel, u, 3 * u, 2 * u, u, &p[2 * u]);
      befores.insert(befores.end(), h.begin(), h.end());
      for (int64_t j = 0; j < u; ++j) {
        inners.push_back(reset_after ? p[2 * u + j] : reset[j]);
        const double part = reset_after ? z[u + j] * p[2 * u + j] : p[2 * u + j];
        z[2 * u + j] = std::tanh(z[2 * u + j] + part);
        h[j] = z[j] * h[j] + (1 - z[j]) * z[2 * u + j];
      }
      out.hidden.insert(out.hidden.end(), h.begin(), h.end());
      gates.insert(gates.end(), z.begin(), z.end());
    }
    out.last_hidden.insert(out.last_hidden.end(), h.begin(), h.end());
    out.before.insert(out.before.end(), befores.begin(), befores.end());
    out.gates.insert(out.gates.end(), gates.begin(), gates.end());
    out.inner.insert(out.inner.end(), inners.begin(), inners.end());

    Doubles dxz(s.time * 3 * u), dproduct(s.time * 3 * u), dh(u, 0);
    for (int64_t t = s.time - 1; t >= 0; --t) {
      const double *g = &gates[t * 3 * u], *before = &befores[t * u], *inner = &inners[t * u];
      double *dz = &dxz[t * 3 * u], *dp = &dproduct[t * 3 * u];
      Doubles next(u), dreset(u, 0);
      for (int64_t j = 0; j < u; ++j) {
        const double d = dh[j] + dhidden[(b * s.time + t) * u + j];
        const double z = g[j], r = g[u + j], a = g[2 * u + j];
        dz[j] = d * (before[j] - a) * z * (1 - z);
        dz[2 * u + j] = d * (1 - z) * (1 - a * a);
        dz[u + j] = dz[2 * u + j] * inner[j] * r * (1 - r);
        next[j] = d * z;
      }
      if (!reset_after) {
        add_transposed(&dz[2 * u], kernel, u, 3 * u, 2 * u, u, dreset.data());
        for (int64_t j = 0; j < u; ++j) {
          const double r = g[u + j];
          dz[u + j] = dreset[j] * before[j] * r * (1 - r);
          next[j] += dreset[j] * r;
        }
      }
      for (int64_t j = 0; j < 3 * u; ++j) dp[j] = j / u == 2 ? dz[j] * g[j - u] : dz[j];
      add_transposed(dp, kernel, u, 3 * u, 0, (reset_after ? 3 : 2) * u, next.data());
      dh = next;
    }
    out.dxz.insert(out.dxz.end(), dxz.begin(), dxz.end());
    out.dproduct.insert(out.dproduct.end(), dproduct.begin(), dproduct.end());
    out.dh0.insert(out.dh0.end(), dh.begin(), dh.end());
  }
  return out;
}

TEST_CASE("gru and its gradient, with both places of the reset gate") {
  for_each_target([] {
    for (const Size& s : kSizes) {
      for (const bool reset_after : {false, true}) {
        for (const bool given : {false, true}) {
          CAPTURE(s.batch);
          CAPTURE(s.units);
          CAPTURE(reset_after);
          CAPTURE(given);
          const int64_t u = s.units, states = s.batch * u, steps = s.batch * s.time;
          const std::vector<float> none, kernel = kernel_of(u, 3);
          GuardedBuffer<float> xz(random_floats(steps * 3 * u, -2, 2), 1);
          const std::vector<float> bias = random_floats(3 * u, -1, 1, 7);
          const std::vector<float> h0 = given ? random_floats(states, -1, 1, 3) : none;
          GuardedBuffer<float> dhidden(random_floats(steps * u, -1, 1, 5), 3);
          const GruOutputs expected =
              naive_gru(s, reset_after, xz.values(), kernel, bias, h0, dhidden.values());

          GuardedBuffer<float> hidden(steps * u, 1), last_hidden(states, 2);
          GuardedBuffer<float> before(steps * u, 5), gates(steps * 3 * u, 7), inner(steps * u, 1);
          const GruShape shape = {s.batch, s.time, u, reset_after};
          const float* h0_data = given ? h0.data() : nullptr;
          const float* bias_data = reset_after ? bias.data() : nullptr;
          Workspace workspace(gru_workspace(shape, kThreads));
          gru({shape, xz.data(), kernel.data(), bias_data, h0_data, hidden.data(),
               last_hidden.data(), before.data(), gates.data(), inner.data()},
              workspace.data());
          CHECK(misses(hidden, expected.hidden, s.time, u) == 0);
          CHECK(misses(last_hidden, expected.last_hidden, s.time, u) == 0);
          CHECK(misses(before, expected.before, s.time, u) == 0);
          CHECK(misses(gates, expected.gates, s.time, u) == 0);
          CHECK(misses(inner, expected.inner, s.time, u) == 0);

          GuardedBuffer<float> dh0(states, 1), dproduct(steps * 3 * u, 3);
          Workspace dx_workspace(gru_dx_workspace(shape, kThreads));
          gru_dx({shape, kernel.data(), before.data(), gates.data(), inner.data(), dhidden.data(),
                  s.time, gates.data(), reset_after ? dproduct.data() : nullptr,
                  given ? dh0.data() : nullptr},
                 dx_workspace.data());
          CHECK(misses(gates, expected.dxz, s.time, u) == 0);  // written over the gates
          if (reset_after) CHECK(misses(dproduct, expected.dproduct, s.time, u) == 0);
          if (given) CHECK(misses(dh0, expected.dh0, s.time, u) == 0);

          // Without a backward pass, and over its input: the same bits.
          GuardedBuffer<float> again(steps * u, 1), last_again(states, 2);
          gru({shape, xz.data(), kernel.data(), bias_data, h0_data, again.data(), last_again.data(),
               nullptr, nullptr, nullptr},
              workspace.data());
          CHECK(same_bits(again.values(), hidden.values()));
          gru({shape, xz.data(), kernel.data(), bias_data, h0_data, again.data(), last_again.data(),
               before.data(), xz.data(), inner.data()},
              workspace.data());
          CHECK(same_bits(again.values(), hidden.values()));
          CHECK(misses(xz, expected.gates, s.time, u) == 0);
          for (GuardedBuffer<float>* buffer :
               {&xz, &dhidden, &hidden, &last_hidden, &before, &gates, &inner, &dh0, &dproduct,
                &again, &last_again}) {
            CHECK(buffer->intact());
          }
        }
      }
    }
  });
}

TEST_CASE("a gradient of the last step alone is one of zeros elsewhere") {
  const LstmShape shape = {3, 4, 17};
  const int64_t states = 3 * 17, steps = 4 * states;
  const std::vector<float> kernel = kernel_of(17, 4), xz = random_floats(4 * steps, -2, 2);
  std::vector<float> hidden(steps), last(states), cell(states), before(steps), cells(steps);
  std::vector<float> gates(4 * steps), some(4 * steps), all(4 * steps), dhidden(steps, 0.0f);
  Workspace workspace(lstm_workspace(shape, kThreads)),
      dx_workspace(lstm_dx_workspace(shape, kThreads));
  lstm({shape, xz.data(), kernel.data(), nullptr, nullptr, hidden.data(), last.data(), cell.data(),
        before.data(), cells.data(), gates.data()},
       workspace.data());
  const std::vector<float> dlast = random_floats(states);
  for (int64_t b = 0; b < 3; ++b) {
    std::copy_n(&dlast[b * 17], 17, &dhidden[(b * 4 + 3) * 17]);
  }
  const auto gradient = [&](const std::vector<float>& dh, int64_t time, std::vector<float>& dxz) {
    lstm_dx({shape, kernel.data(), nullptr, cells.data(), gates.data(), dh.data(), time, nullptr,
             dxz.data(), nullptr, nullptr},
            dx_workspace.data());
  };
  gradient(dlast, 1, some);
  gradient(dhidden, 4, all);
  CHECK(same_bits(some, all));
}

TEST_CASE("recurrences show what is no number, and saturate") {
  for_each_target([] {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> kernel(4, 0.0f);
    const auto last_of = [&](std::vector<float> xz) {
      float hidden, last, cell;
      Workspace workspace(lstm_workspace({1, 1, 1}, kThreads));
      lstm({{1, 1, 1},
            xz.data(),
            kernel.data(),
            nullptr,
            nullptr,
            &hidden,
            &last,
            &cell,
            nullptr,
            nullptr,
            nullptr},
           workspace.data());
      return std::vector<float>{last, cell};
    };
    const float tanh_one = std::tanh(1.0f);
    CHECK(last_of({kInf, 0, kInf, kInf})[0] == doctest::Approx(tanh_one));
    CHECK(last_of({500, 0, -500, 500})[0] == doctest::Approx(-tanh_one));
    const std::vector<float> closed = last_of({kInf, 0, -kInf, -kInf});
    CHECK(closed[0] == 0);
    CHECK(std::fabs(closed[1] + 1) <= 5 * 0x1p-24f);  // units in the last place, see gates-inl.h
    CHECK(last_of({-kInf, 0, kInf, kInf}) == std::vector<float>{0, 0});
    for (size_t gate = 0; gate < 4; ++gate) {
      std::vector<float> xz(4, 0.5f);
      xz[gate] = kNan;
      // Zero times the forget gate is NaN, too.
      CHECK(std::isnan(last_of(xz)[0]));
    }
  });
}

TEST_CASE("two threads give the bits of one, cut by samples or by units") {
  for (const Size& s : {Size{70, 3, 40}, Size{9, 4, 260}}) {
    const LstmShape shape = {s.batch, s.time, s.units};
    const GruShape gru_shape = {s.batch, s.time, s.units, false};
    const int64_t states = s.batch * s.units, steps = s.time * states;
    const std::vector<float> kernel = kernel_of(s.units, 4), xz = random_floats(4 * steps, -2, 2);
    check_threads([&] {
      std::vector<float> hidden(steps), last(states), cell(states), before(steps), cells(steps);
      std::vector<float> gates(4 * steps);
      Workspace workspace(lstm_workspace(shape, kThreads)),
          dx_workspace(lstm_dx_workspace(shape, kThreads));
      lstm({shape, xz.data(), kernel.data(), nullptr, nullptr, hidden.data(), last.data(),
            cell.data(), before.data(), cells.data(), gates.data()},
           workspace.data());
      lstm_dx({shape, kernel.data(), nullptr, cells.data(), gates.data(), hidden.data(), s.time,
               cell.data(), gates.data(), last.data(), cell.data()},
              dx_workspace.data());
      return gates;
    });
    check_threads([&] {
      std::vector<float> hidden(steps), last(states), before(steps), inner(steps), gates(3 * steps);
      Workspace workspace(gru_workspace(gru_shape, kThreads)),
          dx_workspace(gru_dx_workspace(gru_shape, kThreads));
      gru({gru_shape, xz.data(), kernel.data(), nullptr, nullptr, hidden.data(), last.data(),
           before.data(), gates.data(), inner.data()},
          workspace.data());
      gru_dx({gru_shape, kernel.data(), before.data(), gates.data(), inner.data(), hidden.data(),
              s.time, gates.data(), nullptr, last.data()},
             dx_workspace.data());
      return gates;
    });
  }
}

}  // namespace
}  // namespace luge
