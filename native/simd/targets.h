// Which instruction set runs.
#pragma once

#include <string>
#include <vector>

namespace luge {

// Name of the chosen target, such as "AVX2".
const char* simd_target();

// Targets that this processor can run, best first.
std::vector<std::string> simd_targets();

// Runs only `name` from now on ("" for the best again); false if it is not one of simd_targets().
// For tests and measurements; not while kernels run.
bool set_simd_target(const std::string& name);

}  // namespace luge
