// Element-wise functions over contiguous blocks of 32-bit lanes, named by number (vmath_list.inc).
//
// An element's result depends on its operands alone: not on alignment, its place in the block, nor
// the block's length. Largest errors (tested): sqrt, rsqrt, arithmetic, floor, ceil, round as IEEE
// (rsqrt 1.5 ULP); exp, log, pow 1.5 ULP; sigmoid, log1p, expm1, tanh, softplus, erf 4 ULP; sin and
// cos 4 ULP, or 1e-7 where that is more. NaN gives NaN, infinities give the limit.
// Subnormals are kept unless the thread flushes them.
#pragma once

#include <cstdint>

namespace luge {

enum class Vmath : uint16_t {
#define LUGE_VMATH(name, arity, type) name,
#include "simd/vmath_list.inc"
#undef LUGE_VMATH
};

enum class VmathType : uint8_t { f32, i32, i32_f32, f32_i32, any };

struct VmathInfo {
  const char* name;
  int arity;
  VmathType type;
};

inline constexpr VmathInfo kVmath[] = {
#define LUGE_VMATH(name, arity, type) {#name, arity, VmathType::type},
#include "simd/vmath_list.inc"
#undef LUGE_VMATH
};
inline constexpr int kVmathCount = sizeof(kVmath) / sizeof(kVmath[0]);

// out[i] = f(a[i], b[i], c[i]) for i in [0, n). Operands beyond the arity are not read. `out` may
// be one of the operands. int32 lanes travel bit for bit in float registers.
using VmathFunction = void (*)(float* out, const float* a, const float* b, const float* c,
                               int64_t n);

// The functions for this processor, indexed by Vmath.
const VmathFunction* vmath_table();

inline void vmath(Vmath function, float* out, const float* a, const float* b, const float* c,
                  int64_t n) {
  vmath_table()[static_cast<int>(function)](out, a, b, c, n);
}

// uint8 values as floats, and floats truncated and saturated to uint8 (NaN gives 0).
void u8_to_f32(float* out, const uint8_t* x, int64_t n);
void f32_to_u8(uint8_t* out, const float* x, int64_t n);

}  // namespace luge
