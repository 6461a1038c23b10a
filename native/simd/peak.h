// What the vector units can do at most, for comparison with what kernels reach.
#pragma once

#include <cstdint>

namespace luge {

// Runs multiply-adds that depend on nothing but registers, `rounds` times a few dozen of them.
// Returns how many multiplications and additions of numbers that were.
int64_t run_multiply_adds(int64_t rounds);

}  // namespace luge
