// Laying out a broadcast operand of a map as a block of lanes.
#pragma once

#include "kernels/map.h"

namespace luge {

// The number of elements after which an operand repeats itself.
int64_t period_of(const MapOperand& operand);

// Whether elements [begin, end) lie one after another in memory: from data[begin % mod] on.
bool covers(const MapOperand& operand, int64_t begin, int64_t end);

// out[i] = element begin + i of the operand, as lanes.
void fill(float* out, const MapOperand& operand, int64_t begin, int64_t n);

// The same, faster where n is many periods.
void fill_periodic(float* out, const MapOperand& operand, int64_t begin, int64_t n);

}  // namespace luge
