#include "kernels/map.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>

#include "buffers.h"

namespace luge {
namespace {

// A program with its parts, for tests.
struct Parts {
  int operands = 0;
  std::vector<float> constants;
  std::vector<MapInstruction> instructions;
  std::vector<uint16_t> outputs;
  int registers = 0;
  std::vector<uint16_t> sums = {};

  MapProgram program() const {
    return {instructions, constants, outputs, operands, registers, sums};
  }
};

struct Workspace {
  explicit Workspace(const MapProgram& program) : floats(map_workspace(program, 2) + 16, 0.0f) {}
  float* data() {
    return reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(floats.data()) + 63) / 64 * 64);
  }
  std::vector<float> floats;
};

int64_t index_of(const MapOperand& operand, int64_t i) { return i / operand.div % operand.mod; }

// relu(x * gain + bias) and its square: registers x, gain, bias | 0.5 | product, sum, y, square.
Parts scale_shift_relu() {
  Parts p;
  p.operands = 3;
  p.constants = {0.5f};
  p.registers = 8;
  p.instructions = {{Vmath::mul, 4, 0, 1, 0},
                    {Vmath::add, 5, 4, 2, 0},
                    {Vmath::add, 5, 5, 3, 0},
                    {Vmath::relu, 6, 5, 0, 0},
                    {Vmath::square, 7, 6, 0, 0}};
  p.outputs = {6, 7};
  return p;
}

TEST_CASE("rows, columns, scalars and wholes broadcast, at any size and range") {
  const Parts parts = scale_shift_relu();
  const MapProgram program = parts.program();
  REQUIRE(check_map(program) == nullptr);
  Workspace workspace(program);
  for_each_target([&] {
    for (int64_t inner : {1, 3, 7, 10, 16, 20, 100, 999, 1024, 5000}) {
      for (int64_t outer : {1, 2, 9, 64, 700}) {
        const int64_t size = inner * outer;
        if (size > 70000) continue;
        CAPTURE(inner);
        CAPTURE(outer);
        GuardedBuffer<float> x(random_floats(size), 1), row(random_floats(inner, -1, 1, 2), 3),
            column(random_floats(outer, -1, 1, 3));
        const MapOperand operands[] = {{x.data(), DType::float32, 1, size},
                                       {row.data(), DType::float32, 1, inner},
                                       {column.data(), DType::float32, inner, outer}};
        for (int64_t begin : {int64_t{0}, inner, size / 2}) {
          if (begin >= size) continue;
          GuardedBuffer<float> y(size, 5), square(size);
          const MapOutput outputs[] = {{y.data(), DType::float32}, {square.data(), DType::float32}};
          run_map(program, operands, outputs, begin, size, workspace.data());
          bool good = true;
          for (int64_t i = begin; i < size; ++i) {
            float expected = x[i] * row[i % inner] + column[i / inner];
            expected = std::max(expected + 0.5f, 0.0f);
            good = good && y[i] == expected && square[i] == expected * expected;
          }
          CHECK(good);
          CHECK((begin == 0 || y[begin - 1] == 113.0f));
          CHECK((y.intact() && square.intact()));
        }
      }
    }
  });
}

TEST_CASE("an operand with both div and mod repeats a middle axis") {
  Parts p;
  p.operands = 2;
  p.registers = 3;
  p.instructions = {{Vmath::add, 2, 0, 1, 0}};
  p.outputs = {2};
  const MapProgram program = p.program();
  Workspace workspace(program);
  for (int64_t div : {2, 5, 300}) {
    for (int64_t mod : {1, 3, 40}) {
      const int64_t size = div * mod * 3 + div / 2;
      const std::vector<float> x = random_floats(size), middle = random_floats(mod, -1, 1, 2);
      const MapOperand operands[] = {{x.data(), DType::float32, 1, size},
                                     {middle.data(), DType::float32, div, mod}};
      GuardedBuffer<float> y(size);
      const MapOutput output{y.data(), DType::float32};
      run_map(program, operands, &output, 0, size, workspace.data());
      bool good = true;
      for (int64_t i = 0; i < size; ++i) {
        good = good && y[i] == x[i] + middle[index_of(operands[1], i)];
      }
      CHECK(good);
      CHECK(y.intact());
    }
  }
}

