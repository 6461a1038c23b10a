#include "exec/executor.h"

#include <doctest/doctest.h>

#include <cstring>
#include <numeric>

#include "program_runner.h"

namespace luge {
namespace {

StorePtr make_store(size_t bytes) { return std::make_shared<Store>(bytes); }

const float* floats(const StorePtr& store) {
  return reinterpret_cast<const float*>(store->memory.data());
}

// total += sum(x[4, 3]), with x a feed of uint8 rows.
struct Summing {
  Summing() {
    const int store = blob.store(8);
    const int x = blob.feed(blob.tensor({4, 3}, DType::uint8), true);
    const int as_float = blob.tensor({1, 12, 1});
    const int sum = blob.tensor({1, 1});
    const int total = blob.tensor({1}, DType::float32, store, 4);
    blob.op("map", {x}, {as_float},
            MapWriter{
                .operands = {{1, 12}}, .constants = {}, .steps = {}, .outputs = {0}, .registers = 1}
                .words());
    blob.op("reduce_sum", {as_float}, {sum});
    blob.op("map", {total, sum}, {total},
            MapWriter{.operands = {{1, 1}, {1, 1}},
                      .constants = {},
                      .steps = {{Vmath::add, 2, 0, 1}},
                      .outputs = {2},
                      .registers = 3}
                .words());
    blob.result(sum);
    blob.result(total);
    data.resize(30);
    std::iota(reinterpret_cast<uint8_t*>(data.data()), reinterpret_cast<uint8_t*>(data.data()) + 30,
              uint8_t{0});
  }

