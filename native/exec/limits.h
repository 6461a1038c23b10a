// What this machine can do at most, measured on thread_count() threads: for benchmarks.
#pragma once

#include <chrono>

namespace luge {

struct MachineLimits {
  double fma_gflops;   // multiply-adds in registers
  double blas_gflops;  // the best square sgemm of BLAS, one on each thread
};

// Takes about so long for each of the two. The best of many short measurements, since everything
// that comes in between only ever slows them.
MachineLimits measure_limits(std::chrono::nanoseconds time);

}  // namespace luge
