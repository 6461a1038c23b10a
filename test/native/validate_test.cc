#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "blob.h"
#include "program/validate.h"

namespace luge {
namespace {

std::string refusal(const Program& program) {
  try {
    validate_program(program);
  } catch (const ProgramError& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const Blob& blob) { return refusal(blob.program()); }

bool mentions(const std::string& text, const char* part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

// One operation on fresh arena tensors.
struct Operand {
  std::vector<int64_t> dims;
  DType dtype = DType::float32;
};

std::string refusal(const std::string& op, const std::vector<Operand>& inputs,
                    const std::vector<Operand>& outputs, const std::vector<int32_t>& attrs = {}) {
  Blob blob;
  std::vector<int32_t> in, out;
  for (const Operand& x : inputs) in.push_back(blob.tensor(x.dims, x.dtype));
  for (const Operand& y : outputs) out.push_back(blob.tensor(y.dims, y.dtype));
  blob.op(op, in, out, attrs);
  return refusal(blob);
}

TEST_CASE("tensors stay inside their storage") {
  Blob blob;
  const int store = blob.store(40);
  SUBCASE("exactly") {
    blob.tensor({2, 3}, DType::float32, store, 16);
    CHECK(refusal(blob) == "");
  }
  SUBCASE("beyond its end") {
    blob.tensor({2, 3}, DType::float32, store, 20);
    CHECK(mentions(refusal(blob), "tensor 0: it ends at byte 44 of a storage of 40"));
  }
  SUBCASE("misaligned") {
    blob.tensor({2}, DType::float32, store, 2);
    CHECK(mentions(refusal(blob), "not aligned"));
  }
  SUBCASE("bytes need no alignment") {
    blob.tensor({2}, DType::uint8, store, 3);
    CHECK(refusal(blob) == "");
  }
  SUBCASE("of an unknown storage") {
    blob.tensor({1}, DType::float32, store + 1, 0);
    CHECK(mentions(refusal(blob), "no such storage"));
  }
  SUBCASE("of the arena") {
    blob.tensor({1}, DType::float32, 0, 0);
    CHECK(mentions(refusal(blob), "of a storage of 0"));
  }
}

TEST_CASE("feeds and results name tensors") {
  Blob blob;
  const int store = blob.store(4);
  const int kept = blob.tensor({1}, DType::float32, store, 0);
  const int scalar = blob.tensor({});
  SUBCASE("feed of a store") {
    blob.feed(kept);
    CHECK(mentions(refusal(blob), "feed 0: its tensor is not in the arena"));
  }
  SUBCASE("indexed scalar") {
    blob.feed(scalar, true);
    CHECK(mentions(refusal(blob), "feed 0"));
  }
  SUBCASE("unknown feed") {
    blob.feed(2);
    CHECK(mentions(refusal(blob), "feed 0: there is no such tensor"));
  }
  SUBCASE("unknown result") {
    blob.result(2);
    CHECK(mentions(refusal(blob), "result 0: there is no such tensor"));
  }
}

TEST_CASE("instructions take known operands, in the right number") {
  Blob blob;
  const int x = blob.tensor({4});
  const int y = blob.tensor({4});
  const auto refused = [&](std::vector<int32_t> in, std::vector<int32_t> out,
                           std::vector<int32_t> attrs) {
    Blob copy = blob;
    return refusal(copy.op("copy", in, out, attrs));
  };
  CHECK(refused({x}, {y}, {}) == "");
  CHECK(mentions(refused({x, x}, {y}, {}), "instruction 0: (copy) the number of"));
  CHECK(mentions(refused({x}, {}, {}), "the number of"));
  CHECK(mentions(refused({x}, {y}, {1}), "the number of"));
  CHECK(mentions(refused({7}, {y}, {}), "an input is no tensor"));
  CHECK(mentions(refused({x}, {-1}, {}), "an output is no tensor"));
  Program program = blob.op("copy", {x}, {y}).program();
  program.instructions[0].opcode = static_cast<int64_t>(op_table().size());
  CHECK(mentions(refusal(program), "there is no operation"));
}

TEST_CASE("outputs overlap nothing, but a map's may lie on a full operand") {
  const auto in_place = [](int64_t offset, MapWriter::Index index, DType out = DType::float32) {
    Blob blob;
    const int store = blob.store(256);
    const int x = blob.tensor({16}, DType::float32, store, 64);
    const int y = blob.tensor({16}, out, store, 64 + offset);
    const MapWriter map{.operands = {index},
                        .constants = {},
                        .steps = {{Vmath::neg, 1, 0}},
                        .outputs = {1},
                        .registers = 2};
    return refusal(blob.op("map", {x}, {y}, map.words()));
  };
  CHECK(in_place(0, {1, 16}) == "");
  CHECK(in_place(0, {1, 16}, DType::int32) == "");
  CHECK(in_place(64, {1, 16}) == "");
  CHECK(mentions(in_place(4, {1, 16}), "overlaps an input"));
  CHECK(mentions(in_place(-60, {1, 16}), "overlaps an input"));
  CHECK(mentions(in_place(0, {1, 16}, DType::uint8), "overlaps an input"));
  CHECK(in_place(0, {2, 8}) != "");
  CHECK(in_place(0, {2, 16}) != "");

  Blob blob;
  const int store = blob.store(64);
  const int x = blob.tensor({4}, DType::float32, store, 0);
  CHECK(mentions(refusal(Blob(blob).op("copy", {x}, {x})), "overlaps an input"));
  const int y = blob.tensor({4}, DType::float32, store, 16);
  const int z = blob.tensor({4}, DType::float32, store, 24);
  const MapWriter twice{
      .operands = {{1, 4}}, .constants = {}, .steps = {}, .outputs = {0, 0}, .registers = 1};
  CHECK(mentions(refusal(blob.op("map", {x}, {y, z}, twice.words())), "two outputs overlap"));
}

TEST_CASE("sums of a map are of whole rows") {
  const auto refused = [](int64_t size, MapWriter::Index index, std::vector<int64_t> out,
                          std::vector<int32_t> outputs, int32_t sums, int64_t x) {
    const MapWriter map{.operands = {index},
                        .constants = {},
                        .steps = {},
                        .outputs = std::move(outputs),
                        .registers = 1,
                        .sums = sums,
                        .size = size};
    std::vector<Operand> made;
    for (const int64_t n : out) made.push_back({{n}});
    return refusal("map", {{{x}}}, made, map.words());
  };
  CHECK(refused(12, {1, 12}, {3}, {0}, 1, 12) == "");
  CHECK(refused(12, {1, 12}, {12, 1}, {0, 0}, 1, 12) == "");
  CHECK(refused(12, {1, 4}, {12, 3}, {0, 0}, 1, 4) == "");
  CHECK(refused(12, {1, 12}, {5}, {0}, 1, 12) != "");        // no whole rows
  CHECK(refused(12, {1, 12}, {3, 4}, {0, 0}, 2, 12) != "");  // of two lengths
  CHECK(refused(4000, {1, 4000}, {2000}, {0}, 1, 4000) != "");
  CHECK(refused(12, {1, 12}, {12, 3}, {0, 0}, 3, 12) != "");
  CHECK(refused(24, {1, 12}, {3}, {0}, 1, 12) != "");  // nothing is of that size
  CHECK(refused(int64_t{1} << 60, {1, 12}, {3}, {0}, 1, 12) != "");
  CHECK(refused(-12, {1, 12}, {3}, {0}, 1, 12) != "");
}

TEST_CASE("map operands cover their tensors") {
  const auto refused = [](int64_t size, MapWriter::Index index, int64_t out) {
    const MapWriter map{.operands = {index},
                        .constants = {},
                        .steps = {},
                        .outputs = {0},
                        .registers = 1,
                        .size = out};
    return refusal("map", {{{size}}}, {{{out}}}, map.words());
  };
  CHECK(refused(12, {1, 12}, 12) == "");
  CHECK(refused(1, {1, 1}, 12) == "");
  CHECK(refused(1, {12, 1}, 12) == "");
  CHECK(refused(4, {3, 4}, 12) == "");
  CHECK(refused(4, {1, 4}, 12) == "");
  CHECK(refused(2, {3, 2}, 12) == "");
  CHECK(refused(4, {1, 5}, 12) != "");   // beyond the tensor
  CHECK(refused(12, {1, 4}, 12) != "");  // only a part of it
  CHECK(refused(5, {1, 5}, 12) != "");
  CHECK(refused(4, {0, 4}, 12) != "");
  CHECK(refused(4, {-1, 4}, 12) != "");
  CHECK(refused(4, {int64_t{1} << 62, 4}, 12) != "");
}

TEST_CASE("matmul") {
  const Operand y{{4, 2, 3}};
  CHECK(refusal("matmul", {{{4, 2, 5}}, {{4, 5, 3}}}, {y}, {0, 0}) == "");
  CHECK(refusal("matmul", {{{4, 5, 2}}, {{1, 3, 5}}}, {y}, {1, 1}) == "");
  CHECK(mentions(refusal("matmul", {{{4, 2, 5}}, {{4, 3, 5}}}, {y}, {0, 0}), "do not agree"));
  CHECK(mentions(refusal("matmul", {{{2, 2, 5}}, {{4, 5, 3}}}, {y}, {0, 0}), "batches differ"));
  CHECK(mentions(refusal("matmul", {{{4, 2, 5}}, {{4, 5, 3}}}, {y}, {2, 0}), "transposition"));
  CHECK(mentions(refusal("matmul", {{{2, 5}}, {{4, 5, 3}}}, {y}, {0, 0}), "rank"));
  CHECK(mentions(refusal("matmul", {{{4, 2, 5}}, {{4, 5, 3}}}, {{{4, 2, 3}, DType::int32}}, {0, 0}),
                 "float32"));
  CHECK(mentions(refusal("matmul", {{{4, 2, 5}}, {{4, 5, 3}}, {{3}}}, {y}, {0, 0}), "left over"));
}

TEST_CASE("packed_matmul") {
  const Operand a{{1, 2, 5}}, packed{{5, 16}}, y{{1, 2, 3}};
  CHECK(refusal("pack_matrix", {{{1, 5, 3}}}, {packed}, {0}) == "");
  CHECK(refusal("pack_matrix", {{{1, 3, 5}}}, {packed}, {1}) == "");
  CHECK(mentions(refusal("pack_matrix", {{{1, 3, 5}}}, {packed}, {0}), "another shape"));
  CHECK(mentions(refusal("pack_matrix", {{{2, 5, 3}}}, {packed}, {0}), "[1, rows"));
  CHECK(mentions(refusal("pack_matrix", {{{1, 5, 3}}}, {packed}, {2}), "transposition"));
  CHECK(refusal("packed_matmul", {a, packed}, {y}, {}) == "");
  CHECK(mentions(refusal("packed_matmul", {a, {{5, 32}}}, {y}, {}), "another shape"));
  CHECK(mentions(refusal("packed_matmul", {a, packed}, {{{1, 3, 3}}}, {}), "rows"));
  CHECK(mentions(refusal("packed_matmul", {{{2, 2, 5}}, packed}, {{{2, 2, 3}}}, {}), "one matrix"));
  CHECK(mentions(refusal("packed_matmul", {a, packed, y}, {y}, {}), "left over"));
}

TEST_CASE("matmul_map") {
  const auto refused = [](std::vector<Operand> inputs, std::vector<Operand> outputs, MapWriter map,
                          int32_t trans_a = 0) {
    std::vector<int32_t> attrs = {trans_a, 0};
    for (const int32_t word : map.words()) attrs.push_back(word);
    return refusal("matmul_map", inputs, outputs, attrs);
  };
  const Operand a{{1, 2, 5}}, b{{1, 5, 3}}, w{{6}};
  const MapWriter step{.operands = {{1, 6}, {1, 6}},
                       .constants = {},
                       .steps = {{Vmath::sub, 2, 1, 0}},
                       .outputs = {2},
                       .registers = 3};
  CHECK(refused({a, b, w}, {w}, step) == "");
  CHECK(refused({{{1, 5, 2}}, b, w}, {w}, step, 1) == "");
  CHECK(mentions(refused({a, b, w}, {w}, step, 2), "transposition"));
  CHECK(mentions(refused({a, {{1, 4, 3}}, w}, {w}, step), "do not agree"));
  CHECK(mentions(refused({{{2, 2, 5}}, b, w}, {w}, step), "single matrices"));
  CHECK(mentions(refused({{{2, 5}}, b, w}, {w}, step), "single matrices"));
  CHECK(mentions(refused({{{1, 2, 5}, DType::int32}, b, w}, {w}, step), "float32"));
  CHECK(mentions(refused({a, {{1, 5, 4}}, w}, {w}, step), "mod"));
  CHECK(refused({a, b, w, w}, {w}, step) != "");
  CHECK(refused({a, b, w}, {{{7}}}, step) != "");
  MapWriter larger = step;
  larger.operands[1] = {1, 12};
  CHECK(mentions(refused({a, b, {{12}}}, {{{12}}}, larger), "product's size"));
  MapWriter summed = step;
  summed.outputs = {2, 2};
  summed.sums = 1;
  CHECK(mentions(refused({a, b, w}, {w, {{3}}}, summed), "not summed"));
}

TEST_CASE("convolutions and poolings") {
  const Operand x{{2, 8, 8, 4}}, weight{{3, 3, 2, 6}}, y{{2, 8, 8, 6}};
  const auto conv = [&](std::vector<int32_t> attrs) {
    return refusal("conv2d", {x, weight}, {y}, attrs);
  };
  CHECK(conv({1, 1, 1, 1, 1, 1, 2}) == "");
  CHECK(mentions(conv({0, 1, 1, 1, 1, 1, 2}), "stride"));
  CHECK(mentions(conv({1, 1, -1, 1, 1, 1, 2}), "padding"));
  CHECK(mentions(conv({1, 1, 1, 1, 1, INT32_MAX, 2}), "dilation"));
  CHECK(mentions(conv({1, 1, 1, 1, 1, 1, 0}), "groups"));
  CHECK(mentions(conv({1, 1, 1, 1, 1, 1, 1}), "do not agree"));
  CHECK(mentions(conv({1, 1, 1, 1, 1, 1, 3}), "groups"));
  CHECK(refusal("conv2d_dx", {y, weight}, {x}, {1, 1, 1, 1, 1, 1, 2}) == "");
  CHECK(refusal("conv2d_dx", {x, weight}, {y}, {1, 1, 1, 1, 1, 1, 2}) != "");
  CHECK(refusal("conv2d_dweight", {x, y}, {weight}, {1, 1, 1, 1, 1, 1, 2}) == "");

  const Operand dense{{3, 3, 4, 6}}, transformed{{1, 36, 4, 16}};
  const Operand half{{2, 4, 4, 6}}, positions{{2, 4, 4, 6}, DType::uint8};
  const auto conv_pool = [&](std::vector<int32_t> window, std::vector<Operand> outputs) {
    std::vector<int32_t> attrs = {1, 1, 1, 1, 1, 1, 1};
    attrs.insert(attrs.end(), window.begin(), window.end());
    return refusal("conv2d_max_pool2d", {x, dense}, outputs, attrs);
  };
  CHECK(conv_pool({2, 2, 2, 2, 1, 0}, {half, positions}) == "");
  CHECK(conv_pool({2, 2, 2, 2, 0, 0}, {half}) == "");
  CHECK(mentions(conv_pool({2, 2, 2, 2, 1, 0}, {half}), "index"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 0, 0}, {half, positions}), "left over"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 1, 0}, {half, half}), "uint8"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 2, 0}, {half, positions}), "0 or 1"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 0, 2}, {half}), "0 or 1"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 0, 1}, {half}), "5x5"));
  CHECK(refusal("conv2d_max_pool2d", {x, {{5, 5, 4, 6}}}, {half},
                {1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 2, 0, 1}) == "");
  CHECK(mentions(conv_pool({2, 0, 2, 2, 0, 0}, {half}), "out of range"));
  CHECK(mentions(conv_pool({2, 2, INT32_MAX, 2, 0, 0}, {half}), "out of range"));
  CHECK(mentions(conv_pool({3, 2, 2, 2, 0, 0}, {half}), "share elements"));
  CHECK(mentions(conv_pool({2, 2, 2, 2, 0, 0}, {{{2, 4, 4, 7}}}), "do not agree"));
  CHECK(refusal("conv2d_max_pool2d", {x, weight}, {half},
                {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 0, 0}) != "");
  const auto conv_pool_dx = [&](std::vector<int32_t> attrs, const Operand& at) {
    return refusal("conv2d_max_pool2d_dx", {half, at, dense}, {x}, attrs);
  };
  CHECK(conv_pool_dx({1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}, positions) == "");
  CHECK(mentions(conv_pool_dx({1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}, half), "uint8"));
  CHECK(mentions(conv_pool_dx({1, 1, 1, 1, 1, 2, 1, 2, 2, 2, 2}, positions), "neighbours"));
  CHECK(mentions(conv_pool_dx({1, 1, 1, 1, 1, 1, 1, 3, 2, 2, 2}, positions), "share elements"));
  CHECK(refusal("conv2d_max_pool2d_dweight", {x, half, positions}, {dense},
                {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}) == "");
  CHECK(mentions(refusal("conv2d_max_pool2d_dweight", {x, half, half}, {dense},
                         {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}),
                 "uint8"));
  CHECK(refusal("conv2d_max_pool2d_dweight", {x, half, positions}, {weight},
                {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2}) != "");
  CHECK(refusal("winograd_weight", {dense}, {transformed}, {4, 0, 1, 1}) == "");
  CHECK(refusal("winograd_weight", {dense}, {{{2, 36, 4, 16}}}, {4, 0, 2, 1}) == "");
  CHECK(refusal("winograd_weight", {dense}, {{{2, 36, 6, 16}}}, {4, 1, 2, 1}) != "");
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {4, 0, 4, 1}), "groups"));
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {4, 0, 0, 1}), "groups"));
  CHECK(refusal("winograd_weight", {dense}, {{{1, 16, 6, 16}}}, {2, 1, 1, 1}) == "");
  CHECK(refusal("winograd_weight", {{{3, 3, 2, 6}}}, {transformed}, {4, 0, 1, 2}) == "");
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {4, 0, 1, 0}), "parts"));
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {4, 0, 1, 4}), "parts"));
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {3, 0, 1, 1}), "tile"));
  CHECK(
      mentions(refusal("winograd_weight", {{{5, 5, 4, 6}}}, {transformed}, {4, 0, 1, 1}), "tile"));
  CHECK(refusal("winograd_weight", {{{5, 5, 4, 6}}}, {transformed}, {2, 0, 1, 1}) == "");
  CHECK(mentions(refusal("winograd_weight", {dense}, {transformed}, {4, 2, 1, 1}), "turned"));
  CHECK(
      mentions(refusal("winograd_weight", {dense}, {transformed}, {2, 0, 1, 1}), "another shape"));
  CHECK(refusal("winograd_weight", {{{5, 3, 4, 6}}}, {transformed}, {4, 0, 1, 1}) != "");
  CHECK(refusal("winograd_conv2d", {x, transformed}, {y}, {4, 1, 1}) == "");
  CHECK(mentions(refusal("winograd_conv2d", {x, transformed}, {y}, {4, 3, 1}), "padding"));
  CHECK(refusal("winograd_conv2d", {x, transformed}, {y}, {2, 1, 1}) == "");  // of 5x5
  CHECK(mentions(refusal("winograd_conv2d", {x, {{{1, 25, 4, 16}}}}, {y}, {2, 1, 1}), "transform"));
  CHECK(mentions(refusal("winograd_conv2d", {x, {{{1, 36, 5, 16}}}}, {y}, {2, 1, 1}),
                 "another shape"));
  CHECK(
      mentions(refusal("winograd_conv2d", {x, transformed}, {{{1, 8, 8, 6}}}, {4, 1, 1}), "batch"));
  CHECK(refusal("winograd_conv2d", {x, {{{2, 36, 2, 16}}}}, {y}, {4, 1, 1}) == "");
  CHECK(mentions(refusal("winograd_conv2d", {x, {{{4, 36, 1, 16}}}}, {y}, {4, 1, 1}), "groups"));
  CHECK(mentions(refusal("winograd_conv2d", {x, {{{36, 4, 16}}}}, {y}, {4, 1, 1}), "rank"));
  CHECK(refusal("winograd_dweight", {x, y}, {dense}, {4, 1, 1, 1}) == "");
  CHECK(refusal("winograd_dweight", {x, y}, {{{3, 3, 2, 6}}}, {4, 1, 1, 1}) == "");
  CHECK(refusal("winograd_dweight", {x, y}, {{{3, 3, 2, 6}}}, {4, 1, 1, 2}) == "");
  CHECK(mentions(refusal("winograd_dweight", {x, y}, {{{3, 3, 1, 6}}}, {4, 1, 1, 4}), "parts"));
  CHECK(mentions(refusal("winograd_dweight", {x, y}, {dense}, {4, 1, 1, 0}), "parts"));
  CHECK(mentions(refusal("winograd_dweight", {x, y}, {{{3, 3, 1, 6}}}, {4, 1, 1, 1}), "groups"));
  CHECK(refusal("winograd_dweight", {x, y}, {{{3, 3, 6, 4}}}, {4, 1, 1, 1}) != "");

  const Operand pooled{{2, 4, 4, 4}}, index{{2, 4, 4, 4}, DType::uint8};
  const auto pool = [&](std::vector<int32_t> attrs) {
    return refusal("max_pool2d", {x}, {pooled, index}, attrs);
  };
  CHECK(pool({2, 2, 2, 2, 0, 0}) == "");
  CHECK(mentions(pool({2, 2, 4, 2, 0, 0}), "outside"));
  CHECK(mentions(pool({2, 2, 2, 2, 2, 0}), "out of range"));
  CHECK(mentions(pool({17, 17, 2, 2, 0, 0}), "index"));
  CHECK(refusal("max_pool2d_dx", {pooled, index}, {x}, {2, 2, 2, 2, 0, 0}) == "");
  CHECK(refusal("average_pool2d", {x}, {{{2, 4, 4, 3}}}, {2, 2, 2, 2, 0, 0}) != "");
  CHECK(refusal("l2_pool2d_dx", {x, pooled, x}, {x}, {2, 2, 2, 2, 0, 0}) != "");
}