  Blob blob;
  Bytes data;  // [10, 3]: 0, 1, 2, ...
};

TEST_CASE("feeds come in blocks or by index, stores keep their values") {
  const Summing summing;
  const auto store = make_store(8);
  Arena arena;
  Executor executor(summing.blob.program(), {store}, arena);
  float sum = 0, total = 0;

  executor.prepare();
  executor.fill_feed(0, summing.data.data());
  executor.execute(0, 0);
  executor.copy_result(0, reinterpret_cast<std::byte*>(&sum));
  CHECK(sum == 66);

  const int32_t rows[] = {9, 0, 9, 1};
  executor.prepare();
  executor.fill_feed(0, summing.data.data(), rows);
  executor.execute(0, 1);
  executor.copy_result(0, reinterpret_cast<std::byte*>(&sum));
  executor.copy_result(1, reinterpret_cast<std::byte*>(&total));
  CHECK(sum == 84 + 3 + 84 + 12);
  CHECK(total == 66 + sum);
  CHECK(floats(store)[0] == 0);
  CHECK(floats(store)[1] == total);
}

TEST_CASE("a feed is read where it is, and from its own memory after a copy") {
  const Summing summing;
  const auto store = make_store(8);
  Arena arena;
  Executor executor(summing.blob.program(), {store}, arena);
  Bytes mine = summing.data;
  const auto sum = [&] {
    float value = 0;
    executor.execute(0, 0);
    executor.copy_result(0, reinterpret_cast<std::byte*>(&value));
    return value;
  };
  executor.prepare();
  executor.lend_feed(0, mine.data() + 3);
  CHECK(sum() == 66 + 36);
  mine[3] = std::byte{103};
  CHECK(sum() == 66 + 36 + 100);
  executor.fill_feed(0, mine.data());
  CHECK(sum() == 66 + 100);
  mine[3] = std::byte{3};
  CHECK(sum() == 66 + 100);
}

// Two steps over a feed of 8 floats in an arena that the second step's output reuses.
Blob reusing(bool shown) {
  Blob blob;
  const auto arena = [&](int64_t size, int64_t offset) {
    return blob.tensor({size}, DType::float32, 0, offset);
  };
  const int x = blob.feed(blob.tensor({8}));
  const int y = blob.tensor({8});
  const int first = arena(4, 0), rest = arena(4, 16), first_of_y = arena(4, 128);
  blob.op("copy", {x}, {y}).op("copy", {first_of_y}, {first}).op("copy", {first}, {first_of_y});
  blob.result(shown ? rest : first);
  return blob;
}

TEST_CASE("which operands see a feed") {
  const std::vector<FeedReader> readers = find_feed_readers(reusing(false).program(), 0);
  REQUIRE(readers.size() == 1);  // not the later one, which reads what was written over it
  CHECK(readers[0].operand == 0);
  CHECK(readers[0].offset == 0);
  // A result that shows what is left of the feed.
  CHECK(find_feed_readers(reusing(true).program(), 0).empty());
  // A store is nobody's to lend.
  Blob stored;
  const int store = stored.store(32);
  const int x = stored.feed(stored.tensor({8}, DType::float32, store, 0));
  const int y = stored.tensor({8});
  stored.op("copy", {x}, {y});
  stored.result(y);
  CHECK(find_feed_readers(stored.program(), 0).empty());
}

TEST_CASE("programs share an arena that grows, moves and is given back") {
  const Summing summing;
  const auto store = make_store(8);
  Arena arena;
  Executor executor(summing.blob.program(), {store}, arena);
  const auto run = [&] {
    executor.prepare();
    executor.fill_feed(0, summing.data.data());
    executor.execute(0, 0);
  };
  run();
  {
    Blob large;
    const int x = large.feed(large.tensor({1 << 20}));
    large.op("copy", {x}, {large.tensor({1 << 20})});
    Executor other(large.program(), {}, arena);
    const std::vector<std::byte> data(4 << 20);
    other.prepare();
    other.fill_feed(0, data.data());
    other.execute(0, 0);
    run();
    arena.trim();
    other.prepare();
    CHECK(other.tensors() != nullptr);
  }
  arena.trim();
  run();
  CHECK(floats(store)[1] == 3 * 66);
}

TEST_CASE("the prologue runs again when a store has changed, and only then") {
  Blob blob;
  const int weights = blob.store(4);
  const int kept = blob.store(4);
  const int weight = blob.tensor({1}, DType::float32, weights, 0);
  const int copy = blob.tensor({1}, DType::float32, kept, 0);
  blob.op("copy", {weight}, {copy});
  blob.result(copy);
  blob.prologue(1);
  const StorePtr store = make_store(4);
  Arena arena;
  Executor executor(blob.program(), {store, make_store(4)}, arena);
  const auto run = [&] {
    float result = -1;
    executor.prepare();
    executor.execute(0, 0);
    executor.copy_result(0, reinterpret_cast<std::byte*>(&result));
    return result;
  };
  const auto set = [&](float value) { std::memcpy(store->memory.data(), &value, 4); };
  set(5);
  CHECK(run() == 5);
  set(6);
  CHECK(run() == 5);
  ++store->version;
  CHECK(run() == 6);
}

TEST_CASE("stores must be distinct and large enough") {
  const Program program = Summing().blob.program();
  Arena arena;
  CHECK_THROWS_AS(Executor(program, {}, arena), ProgramError);
  CHECK_THROWS_AS(Executor(program, {make_store(7)}, arena), ProgramError);
  Blob two;
  two.store(4);
  two.store(4);
  const auto store = make_store(4);
  CHECK_THROWS_AS(Executor(two.program(), {store, store}, arena), ProgramError);
  CHECK_NOTHROW(Executor(two.program(), {store, make_store(4)}, arena));
}

TEST_CASE("the guard finds writes between tensors and beyond the workspace") {
  Arena arena;
  Executor executor(Summing().blob.program(), {make_store(8)}, arena);
  const Guard guard(executor);
  executor.prepare();
  for (std::byte* byte : {executor.tensors() - 1, executor.tensors() + 12, executor.end()}) {
    guard.fill();
    CHECK_NOTHROW(guard.check());
    *byte = std::byte{0};
    CHECK_THROWS_AS(guard.check(), std::runtime_error);
  }
}

TEST_CASE("a trace counts instructions") {
  const Summing summing;
  Arena arena;
  Executor executor(summing.blob.program(), {make_store(8)}, arena);
  executor.trace().enable(true);
  for (int step = 0; step < 3; ++step) {
    executor.prepare();
    executor.execute(0, step);
  }
  executor.trace().enable(false);
  executor.execute(0, 3);
  for (const TraceRow& row : executor.trace().rows()) CHECK(row.count == 3);
}

}  // namespace
}  // namespace luge
