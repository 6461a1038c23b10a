// The one thread of the process that computes: it alone starts the OpenMP team.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>

#include "exec/arena.h"

namespace luge {

// Work in steps. Jobs take turns step by step, but for those that must follow another.
class Job {
 public:
  virtual ~Job() = default;

  // No further step is begun; from any thread.
  void cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }
  // What a step threw, if one did; once the job is over.
  std::exception_ptr error() const { return error_; }
  // Whether it may only begin when `earlier` is over: they work on the same memory.
  virtual bool must_follow(const Job& earlier) const = 0;

 protected:
  // Both on the step thread. step() says whether more steps remain; what it throws ends the job.
  virtual bool step() = 0;
  virtual void on_over() noexcept {}

 private:
  friend class StepThread;
  std::atomic<bool> cancelled_ = false;
  // Both guarded by the step thread's mutex.
  bool over_ = false;
  uint64_t turn_ = 0;  // of its latest step
  std::exception_ptr error_;
};

class StepThread {
 public:
  // Made on first use and never unmade: the process may end, or a library be unloaded, at any time.
  static StepThread& instance();

  Arena& arena() { return arena_; }

  void submit(std::shared_ptr<Job> job);
  // Ahead of all jobs that nobody waits for. Returns when it is over.
  void run_and_wait(std::shared_ptr<Job> job);
  // Cancels the job and returns when it is over, without waiting for others. on_over may be
  // skipped.
  void drop(const std::shared_ptr<Job>& job);

  // Calls body while no step is under way. Waits for at most one step.
  template <class Body>
  void between_steps(Body&& body) {
    std::unique_lock lock(mutex_);
    ++visitors_;
    changed_.wait(lock, [this] { return running_ == nullptr; });
    const Leave leave{*this};
    body();
  }

  // Looks, when there is nothing to do, whether memory can be given back.
  void trim();

 private:
  struct Leave {
    StepThread& thread;
    ~Leave() {
      --thread.visitors_;
      thread.changed_.notify_all();
    }
  };

  StepThread() = default;
  void start();  // with the mutex held
  void close();
  [[noreturn]] void loop();
  void work(int threads);
  std::shared_ptr<Job> next_job() const;
  bool run_step(Job& job);

  Arena arena_;
  std::mutex mutex_;
  std::condition_variable changed_;                  // of anything below
  std::deque<std::shared_ptr<Job>> urgent_, queue_;  // as they were submitted
  const Job* running_ = nullptr;
  uint64_t turn_ = 0;
  bool started_ = false;
  bool trim_ = false;
  bool closed_ = false;
  int visitors_ = 0;  // that want or have the time between two steps
};

}  // namespace luge
