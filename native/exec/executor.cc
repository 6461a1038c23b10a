#include "exec/executor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "base/parallel.h"
#include "kernels/gather.h"
#include "ops/op_table.h"
#include "program/validate.h"

namespace luge {
namespace {

constexpr int64_t kCacheLine = 64;
constexpr int64_t kCopyPiece = int64_t{1} << 18;  // bytes: below, a second thread is not worth it

size_t whole_lines(int64_t bytes) {
  return static_cast<size_t>((bytes + kCacheLine - 1) / kCacheLine * kCacheLine);
}

Program validated(Program program) {
  validate_program(program);
  return program;
}

void check_stores(const Program& program, const std::vector<StorePtr>& stores) {
  if (stores.size() != program.store_bytes.size()) {
    throw ProgramError("the program works on " + std::to_string(program.store_bytes.size()) +
                       " stores, but " + std::to_string(stores.size()) + " were given");
  }
  for (size_t i = 0; i < stores.size(); ++i) {
    if (static_cast<int64_t>(stores[i]->memory.size()) < program.store_bytes[i]) {
      throw ProgramError("store " + std::to_string(i) + " has " +
                         std::to_string(stores[i]->memory.size()) +
                         " bytes, but the program needs " + std::to_string(program.store_bytes[i]));
    }
    if (std::count(stores.begin(), stores.end(), stores[i]) > 1) {
      throw ProgramError("store " + std::to_string(i) + " was given more than once");
    }
  }
}

}  // namespace

Executor::Executor(Program program, std::vector<StorePtr> stores, Arena& arena)
    : program_(validated(std::move(program))),
      stores_(std::move(stores)),
      arena_(arena),
      trace_(program_.instructions.size()) {
  check_stores(program_, stores_);
  for (const Instruction& instruction : program_.instructions) {
    for (const auto* ids : {&instruction.inputs, &instruction.outputs}) {
      for (const int64_t id : *ids) {
        operand_tensors_.push_back(id);
        operands_.push_back(program_.tensors[id].view);
      }
    }
  }
  const TensorView* next = operands_.data();
  for (const Instruction& instruction : program_.instructions) {
    const std::span inputs(next, instruction.inputs.size());
    const std::span outputs(next + inputs.size(), instruction.outputs.size());
    next += inputs.size() + outputs.size();
    calls_.push_back({inputs, outputs, instruction.attrs});
    ops_.push_back(op_table()[instruction.opcode].op);
  }
  for (size_t feed = 0; feed < program_.feeds.size(); ++feed) {
    feed_readers_.push_back(find_feed_readers(program_, feed));
  }
  tensors_size_ = whole_lines(program_.arena_bytes);
  for (size_t i = program_.prologue; i < program_.instructions.size(); ++i) {
    for (const int64_t id : program_.instructions[i].outputs) {
      if (const int64_t storage = program_.tensors[id].storage) {
        written_.push_back(stores_[storage - 1].get());
      }
    }
  }
}

Executor::~Executor() { arena_.forget(this); }

const TensorSpec& Executor::feed_tensor(size_t feed) const {
  return program_.tensors[program_.feeds[feed].tensor];
}

const TensorSpec& Executor::result_tensor(size_t result) const {
  return program_.tensors[program_.results[result]];
}

int64_t Executor::workspace_bytes(int threads) const {
  int64_t size = 0;
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (ops_[i]->workspace) size = std::max(size, ops_[i]->workspace(calls_[i], threads));
  }
  return size * static_cast<int64_t>(sizeof(float));
}

std::byte* Executor::address(const TensorSpec& tensor) const {
  std::byte* base = tensor.storage == 0 ? tensors_ : stores_[tensor.storage - 1]->memory.data();
  return base + tensor.offset;
}

void Executor::prepare() {
  if (threads_ != thread_count()) {
    threads_ = thread_count();
    workspace_size_ = whole_lines(workspace_bytes(threads_));
  }
  const size_t total = tensors_size_ + workspace_size_ + 3 * kMargin;
  arena_.set_need(this, total);
  std::byte* tensors = arena_.reserve(total) + kMargin;
  workspace_ = tensors + tensors_size_ + kMargin;
  end_ = workspace_ + workspace_size_;
  if (tensors == tensors_) return;
  tensors_ = tensors;
  for (size_t i = 0; i < operands_.size(); ++i) {
    operands_[i].data = address(program_.tensors[operand_tensors_[i]]);
  }
}

void Executor::point_readers(size_t feed, const std::byte* data) {
  for (const FeedReader& reader : feed_readers_[feed]) {
    // Inputs, which nothing writes to.
    operands_[reader.operand].data = const_cast<std::byte*>(data) + reader.offset;
  }
}

void Executor::lend_feed(size_t feed, const std::byte* data) {
  feed_readers_[feed].empty() ? fill_feed(feed, data) : point_readers(feed, data);
}

void Executor::fill_feed(size_t feed, const std::byte* data) {
  const TensorSpec& tensor = feed_tensor(feed);
  std::byte* to = address(tensor);
  point_readers(feed, to);
  parallel_pieces(tensor.bytes(), kCopyPiece, [&](int64_t begin, int64_t end, int) {
    std::memcpy(to + begin, data + begin, end - begin);
  });
}

void Executor::fill_feed(size_t feed, const std::byte* data, const int32_t* rows) {
  const TensorSpec& tensor = feed_tensor(feed);
  point_readers(feed, address(tensor));
  const int64_t count = tensor.view.dims[0];
  constexpr int64_t kAnyRow = std::numeric_limits<int32_t>::max();  // they have been checked
  gather(data, rows, address(tensor), {1, kAnyRow, tensor.bytes() / count, count}, 1);
}

void Executor::execute(uint64_t seed, uint64_t step) {
  const OpContext context{reinterpret_cast<float*>(workspace_), seed, step};
  for (size_t i = must_run_prologue() ? 0 : program_.prologue; i < calls_.size(); ++i) {
    if (trace_.enabled()) {
      trace_.measure(i, [&] { ops_[i]->run(calls_[i], context); });
    } else {
      ops_[i]->run(calls_[i], context);
    }
  }
  for (Store* store : written_) ++store->version;
}

bool Executor::must_run_prologue() {
  if (program_.prologue == 0) return false;
  bool changed = prologue_saw_.empty();
  prologue_saw_.resize(stores_.size());
  for (size_t i = 0; i < stores_.size(); ++i) {
    changed |= std::exchange(prologue_saw_[i], stores_[i]->version) != stores_[i]->version;
  }
  return changed;
}

void Executor::copy_result(size_t result, std::byte* out) const {
  const TensorSpec& tensor = result_tensor(result);
  std::memcpy(out, address(tensor), tensor.bytes());
}

}  // namespace luge