TEST_CASE("movements of elements") {
  const Operand x{{4, 6}};
  CHECK(refusal("transpose", {x}, {{{6, 4}}}, {1, 0}) == "");
  CHECK(refusal("transpose", {x}, {{{6, 4}}}, {1, 1}) != "");
  CHECK(refusal("transpose", {x}, {{{6, 4}}}, {1, 2}) != "");
  CHECK(refusal("transpose", {x}, {{{4, 6}}}, {1, 0}) != "");
  CHECK(refusal("broadcast", {{{6}}}, {x}) == "");
  CHECK(refusal("broadcast", {{{4}}}, {x}) != "");
  CHECK(refusal("concat", {x, x}, {{{4, 12}}}, {1}) == "");
  CHECK(refusal("concat", {x, x}, {{{4, 12}}}, {0}) != "");
  CHECK(refusal("concat", {x, x}, {{{4, 12}}}, {-1}) != "");
  CHECK(refusal("concat", {}, {{{4, 12}}}, {1}) != "");
  CHECK(refusal("slice", {x}, {{{2, 3}}}, {1, 5, 1, -2}) == "");
  CHECK(refusal("slice", {x}, {{{2, 3}}}, {1, 3, 1, -2}) != "");
  CHECK(refusal("slice", {x}, {{{2, 3}}}, {3, 0, 1, 1}) != "");
  CHECK(refusal("slice", {x}, {{{2, 3}}}, {-1, 0, 1, 1}) != "");
  CHECK(refusal("slice", {x}, {{{2, 3}}}, {0, 0, 0, 1}) != "");
  CHECK(refusal("slice_dx", {{{2, 3}}}, {x}, {1, 5, 1, -2}) == "");
  CHECK(refusal("slice_dx", {{{2, 3}}}, {x}, {3, 5, 1, -2}) != "");
  CHECK(refusal("pad", {x}, {{{6, 7}}}, {0, 2, 1}) == "");
  CHECK(refusal("pad", {x}, {{{6, 7}}}, {0, 3, 1}) != "");
  CHECK(refusal("pad", {x}, {{{6, 7}}}, {0, -1, 1}) != "");
}

