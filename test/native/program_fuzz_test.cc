// Damaged programs are refused, or run without leaving their memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "program_runner.h"

namespace luge {
namespace {

using Words = std::vector<uint32_t>;

MapWriter bias_map(int64_t size, int64_t channels) {
  return {.operands = {{1, size}, {1, channels}},
          .constants = {0.5f},
          .steps = {{Vmath::add, 3, 0, 1}, {Vmath::mul_add, 4, 3, 2, 1}, {Vmath::relu, 5, 4}},
          .outputs = {5},
          .registers = 6};
}

Blob::Words join(Blob::Words first, const Blob::Words& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// All operations that have to do with images.
Words image_program() {
  Blob b;
  const int store = b.store(4096);
  const int x = b.feed(b.tensor({2, 6, 5, 4}), true);
  const int weight = b.tensor({3, 3, 2, 6}, DType::float32, store, 0);
  const int bias = b.tensor({6}, DType::float32, store, 512);
  const int y = b.tensor({2, 6, 5, 6});
  const int pooled = b.tensor({2, 3, 3, 6}), index = b.tensor({2, 3, 3, 6}, DType::uint8);
  const int smaller = b.tensor({2, 3, 3, 6}), smallest = b.tensor({2, 3, 3, 6});
  const int dy = b.tensor({2, 6, 5, 6}), dx = b.tensor({2, 6, 5, 4});
  const int wide_weight = b.tensor({5, 5, 4, 6});
  const int dense_weight = b.tensor({3, 3, 4, 6}), transformed = b.tensor({1, 36, 4, 16});
  const int grouped = b.tensor({2, 36, 2, 16});
  const int few = b.tensor({2, 3, 2, 6}), few_index = b.tensor({2, 3, 2, 6}, DType::uint8);
  const Blob::Words conv = {1, 1, 1, 1, 1, 1, 2};
  const Blob::Words pool = {2, 2, 2, 2, 0, 1};
  b.op("conv2d", {x, weight, bias}, {y}, join(conv, bias_map(360, 6).words()));
  b.op("max_pool2d", {y}, {pooled, index}, pool);
  b.op("max_pool2d", {y}, {pooled}, pool);
  b.op("conv2d_max_pool2d", {x, dense_weight, bias}, {few, few_index},
       join({1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 1, 0}, bias_map(72, 6).words()));
  b.op("conv2d_max_pool2d", {x, dense_weight}, {few}, {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0});
  b.op("conv2d_max_pool2d", {x, wide_weight}, {few}, {1, 1, 2, 2, 1, 1, 1, 2, 2, 2, 2, 0, 1});
  b.op("conv2d_max_pool2d_dx", {few, few_index, dense_weight}, {dx},
       {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2});
  b.op("conv2d_max_pool2d_dweight", {x, few, few_index}, {dense_weight},
       {1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2});
  b.op("average_pool2d", {y}, {smaller}, pool);
  b.op("l2_pool2d", {y}, {smallest}, pool);
  b.op("max_pool2d_dx", {pooled, index}, {dy}, pool);
  b.op("average_pool2d_dx", {smaller}, {dy}, pool);
  b.op("l2_pool2d_dx", {y, smallest, pooled}, {dy}, pool);
  b.op("conv2d_dx", {dy, weight}, {dx}, conv);
  b.op("conv2d_dweight", {x, dy}, {weight}, conv);
  b.op("winograd_dweight", {x, dy}, {dense_weight}, {2, 1, 1, 1});
  b.op("winograd_dweight", {x, dy}, {weight}, {4, 1, 1, 2});
  b.op("winograd_weight", {dense_weight}, {transformed}, {4, 0, 1, 1});
  b.op("winograd_conv2d", {x, transformed, bias}, {y}, join({4, 1, 1}, bias_map(360, 6).words()));
  b.op("winograd_weight", {weight}, {grouped}, {4, 0, 2, 1});
  b.op("winograd_conv2d", {x, grouped, bias}, {y}, join({4, 1, 1}, bias_map(360, 6).words()));
  b.result(weight);
  return b.words();
}

// All operations that have to do with matrices and rows.
Words row_program() {
  Blob b;
  const int store = b.store(1024);
  const int x = b.feed(b.tensor({2, 4, 5}));
  const int labels = b.feed(b.tensor({8}, DType::int32), true);
  const int weight = b.tensor({1, 7, 5}, DType::float32, store, 64);
  const int bias = b.tensor({7}, DType::float32, store, 512);
  const int logits = b.tensor({2, 4, 7});
  const int all = b.tensor({1, 8, 5}), packed = b.tensor({5, 16}), all_logits = b.tensor({1, 8, 7});
  const int rows = b.tensor({8, 7}), y = b.tensor({8, 7}), dy = b.tensor({8, 7});
  const int loss = b.tensor({8}), sum = b.tensor({1, 7}), best = b.tensor({8, 1}, DType::int32);
  const int rows3 = b.tensor({8, 7, 1}), all3 = b.tensor({1, 8, 7}), picked = b.tensor({1, 8, 7});
  b.op("matmul", {x, weight, bias}, {logits}, join({0, 1}, bias_map(56, 7).words()));
  b.op("pack_matrix", {weight}, {packed}, {1});
  b.op("packed_matmul", {all, packed, bias}, {all_logits}, bias_map(56, 7).words());
  b.op("copy", {logits}, {rows});
  b.op("copy", {rows}, {rows3}).op("copy", {rows}, {all3});
  b.op("softmax", {rows}, {y}).op("softmax_dx", {rows, y}, {dy});
  b.op("log_softmax", {rows}, {y}).op("log_softmax_dx", {rows, y}, {dy});
  b.op("softmax_cross_entropy", {rows, labels}, {loss});
  b.op("softmax_cross_entropy_dlogits", {rows, labels, loss}, {dy});
  b.op("reduce_sum", {all3}, {sum}).op("reduce_max", {all3}, {sum});
  b.op("argmax", {rows3}, {best}).op("argmin", {rows3}, {best});
  b.op("gather", {all3, labels}, {picked}).op("gather_dx", {picked, labels}, {all3});
  b.op("one_hot", {labels}, {y});
  b.op("random_normal", {}, {y}, {1, bits(0), bits(1)});
  b.op("dropout", {y}, {dy}, {2, bits(0.5f)});
  b.op("map", {weight}, {weight},
       MapWriter{.operands = {{1, 35}},
                 .constants = {0.9f},
                 .steps = {{Vmath::mul, 2, 0, 1}},
                 .outputs = {2},
                 .registers = 3}
           .words());
  const int factor = b.feed(b.tensor({1, 8, 5}));
  b.op("matmul_map", {all3, factor, weight}, {weight},
       join({1, 0}, MapWriter{.operands = {{1, 35}, {1, 35}},
                              .constants = {},
                              .steps = {{Vmath::sub, 2, 1, 0}},
                              .outputs = {2},
                              .registers = 3}
                        .words()));
  const int sums = b.tensor({5});
  b.op("map", {weight}, {sums},
       MapWriter{.operands = {{1, 35}},
                 .constants = {},
                 .steps = {{Vmath::square, 1, 0}},
                 .outputs = {1},
                 .registers = 2,
                 .sums = 1}
           .words());
  b.result(loss);
  return b.words();
}

// All operations that move elements.
Words movement_program() {
  Blob b;
  const int x = b.feed(b.tensor({3, 4, 5}));
  const int turned = b.tensor({5, 3, 4}), padded = b.tensor({7, 6, 5}), piece = b.tensor({2, 2, 3});
  const int joined = b.tensor({3, 8, 5}), row = b.feed(b.tensor({4, 1}, DType::uint8));
  const int repeated = b.tensor({3, 4, 5}, DType::uint8);
  b.op("transpose", {x}, {turned}, {2, 0, 1});
  b.op("pad", {turned}, {padded}, {bits(3), 1, 2, 0});
  b.op("slice", {padded}, {piece}, {6, 0, 1, -3, 2, 1});
  b.op("slice_dx", {piece}, {x}, {2, 0, 1, -1, 2, 1});
  b.op("concat", {x, x}, {joined}, {1});
  b.op("broadcast", {row}, {repeated});
  b.result(joined);
  return b.words();
}

// All operations over sequences.
Words recurrent_program() {
  Blob b;
  const int store = b.store(2048);
  const int xz = b.feed(b.tensor({3, 4, 20})), h = b.tensor({3, 5}), c = b.tensor({3, 5});
  const int kernel = b.tensor({5, 20}, DType::float32, store, 64);
  const int hidden = b.tensor({3, 4, 5}), before = b.tensor({3, 4, 5}), cells = b.tensor({3, 4, 5});
  const int last = b.tensor({3, 5}), last_cell = b.tensor({3, 5}), gates = b.tensor({3, 4, 20});
  b.op("lstm", {xz, kernel}, {hidden, last, last_cell}, {});
  b.op("lstm", {xz, kernel, h, c}, {hidden, last, last_cell, before, cells, gates}, {});
  b.op("lstm_dx", {kernel, cells, gates, hidden, c, last_cell}, {xz, last, h}, {});
  const int xz3 = b.tensor({3, 4, 15}), gates3 = b.tensor({3, 4, 15}), dz = b.tensor({3, 4, 15});
  const int kernel3 = b.tensor({5, 15}, DType::float32, store, 512);
  const int bias = b.tensor({15}, DType::float32, store, 1024);
  b.op("gru", {xz3, kernel3, bias, h}, {hidden, last, before, gates3, cells}, {1});
  b.op("gru_dx", {kernel3, before, gates3, cells, hidden}, {xz3, dz, last}, {1});
  b.op("gru", {xz3, kernel3}, {hidden, last, before, gates3, cells}, {0});
  b.op("gru_dx", {kernel3, before, gates3, cells, hidden}, {xz3}, {0});
  b.result(last);
  return b.words();
}

uint32_t some_word(std::mt19937& random) {
  constexpr uint32_t kEdges[] = {0, 1, 2, 3, 4, 255, 256, 1u << 20, 0x7FFFFFFF, 0x80000000, ~0u};
  switch (random() % 4) {
    case 0: return kEdges[random() % std::size(kEdges)];
    case 1: return static_cast<uint32_t>(random());
    default: return static_cast<uint32_t>(random() % 40);
  }
}

// Whether the damaged program was accepted.
bool try_program(const Words& words) {
  constexpr int64_t kMost = int64_t{1} << 22;  // bytes: larger ones only take time
  Arena arena;
  try {
    const Program program = decode_program(words);
    if (program.arena_bytes > kMost) return false;
    std::vector<StorePtr> stores;
    for (const int64_t bytes : program.store_bytes) {
      if (bytes > kMost) return false;
      stores.push_back(std::make_shared<Store>(bytes));
    }
    Executor executor(program, stores, arena);
    if (executor.workspace_bytes(thread_count()) > kMost) return true;
    const Guard guard(executor);
    executor.prepare();
    guard.fill();
    const Bytes noise(kMost, std::byte{0x3F});
    for (size_t i = 0; i < program.feeds.size(); ++i) executor.fill_feed(i, noise.data());
    executor.execute(1, 2);
    guard.check();
    Bytes out(kMost);
    for (size_t i = 0; i < program.results.size(); ++i) executor.copy_result(i, out.data());
    return true;
  } catch (const ProgramError&) {
    return false;
  }
}

TEST_CASE("programs with damaged words never leave their memory") {
  constexpr int kRounds = 4000;
  const Words originals[] = {image_program(), row_program(), movement_program(),
                             recurrent_program()};
  for (const Words& original : originals) {
    REQUIRE(try_program(original));
    std::mt19937 random(42);
    int accepted = 0;
    for (int round = 0; round < kRounds; ++round) {
      Words words = original;
      for (uint32_t changes = 1 + random() % 3; changes > 0; --changes) {
        const size_t at = random() % words.size();
        if (at != kChecksumWord) words[at] = some_word(random);
      }
      Blob::sign(words);
      accepted += try_program(words);
    }
    CAPTURE(accepted);
    CHECK(accepted > kRounds / 100);  // many changes are harmless
    CHECK(accepted < kRounds / 2);    // most are not
  }
}

}  // namespace
}  // namespace luge
