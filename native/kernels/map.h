// The vector machine: any chain of element-wise functions in one pass over memory.
//
// A program is a list of instructions over registers, each a block of up to 1024 lanes that stays
// in the first-level cache. Registers are numbered: operands, then constants, then temporaries.
#pragma once

#include <cstdint>
#include <span>

#include "base/dtype.h"
#include "kernels/map_sums.h"
#include "simd/vmath.h"

namespace luge {

inline constexpr int kMaxMapRegisters = 256;

// Element i of the result reads data[(i / div) % mod]. A full tensor has div 1 and mod = size, a
// row repeated along leading dimensions div 1 and mod = its length, a column div = the inner size,
// a scalar mod 1. uint8 is read as float; int32 stays int32 (see the i32 functions).
struct MapOperand {
  const void* data;
  DType dtype;
  int64_t div;
  int64_t mod;
};

// Result i goes to data[i]; uint8 is truncated and saturated from float. May lie exactly on a full
// operand with elements of the same size, never otherwise overlap an operand or another output.
struct MapOutput {
  void* data;
  DType dtype;
};

// register[dst] = function(register[a], register[b], register[c]), as many as its arity.
struct MapInstruction {
  Vmath function;
  uint16_t dst;
  uint16_t a;
  uint16_t b;
  uint16_t c;
};

struct MapProgram {
  std::span<const MapInstruction> instructions;
  std::span<const float> constants;   // int32 constants as their bits
  std::span<const uint16_t> outputs;  // the register of each MapOutput
  int operands;
  int registers;  // operands + constants + temporaries, at most kMaxMapRegisters
  std::span<const uint16_t> sums = {};  // the registers of which sums over rows are taken
};

// Null when every register is in range, only temporaries are written and none is read before;
// otherwise what is wrong.
const char* check_map(const MapProgram& program);

// Floats of 64-byte aligned workspace that `threads` threads need.
int64_t map_workspace(const MapProgram& program, int threads);

// Elements [begin, end), on this thread; also the epilogue of a product, whose finished rows are
// operand and output at once. `workspace` as for one thread. `sums` where the program has any.
void run_map(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
             int64_t begin, int64_t end, float* workspace, RangeSums* sums = nullptr);

// All elements, in parallel.
void map(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
         int64_t size, float* workspace);

// The same for a program with sums, over rows of so many columns: sums[k][column].
int64_t map_with_sums_workspace(const MapProgram& program, int64_t size, int64_t columns,
                                int threads);
void map_with_sums(const MapProgram& program, const MapOperand* operands, const MapOutput* outputs,
                   int64_t size, float* const* sums, int64_t columns, float* workspace);

}  // namespace luge