TEST_CASE("outputs may lie on operands, and swap them") {
  // Momentum: v = 0.9 v + g; w = w - v. Registers w, v, g | 0.9 | v', w'.
  Parts p;
  p.operands = 3;
  p.constants = {0.9f};
  p.registers = 6;
  p.instructions = {{Vmath::mul_add, 4, 3, 1, 2}, {Vmath::sub, 5, 0, 4, 0}};
  p.outputs = {4, 5};
  Workspace workspace(p.program());
  const int64_t size = 3001;
  const std::vector<float> w = random_floats(size), v = random_floats(size, -1, 1, 2),
                           g = random_floats(size, -1, 1, 3);
  const auto update = [&](bool in_place) {
    std::vector<float> w1 = w, v1 = v, w2(size), v2(size);
    const MapOperand operands[] = {{w1.data(), DType::float32, 1, size},
                                   {v1.data(), DType::float32, 1, size},
                                   {g.data(), DType::float32, 1, size}};
    const MapOutput outputs[] = {{in_place ? v1.data() : v2.data(), DType::float32},
                                 {in_place ? w1.data() : w2.data(), DType::float32}};
    map(p.program(), operands, outputs, size, workspace.data());
    std::vector<float> both = in_place ? w1 : w2;
    const std::vector<float>& moved = in_place ? v1 : v2;
    both.insert(both.end(), moved.begin(), moved.end());
    return both;
  };
  CHECK(same_bits(update(true), update(false)));

  // Early writes must wait for late reads: a' = a + b; b' = a - b, where a' lies on a.
  Parts q;
  q.operands = 2;
  q.registers = 4;
  q.instructions = {{Vmath::add, 2, 0, 1, 0}, {Vmath::sub, 3, 0, 1, 0}};
  q.outputs = {2, 3};
  std::vector<float> a = w, b = v;
  const MapOperand operands[] = {{a.data(), DType::float32, 1, size},
                                 {b.data(), DType::float32, 1, size}};
  const MapOutput outputs[] = {{a.data(), DType::float32}, {b.data(), DType::float32}};
  map(q.program(), operands, outputs, size, workspace.data());
  bool good = true;
  for (int64_t i = 0; i < size; ++i) good = good && a[i] == w[i] + v[i] && b[i] == w[i] - v[i];
  CHECK(good);

  // Plain copies that cross: outputs are the operands themselves.
  Parts swap;
  swap.operands = 2;
  swap.registers = 2;
  swap.outputs = {1, 0};
  a = w;
  b = v;
  map(swap.program(), operands, outputs, size, workspace.data());
  CHECK(same_bits(a, v));
  CHECK(same_bits(b, w));
}

TEST_CASE("bytes and integers") {
  // y = uint8((x < 100) * x), z = int32 k * k. Registers x, k | 100 | less, product, square.
  Parts p;
  p.operands = 2;
  p.constants = {100.0f};
  p.registers = 6;
  p.instructions = {
      {Vmath::lt, 3, 0, 2, 0}, {Vmath::mul, 4, 3, 0, 0}, {Vmath::i32_mul, 5, 1, 1, 0}};
  p.outputs = {4, 5};
  Workspace workspace(p.program());
  for (int64_t size : {1, 3, 17, 1000, 5001}) {
    for (int64_t mod : {size, int64_t{10}}) {
      std::vector<uint8_t> x(mod);
      for (int64_t i = 0; i < mod; ++i) x[i] = static_cast<uint8_t>(i * 7);
      std::vector<int32_t> k(size);
      for (int64_t i = 0; i < size; ++i) k[i] = static_cast<int32_t>(i * 1001);
      GuardedBuffer<uint8_t> y(size, 1);
      GuardedBuffer<int32_t> z(size, 1);
      const MapOperand operands[] = {{x.data(), DType::uint8, 1, mod},
                                     {k.data(), DType::int32, 1, size}};
      const MapOutput outputs[] = {{y.data(), DType::uint8}, {z.data(), DType::int32}};
      map(p.program(), operands, outputs, size, workspace.data());
      bool good = true;
      for (int64_t i = 0; i < size; ++i) {
        const uint8_t byte = x[i % mod];
        const uint32_t square = static_cast<uint32_t>(k[i]) * static_cast<uint32_t>(k[i]);
        good = good && y[i] == (byte < 100 ? byte : 0) && z[i] == static_cast<int32_t>(square);
      }
      CHECK(good);
      CHECK((y.intact() && z.intact()));
    }
  }
}

