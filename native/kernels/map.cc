#include "kernels/map.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cassert>
#include <cstring>
#include <numeric>

#include "base/parallel.h"
#include "kernels/map_ahead.h"
#include "kernels/map_operand.h"
#include "kernels/matmul_tiling.h"

namespace luge {
namespace {

constexpr int64_t kMostLanes = 1024;
constexpr int64_t kFewestLanes = 256;
constexpr int64_t kCacheLanes = 6144;  // 24 KiB of registers leave room for the operands
constexpr int64_t kVectorLanes = 16;   // of the widest vector: keeps registers aligned

int64_t block_length(const MapProgram& program) {
  const int64_t lanes = kCacheLanes / std::max(program.registers, 1) / kVectorLanes * kVectorLanes;
  return std::clamp(lanes, kFewestLanes, kMostLanes);
}

// One vector more than a block, as registers a page apart would compete for the same cache lines.
int64_t register_stride(const MapProgram& program) { return block_length(program) + kVectorLanes; }

int first_temporary(const MapProgram& program) {
  return program.operands + static_cast<int>(program.constants.size());
}

// How one range of elements is run: where every register lives, and what fills the operands.
class Run {
 public:
  Run(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
      int64_t begin, int64_t end, float* workspace, RangeSums* sums)
      : program_(program),
        operands_(operands),
        outputs_(outputs),
        begin_(begin),
        end_(end),
        sums_(sums) {
    assert(check_map(program) == nullptr);
    lanes_ = std::min(block_length(program), end - begin);
    for (int r = 0; r < program.registers; ++r) {
      registers_[r] = workspace + r * register_stride(program);
    }
    align_to_periods();
    place_operands();
    place_outputs();
    const int constants = static_cast<int>(program.constants.size());
    for (int i = 0; i < constants; ++i) {
      std::fill_n(registers_[program.operands + i], lanes_, program.constants[i]);
    }
  }

  void run() {
    const VmathFunction* table = vmath_table();
    for (int64_t begin = begin_; begin < end_; begin += lanes_) {
      const int64_t n = std::min(lanes_, end_ - begin);
      load(begin, n);
      ahead_.start(begin + n - begin_, std::min(lanes_, end_ - begin - n),
                   static_cast<int64_t>(program_.instructions.size()));
      for (const MapInstruction& i : program_.instructions) {
        ahead_.fetch_share();
        table[static_cast<int>(i.function)](registers_[i.dst], registers_[i.a], registers_[i.b],
                                            registers_[i.c], n);
      }
      // Before outputs are stored, which may lie on an operand that is summed.
      for (size_t k = 0; k < program_.sums.size(); ++k) {
        sums_->add(static_cast<int>(k), registers_[program_.sums[k]], n);
      }
      store(begin, n);
    }
    if (sums_) sums_->finish();
  }

 private:
  enum class Feed : uint8_t { in_place, once, each_block };

  // Blocks become a multiple of the operands' periods, so that rows need laying out only once.
  void align_to_periods() {
    if (lanes_ == end_ - begin_) return;
    int64_t common = kVectorLanes;
    for (int pass = 0; pass < 2; ++pass) {  // without alignment to vectors if that is too much
      for (int o = 0; o < program_.operands; ++o) {
        const int64_t period = period_of(operands_[o]);
        if (period <= lanes_ && std::lcm(common, period) <= lanes_) {
          common = std::lcm(common, period);
        }
      }
      if (common > kVectorLanes) break;
      common = 1;
    }
    lanes_ = std::max(common, lanes_ / common * common);
  }

  bool overlaps_output(const MapOperand& operand) const {
    for (size_t k = 0; k < program_.outputs.size(); ++k) {
      if (operand.data == outputs_[k].data) return true;
    }
    return false;
  }

