#include "exec/step_thread.h"

#include <doctest/doctest.h>

#include <functional>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>

#include "base/parallel.h"
#include "exec/run.h"
#include "program_runner.h"

namespace luge {
namespace {

class TestJob : public Job {
 public:
  // Jobs on the same memory follow each other; 0: it shares none.
  TestJob(int steps, std::function<void(int)> body, int memory = 0)
      : steps_(steps), body_(std::move(body)), memory_(memory) {}

  int steps_done() const { return done_; }
  bool over() const { return over_; }
  bool must_follow(const Job& earlier) const override {
    const auto* other = dynamic_cast<const TestJob*>(&earlier);
    return memory_ != 0 && other && other->memory_ == memory_;
  }

 private:
  bool step() override {
    body_(done_);
    return ++done_ < steps_;
  }
  void on_over() noexcept override { over_ = true; }

  const int steps_;
  const std::function<void(int)> body_;
  const int memory_;
  std::atomic<int> done_ = 0;
  std::atomic<bool> over_ = false;
};

StepThread& thread() { return StepThread::instance(); }

// Holds the step thread until it is opened, so that jobs can queue up behind.
class Gate {
 public:
  Gate() : job_(std::make_shared<TestJob>(1, [this](int) { open_.wait(false); })) {
    thread().submit(job_);
  }
  void open() {
    open_ = true;
    open_.notify_all();
  }
  ~Gate() {
    open();
    wait_for(*job_);
  }

  static void wait_for(const TestJob& job) {
    while (!job.over()) std::this_thread::yield();
  }

 private:
  std::atomic<bool> open_ = false;
  std::shared_ptr<TestJob> job_;
};

TEST_CASE("jobs take turns, those waited for come first") {
  std::string order;
  const auto job = [&](char name, int steps) {
    return std::make_shared<TestJob>(steps, [&order, name](int) { order += name; });
  };
  const auto a = job('a', 3), b = job('b', 2), c = job('c', 2);
  {
    Gate gate;
    thread().submit(a);
    thread().submit(b);
    std::thread waiting([&] { thread().run_and_wait(c); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    gate.open();
    waiting.join();
  }
  Gate::wait_for(*a);
  Gate::wait_for(*b);
  CHECK(order == "ccababa");
}

TEST_CASE("jobs on the same memory follow each other, others go on") {
  std::string order;
  const auto job = [&](char name, int steps, int memory) {
    return std::make_shared<TestJob>(
        steps, [&order, name](int) { order += name; }, memory);
  };
  const auto a = job('a', 3, 1), b = job('b', 2, 1), c = job('c', 3, 2);
  {
    Gate gate;
    for (const auto& each : {a, b, c}) thread().submit(each);
  }
  for (const auto& each : {a, b, c}) Gate::wait_for(*each);
  CHECK(order == "acacabcb");
}

TEST_CASE("a cancelled job stops before its next step") {
  std::shared_ptr<TestJob> job;
  job = std::make_shared<TestJob>(1000, [&](int step) {
    if (step == 4) job->cancel();
  });
  thread().run_and_wait(job);
  CHECK(job->steps_done() == 5);
  CHECK_FALSE(job->error());
  const auto never = std::make_shared<TestJob>(10, [](int) {});
  never->cancel();
  thread().run_and_wait(never);
  CHECK(never->steps_done() == 0);
}

TEST_CASE("what a step throws ends the job and is kept") {
  const auto job = std::make_shared<TestJob>(10, [](int step) {
    if (step == 2) throw std::runtime_error("broken");
  });
  thread().run_and_wait(job);
  CHECK(job->steps_done() == 2);
  REQUIRE(job->error());
  CHECK_THROWS_WITH(std::rethrow_exception(job->error()), "broken");
}

TEST_CASE("drop takes jobs off that wait, and waits for the one that runs") {
  std::atomic<bool> inside = false;
  const auto endless = std::make_shared<TestJob>(1 << 30, [&](int) {
    inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    inside = false;
  });
  const auto waiting = std::make_shared<TestJob>(1 << 30, [](int) {});
  thread().submit(endless);
  thread().submit(waiting);
  while (endless->steps_done() < 2) std::this_thread::yield();
  thread().drop(endless);
  CHECK_FALSE(inside);
  const int done = endless->steps_done();
  thread().drop(waiting);
  thread().drop(waiting);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  CHECK(endless->steps_done() == done);
}

TEST_CASE("between_steps never meets a step, nor waits for a job's end") {
  std::atomic<bool> inside = false;
  const auto endless = std::make_shared<TestJob>(1 << 30, [&](int) {
    inside = true;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    inside = false;
  });
  thread().submit(endless);
  for (int i = 0; i < 50; ++i) {
    bool met = true;
    thread().between_steps([&] { met = inside; });
    CHECK_FALSE(met);
  }
  thread().drop(endless);
}

TEST_CASE("the step thread and its team flush denormals") {
  for (const int threads : {1, 2, 3}) {
    const Threads scope(threads);
    std::atomic<int> kept = 0;
    thread().run_and_wait(std::make_shared<TestJob>(1, [&](int) {
      parallel_for(threads, [&](int64_t, int) {
        volatile float smallest = std::numeric_limits<float>::min();
        if (smallest * 0.5f != 0.0f) ++kept;
      });
    }));
    CHECK(kept == 0);
  }
}

TEST_CASE("a run hands every step its block of the data") {
  Blob blob;
  const int x = blob.feed(blob.tensor({2}));
  blob.op("random_uniform", {}, {blob.tensor({5})}, {1, bits(0), bits(1)});
  blob.result(x);
  blob.result(1);
  Arena& arena = thread().arena();
  const auto executor = std::make_shared<Executor>(blob.program(), std::vector<StorePtr>(), arena);
  const auto random = [&](uint64_t first_step, int64_t steps) {
    std::vector<float> data(2 * steps), out(2 * steps), numbers(5 * steps);
    for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i);
    RunRequest request;
    request.steps = steps;
    request.first_step = first_step;
    request.feeds = {reinterpret_cast<const std::byte*>(data.data())};
    request.results = {reinterpret_cast<std::byte*>(out.data()),
                       reinterpret_cast<std::byte*>(numbers.data())};
    request.guard = true;
    const auto run = std::make_shared<Run>(executor, request);
    thread().run_and_wait(run);
    CHECK_FALSE(run->error());
    CHECK(run->steps_done() == steps);
    CHECK(out == data);
    return numbers;
  };
  const std::vector<float> all = random(0, 4);
  CHECK(random(0, 4) == all);
  CHECK(random(2, 2) == std::vector<float>(all.begin() + 10, all.end()));
  CHECK(random(0, 0).empty());
}

}  // namespace
}  // namespace luge