TEST_CASE("threads and many registers change nothing") {
  Parts p = scale_shift_relu();
  const int64_t size = 200003;
  const std::vector<float> x = random_floats(size), row = random_floats(10);
  for (int registers : {8, 40, kMaxMapRegisters}) {
    p.registers = registers;
    Workspace workspace(p.program());
    check_threads([&] {
      std::vector<float> y(2 * size);
      const MapOperand operands[] = {{x.data(), DType::float32, 1, size},
                                     {row.data(), DType::float32, 1, 10},
                                     {row.data(), DType::float32, 7, 10}};
      const MapOutput outputs[] = {{y.data(), DType::float32}, {y.data() + size, DType::float32}};
      map(p.program(), operands, outputs, size, workspace.data());
      return y;
    });
  }
}

TEST_CASE("a constant alone fills its output, and an empty range touches nothing") {
  Parts p;
  p.constants = {7.0f};
  p.registers = 1;
  p.outputs = {0};
  Workspace workspace(p.program());
  GuardedBuffer<float> y(2500);
  const MapOutput output{y.data(), DType::float32};
  map(p.program(), nullptr, &output, 0, workspace.data());
  CHECK(y[0] == 113.0f);
  map(p.program(), nullptr, &output, 2500, workspace.data());
  CHECK(y.values() == std::vector<float>(2500, 7.0f));
  CHECK(y.intact());
}

// Sums over rows of x * row and of its square, which is stored over x.
Parts product_and_square() {
  Parts p;
  p.operands = 2;
  p.registers = 4;
  p.instructions = {{Vmath::mul, 2, 0, 1, 0}, {Vmath::square, 3, 2, 0, 0}};
  p.outputs = {3};
  p.sums = {2, 3, 0};
  return p;
}

std::vector<float> sums_over_rows(const Parts& parts, std::vector<float>& x,
                                  const std::vector<float>& row, bool in_place) {
  const MapProgram program = parts.program();
  const int64_t size = static_cast<int64_t>(x.size());
  const int64_t columns = static_cast<int64_t>(row.size());
  GuardedBuffer<double> workspace(
      (map_with_sums_workspace(program, size, columns, thread_count()) + 1) / 2 + 8);
  float* lines =
      reinterpret_cast<float*>((reinterpret_cast<uintptr_t>(workspace.data()) + 63) / 64 * 64);
  GuardedBuffer<float> a(columns, 1), b(columns, 2), c(columns, 3);
  std::vector<float> y(size);
  const MapOperand operands[] = {{x.data(), DType::float32, 1, size},
                                 {row.data(), DType::float32, 1, columns}};
  const MapOutput output{in_place ? x.data() : y.data(), DType::float32};
  float* const sums[] = {a.data(), b.data(), c.data()};
  map_with_sums(program, operands, &output, size, sums, columns, lines);
  CHECK((a.intact() && b.intact() && c.intact() && workspace.intact()));
  std::vector<float> all = in_place ? x : y;
  for (auto* sum : {&a, &b, &c}) {
    for (const float value : sum->values()) all.push_back(value);
  }
  return all;
}

