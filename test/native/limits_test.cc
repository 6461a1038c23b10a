#include "exec/limits.h"

#include <doctest/doctest.h>

#include "base/parallel.h"
#include "simd/peak.h"

namespace luge {
namespace {

TEST_CASE("multiply-adds are counted by rounds and lanes") {
  const int64_t one = run_multiply_adds(1);
  CHECK(one > 0);
  CHECK(one % 2 == 0);
  CHECK(run_multiply_adds(0) == 0);
  CHECK(run_multiply_adds(1000) == 1000 * one);
}

TEST_CASE("limits are measured on any number of threads") {
  const int before = thread_count();
  for (const int threads : {1, 2}) {
    CAPTURE(threads);
    set_thread_count(threads);
    const MachineLimits limits = measure_limits(std::chrono::milliseconds(3));
    // A slow machine does a tenth of one operation a nanosecond, a fast one ten thousand.
    CHECK(limits.fma_gflops > 0.1);
    CHECK(limits.fma_gflops < 1e5);
    CHECK(limits.blas_gflops > 0.1);
    CHECK(limits.blas_gflops < 1e5);
  }
  set_thread_count(before);
}

}  // namespace
}  // namespace luge
