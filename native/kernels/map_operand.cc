#include "kernels/map_operand.h"

#include <algorithm>
#include <cstring>

namespace luge {
namespace {

void copy_lanes(float* out, const MapOperand& operand, int64_t at, int64_t n) {
  if (operand.dtype == DType::uint8) {
    u8_to_f32(out, static_cast<const uint8_t*>(operand.data) + at, n);
  } else {
    std::memcpy(out, static_cast<const float*>(operand.data) + at, n * sizeof(float));
  }
}

float lane(const MapOperand& operand, int64_t at) {
  if (operand.dtype == DType::uint8) return static_cast<const uint8_t*>(operand.data)[at];
  float value;
  std::memcpy(&value, static_cast<const float*>(operand.data) + at, sizeof(value));
  return value;
}

}  // namespace

int64_t period_of(const MapOperand& operand) {
  return operand.mod == 1 ? 1 : operand.div * operand.mod;
}

bool covers(const MapOperand& operand, int64_t begin, int64_t end) {
  return operand.div == 1 && begin % operand.mod + (end - begin) <= operand.mod;
}

void fill(float* out, const MapOperand& operand, int64_t begin, int64_t n) {
  int64_t at = begin / operand.div % operand.mod;
  int64_t skip = begin % operand.div;
  for (int64_t i = 0; i < n;) {
    int64_t run;
    if (operand.div == 1) {
      run = std::min(n - i, operand.mod - at);
      copy_lanes(out + i, operand, at, run);
      at = 0;
    } else {
      run = std::min(n - i, operand.div - skip);
      std::fill_n(out + i, run, lane(operand, at));
      skip = 0;
      if (++at == operand.mod) at = 0;
    }
    i += run;
  }
}

void fill_periodic(float* out, const MapOperand& operand, int64_t begin, int64_t n) {
  int64_t filled = std::min(n, period_of(operand));
  fill(out, operand, begin, filled);
  while (filled < n) {
    const int64_t more = std::min(filled, n - filled);
    std::memcpy(out + filled, out, more * sizeof(float));
    filled += more;
  }
}

}  // namespace luge