TEST_CASE("sums over rows agree with double precision") {
  const Parts parts = product_and_square();
  REQUIRE(check_map(parts.program()) == nullptr);
  for_each_target([&] {
    for (const int64_t columns : {1, 3, 10, 16, 20, 63, 64, 65, 300, 1000, 1024}) {
      for (const int64_t rows : {1, 2, 9, 64, 700, 5001}) {
        const int64_t size = rows * columns;
        if (size > 300000) continue;
        CAPTURE(columns);
        CAPTURE(rows);
        std::vector<float> x = random_floats(size);
        const std::vector<float> row = random_floats(columns, 0.5f, 1.5f, 2);
        const std::vector<float> y = sums_over_rows(parts, x, row, false);
        int failures = 0;
        for (int64_t j = 0; j < columns; ++j) {
          double sums[3] = {}, sizes[3] = {};
          for (int64_t r = 0; r < rows; ++r) {
            const float product = x[r * columns + j] * row[j];
            const double terms[] = {product, product * product, x[r * columns + j]};
            failures += y[r * columns + j] != product * product;
            for (int k = 0; k < 3; ++k) {
              sums[k] += terms[k];
              sizes[k] += std::fabs(terms[k]);
            }
          }
          // Single precision for at most 64 terms, and for the result.
          const double terms = 1 + std::min<double>(static_cast<double>(rows), 64);
          for (int k = 0; k < 3; ++k) {
            failures +=
                !(std::fabs(y[size + k * columns + j] - sums[k]) <= 0x1p-24 * terms * sizes[k]);
          }
        }
        CHECK(failures == 0);
        CHECK(same_bits(sums_over_rows(parts, x, row, true), y));
      }
    }
  });
}

TEST_CASE("sums over rows do not depend on threads, blocks or what is computed beside them") {
  Parts parts = product_and_square();
  std::vector<float> x = random_floats(200003 * 3);
  const std::vector<float> row = random_floats(3);
  check_threads([&] { return sums_over_rows(parts, x, row, false); });
  const std::vector<float> y = sums_over_rows(parts, x, row, false);
  parts.registers = kMaxMapRegisters;  // shorter blocks
  CHECK(same_bits(sums_over_rows(parts, x, row, false), y));
  // The sums of the stored squares alone.
  Parts alone;
  alone.operands = 2;
  alone.registers = 2;
  alone.outputs = {0};
  alone.sums = {0, 0, 0};
  std::vector<float> squares(y.begin(), y.begin() + static_cast<int64_t>(x.size()));
  const std::vector<float> again = sums_over_rows(alone, squares, row, false);
  for (int64_t j = 0; j < 3; ++j) {
    CHECK(again[x.size() + j] == y[x.size() + 3 + j]);
  }
}

TEST_CASE("unsound programs are refused") {
  const Parts sound = scale_shift_relu();
  const auto refused = [&](auto change) {
    Parts p = sound;
    change(p);
    return check_map(p.program()) != nullptr;
  };
  CHECK_FALSE(refused([](Parts&) {}));
  CHECK(refused([](Parts& p) { p.instructions[0].function = static_cast<Vmath>(kVmathCount); }));
  CHECK(refused([](Parts& p) { p.instructions[0].dst = 8; }));
  CHECK(refused([](Parts& p) { p.instructions[0].dst = 2; }));
  CHECK(refused([](Parts& p) { p.instructions[0].a = 5; }));
  CHECK(refused([](Parts& p) { p.instructions[1].b = 99; }));
  CHECK(refused([](Parts& p) { p.instructions[3].c = 99; }));
  CHECK(refused([](Parts& p) { p.outputs[0] = 8; }));
  CHECK(refused([](Parts& p) { p.sums = {8}; }));
  CHECK(refused([](Parts& p) { p.registers = 3; }));
  CHECK(refused([](Parts& p) { p.registers = kMaxMapRegisters + 1; }));
  CHECK(refused([](Parts& p) { p.operands = -1; }));
}

}  // namespace
}  // namespace luge
