#include "exec/limits.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "exec/step_thread.h"
#include "kernels/gemm.h"
#include "simd/peak.h"

namespace luge {
namespace {

using Clock = std::chrono::steady_clock;

// One step that does as it is told.
class Errand : public Job {
 public:
  explicit Errand(std::function<void()> body) : body_(std::move(body)) {}
  bool must_follow(const Job&) const override { return false; }

 protected:
  bool step() override {
    body_();
    return false;
  }

 private:
  const std::function<void()> body_;
};

// body(thread) returns how many operations it did; it runs on all threads again and again.
template <class Body>
double best_gflops(std::chrono::nanoseconds time, Body&& body) {
  const int threads = thread_count();
  std::vector<int64_t> operations(threads);
  double best = 0;
  const Clock::time_point end = Clock::now() + time;
  do {
    const Clock::time_point start = Clock::now();
    parallel_for(threads, [&](int64_t chunk, int) { operations[chunk] = body(chunk); });
    const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
    double sum = 0;
    for (const int64_t count : operations) sum += static_cast<double>(count);
    best = std::max(best, sum / taken.count());
  } while (Clock::now() < end);
  return best;
}

double measure_fma(std::chrono::nanoseconds time) {
  constexpr int64_t kRounds = 200000;  // some 0.3 ms
  return best_gflops(time, [](int64_t) { return run_multiply_adds(kRounds); });
}

double measure_blas(std::chrono::nanoseconds time) {
  double best = 0;
  constexpr int64_t kSizes[] = {256, 512, 1024};
  for (const int64_t n : kSizes) {
    const std::vector<float> a(n * n, 0.5f), b(n * n, 0.25f);
    std::vector<std::vector<float>> c(thread_count(), std::vector<float>(n * n));
    const double rate = best_gflops(time / std::size(kSizes), [&](int64_t thread) {
      blas_gemm(n, n, n, a.data(), b.data(), c[thread].data());
      return 2 * n * n * n;
    });
    best = std::max(best, rate);
  }
  return best;
}

}  // namespace

MachineLimits measure_limits(std::chrono::nanoseconds time) {
  MachineLimits limits{};
  const auto errand = std::make_shared<Errand>([&] {
    limits.fma_gflops = measure_fma(time);
    limits.blas_gflops = measure_blas(time);
  });
  StepThread::instance().run_and_wait(errand);
  if (errand->error()) std::rethrow_exception(errand->error());
  return limits;
}

}  // namespace luge