TEST_CASE("indices, reductions, losses and random numbers") {
  const Operand x{{2, 5, 3}}, indices{{7}, DType::int32};
  CHECK(refusal("gather", {x, indices}, {{{2, 7, 3}}}) == "");
  CHECK(refusal("gather", {x, {{7}, DType::uint8}}, {{{2, 7, 3}}}) != "");
  CHECK(refusal("gather", {x, indices}, {{{2, 5, 3}}}) != "");
  CHECK(refusal("gather_dx", {{{2, 7, 3}}, indices}, {x}) == "");
  CHECK(refusal("one_hot", {indices}, {{{7, 4}}}) == "");
  CHECK(refusal("one_hot", {indices}, {{{7}}}) != "");
  CHECK(refusal("reduce_sum", {x}, {{{2, 3}}}) == "");
  CHECK(refusal("reduce_sum", {x}, {{{2, 5}}}) != "");
  CHECK(refusal("reduce_max", {{{2, 5, 3}, DType::int32}}, {{{2, 3}, DType::int32}}) == "");
  CHECK(refusal("reduce_max", {{{2, 5, 3}, DType::uint8}}, {{{2, 3}, DType::uint8}}) != "");
  CHECK(refusal("argmax", {x}, {{{2, 3}, DType::int32}}) == "");
  CHECK(refusal("argmax", {x}, {{{2, 3}}}) != "");

  const Operand logits{{4, 3}}, classes{{4}, DType::uint8}, loss{{4}};
  CHECK(refusal("softmax", {logits}, {logits}) == "");
  CHECK(refusal("softmax", {logits}, {{{3, 4}}}) != "");
  CHECK(refusal("softmax_cross_entropy", {logits, classes}, {loss}) == "");
  CHECK(refusal("softmax_cross_entropy", {logits, logits}, {loss}) == "");
  CHECK(refusal("softmax_cross_entropy", {logits, loss}, {loss}) != "");
  CHECK(refusal("softmax_cross_entropy_dlogits", {logits, classes, loss}, {logits}) == "");
  CHECK(refusal("softmax_cross_entropy_dlogits", {logits, classes, logits}, {logits}) != "");

  CHECK(refusal("random_normal", {}, {logits}, {1, bits(0), bits(1)}) == "");
  CHECK(refusal("random_normal", {}, {logits}, {1, bits(NAN), bits(1)}) != "");
  CHECK(refusal("dropout", {logits}, {logits}, {1, bits(0.5f)}) == "");
  CHECK(refusal("dropout", {logits}, {logits}, {1, bits(1)}) != "");
  CHECK(refusal("dropout", {logits}, {logits}, {1, bits(NAN)}) != "");
}

}  // namespace
}  // namespace luge