  void place_operands() {
    for (int o = 0; o < program_.operands; ++o) {
      const MapOperand& operand = operands_[o];
      const bool copied_out = std::count(program_.outputs.begin(), program_.outputs.end(), o) > 0;
      if (covers(operand, begin_, end_) && operand.dtype != DType::uint8 &&
          !(copied_out && overlaps_output(operand))) {
        feeds_[o] = Feed::in_place;
        starts_[o] = begin_ % operand.mod;
        if (MapAhead::is_far(operand.mod)) {
          ahead_.add(static_cast<const float*>(operand.data) + starts_[o]);
        }
      } else if (lanes_ == end_ - begin_ || lanes_ % period_of(operand) == 0) {
        feeds_[o] = Feed::once;
        fill_periodic(registers_[o], operand, begin_, lanes_);
      } else {
        feeds_[o] = Feed::each_block;
      }
    }
  }

  // The first instruction that writes a register.
  int first_write(int r) const {
    int i = 0;
    while (program_.instructions[i].dst != r) ++i;
    return i;
  }

  // The last instruction that reads a register, or one past all for sums; -1 if none does.
  int last_read(int r) const {
    if (std::count(program_.sums.begin(), program_.sums.end(), r) > 0) {
      return static_cast<int>(program_.instructions.size());
    }
    int last = -1;
    for (size_t i = 0; i < program_.instructions.size(); ++i) {
      const MapInstruction& x = program_.instructions[i];
      const int arity = kVmath[static_cast<int>(x.function)].arity;
      if (x.a == r || (arity > 1 && x.b == r) || (arity > 2 && x.c == r)) {
        last = static_cast<int>(i);
      }
    }
    return last;
  }

  // A temporary that is an output lives in the output's own memory, unless that memory is an
  // operand still to be read.
  bool can_compute_in(const MapOutput& output, int r) const {
    if (output.dtype == DType::uint8 || r < first_temporary(program_) || direct_[r]) return false;
    for (int o = 0; o < program_.operands; ++o) {
      if (feeds_[o] == Feed::in_place && operands_[o].data == output.data &&
          last_read(o) > first_write(r)) {
        return false;
      }
    }
    return true;
  }

  void place_outputs() {
    for (size_t k = 0; k < program_.outputs.size(); ++k) {
      const int r = program_.outputs[k];
      computed_in_[k] = can_compute_in(outputs_[k], r);
      if (computed_in_[k]) direct_[r] = true;
    }
  }

  void load(int64_t begin, int64_t n) {
    for (int o = 0; o < program_.operands; ++o) {
      if (feeds_[o] == Feed::in_place) {
        registers_[o] = const_cast<float*>(static_cast<const float*>(operands_[o].data)) +
                        starts_[o] + (begin - begin_);
      } else if (feeds_[o] == Feed::each_block) {
        fill(registers_[o], operands_[o], begin, n);
      }
    }
    for (size_t k = 0; k < program_.outputs.size(); ++k) {
      if (computed_in_[k]) {
        registers_[program_.outputs[k]] = static_cast<float*>(outputs_[k].data) + begin;
      }
    }
  }

  void store(int64_t begin, int64_t n) {
    for (size_t k = 0; k < program_.outputs.size(); ++k) {
      if (computed_in_[k]) continue;
      const float* from = registers_[program_.outputs[k]];
      if (outputs_[k].dtype == DType::uint8) {
        f32_to_u8(static_cast<uint8_t*>(outputs_[k].data) + begin, from, n);
      } else {
        std::memcpy(static_cast<float*>(outputs_[k].data) + begin, from, n * sizeof(float));
      }
    }
  }

