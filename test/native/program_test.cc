#include <doctest/doctest.h>

#include "blob.h"
#include "ops/map_words.h"

namespace luge {
namespace {

Blob small_blob() {
  Blob blob;
  const int store = blob.store(int64_t{5} << 32);
  const int x = blob.feed(blob.tensor({2, 3}, DType::uint8), true);
  const int y = blob.tensor({2, 3}, DType::float32, store, (int64_t{1} << 32) + 4);
  blob.op("copy", {x}, {y});
  blob.op("transpose", {y}, {x}, {1, 0});
  blob.result(y);
  return blob;
}

TEST_CASE("decode_program reads every table") {
  const Program program = small_blob().program();
  CHECK(program.arena_bytes == 128);
  REQUIRE(program.store_bytes.size() == 1);
  CHECK(program.store_bytes[0] == int64_t{5} << 32);
  REQUIRE(program.tensors.size() == 2);
  CHECK(program.tensors[0].view.dtype == DType::uint8);
  CHECK(program.tensors[0].bytes() == 6);
  CHECK(program.tensors[1].storage == 1);
  CHECK(program.tensors[1].offset == (int64_t{1} << 32) + 4);
  CHECK(program.tensors[1].view.dims[1] == 3);
  REQUIRE(program.instructions.size() == 2);
  CHECK(program.instructions[1].opcode == opcode("transpose"));
  CHECK(program.instructions[1].attrs == std::vector<int32_t>{1, 0});
  REQUIRE(program.feeds.size() == 1);
  CHECK(program.feeds[0].indexed);
  CHECK(program.results == std::vector<int64_t>{1});
}

TEST_CASE("decode_program refuses a blob of any other length") {
  const std::vector<uint32_t> whole = small_blob().words();
  for (size_t length = 0; length < whole.size(); ++length) {
    std::vector<uint32_t> cut(whole.begin(), whole.begin() + length);
    CHECK_THROWS_AS(decode_program(cut), ProgramError);
    if (length < kHeaderWords) continue;
    cut[2] = static_cast<uint32_t>(length);
    Blob::sign(cut);
    CHECK_THROWS_AS(decode_program(cut), ProgramError);
  }
  std::vector<uint32_t> longer = whole;
  longer.push_back(0);
  longer[2] += 1;
  Blob::sign(longer);
  CHECK_THROWS_AS(decode_program(longer), ProgramError);
}

TEST_CASE("decode_program notices any changed bit") {
  const std::vector<uint32_t> whole = small_blob().words();
  for (size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 32; ++bit) {
      std::vector<uint32_t> changed = whole;
      changed[i] ^= 1u << bit;
      CHECK_THROWS_AS(decode_program(changed), ProgramError);
    }
  }
}

MapWriter small_map() {
  return {.operands = {{1, 12}, {3, 4}},
          .constants = {2.5f},
          .steps = {{Vmath::mul, 3, 0, 1}, {Vmath::select, 4, 3, 2, 0}},
          .outputs = {4, 3},
          .registers = 5};
}

TEST_CASE("MapWords decodes a map program") {
  MapWords words;
  const std::vector<int32_t> encoded = small_map().words();
  REQUIRE(words.decode(encoded) == nullptr);
  CHECK(words.operands()[1].div == 3);
  CHECK(words.operands()[1].mod == 4);
  const MapProgram program = words.program();
  CHECK(program.constants[0] == 2.5f);
  CHECK(program.instructions[1].function == Vmath::select);
  CHECK(program.instructions[1].c == 0);
  CHECK(program.outputs[1] == 3);
  CHECK(program.registers == 5);
}

TEST_CASE("MapWords refuses what does not fit") {
  const auto refused = [](const MapWriter& map) { return MapWords().decode(map.words()); };
  MapWriter map = small_map();
  map.registers = 257;
  CHECK(refused(map));
  map = small_map();
  map.registers = 4;  // a temporary less than is written
  CHECK(refused(map));
  map = small_map();
  map.steps[0].dst = 0;  // an operand
  CHECK(refused(map));
  map = small_map();
  map.steps[0].a = 4;  // not yet written
  CHECK(refused(map));
  map = small_map();
  map.outputs[0] = 5;
  CHECK(refused(map));
  map = small_map();
  map.steps[0].function = static_cast<Vmath>(kVmathCount);
  CHECK(refused(map));

  std::vector<int32_t> words = small_map().words();
  CHECK(MapWords().decode(std::span(words).first(words.size() - 1)));
  CHECK(MapWords().decode(std::span(words).first(3)));
  words[0] = -1;
  CHECK(MapWords().decode(words));
}

}  // namespace
}  // namespace luge