  const MapProgram& program_;
  const MapOperand* operands_;
  const MapOutput* outputs_;
  int64_t begin_;
  int64_t end_;
  RangeSums* sums_;
  int64_t lanes_;
  std::array<float*, kMaxMapRegisters> registers_;
  std::array<Feed, kMaxMapRegisters> feeds_;
  std::array<int64_t, kMaxMapRegisters> starts_;  // of operands in place, for the first element
  MapAhead ahead_;
  std::bitset<kMaxMapRegisters> direct_;       // by register
  std::bitset<kMaxMapRegisters> computed_in_;  // by output
};

}  // namespace

const char* check_map(const MapProgram& program) {
  if (program.operands < 0 || program.registers < first_temporary(program) ||
      program.registers > kMaxMapRegisters || program.outputs.size() > kMaxMapRegisters) {
    return "a map has too many or too few registers";
  }
  std::bitset<kMaxMapRegisters> written;
  for (int r = 0; r < first_temporary(program); ++r) written.set(r);
  const auto readable = [&](int r) { return r < program.registers && written[r]; };
  for (const MapInstruction& i : program.instructions) {
    const int function = static_cast<int>(i.function);
    if (function >= kVmathCount) return "a map instruction has an unknown function";
    const int arity = kVmath[function].arity;
    if (!readable(i.a) || (arity > 1 && !readable(i.b)) || (arity > 2 && !readable(i.c))) {
      return "a map instruction reads a register that holds nothing";
    }
    if (i.dst < first_temporary(program) || i.dst >= program.registers) {
      return "a map instruction writes a register that is no temporary";
    }
    if ((arity < 2 && i.b >= program.registers) || (arity < 3 && i.c >= program.registers)) {
      return "a map instruction names a register that does not exist";
    }
    written.set(i.dst);
  }
  for (const auto registers : {program.outputs, program.sums}) {
    for (const uint16_t r : registers) {
      if (!readable(r)) return "a map output names a register that holds nothing";
    }
  }
  return nullptr;
}

int64_t map_workspace(const MapProgram& program, int threads) {
  return threads * program.registers * register_stride(program);
}

void run_map(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
             int64_t begin, int64_t end, float* workspace, RangeSums* sums) {
  if (begin < end) Run(program, operands, outputs, begin, end, workspace, sums).run();
}

void map(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
         int64_t size, float* workspace) {
  const int64_t work = static_cast<int64_t>(program.instructions.size()) + 1;
  const int64_t most = std::clamp<int64_t>(131072 / work, 4096, 32768);
  const int64_t per_thread = map_workspace(program, 1);
  parallel_pieces(size, most, [&](int64_t begin, int64_t end, int thread) {
    run_map(program, operands, outputs, begin, end, workspace + thread * per_thread);
  });
}

namespace {

// Rows that are summed together. The program plays no part, so that a sum has the same bits
// whatever has been put in front of it.
int64_t rows_per_range(int64_t rows, int64_t columns) {
  constexpr int64_t kElements = 32768;
  constexpr int64_t kMostRanges = 64;
  return std::max(kElements / columns, ceil_div(rows, kMostRanges));
}

SumsShape sums_shape(const MapProgram& program, int64_t columns) {
  return {.count = static_cast<int>(program.sums.size()), .columns = columns};
}

}  // namespace

int64_t map_with_sums_workspace(const MapProgram& program, int64_t size, int64_t columns,
                                int threads) {
  const int64_t rows = size / columns;
  const int64_t ranges = ceil_div(rows, rows_per_range(rows, columns));
  return round_up(map_workspace(program, threads), kVectorLanes) +
         MapSums::workspace(sums_shape(program, columns), ranges, threads);
}

void map_with_sums(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
                   int64_t size, float* const* sums, int64_t columns, float* workspace) {
  const int64_t per_range = rows_per_range(size / columns, columns) * columns;
  const int64_t ranges = ceil_div(size, per_range);
  const int threads = thread_count();
  const int64_t per_thread = map_workspace(program, 1);
  MapSums all(sums_shape(program, columns), ranges, threads,
              workspace + round_up(map_workspace(program, threads), kVectorLanes));
  parallel_for(ranges, [&](int64_t r, int thread) {
    RangeSums range = all.range(r * per_range, thread);
    run_map(program, operands, outputs, r * per_range, std::min(size, (r + 1) * per_range),
            workspace + thread * per_thread, &range);
  });
  all.write(sums);
}

}  // namespace luge
