// The one thread of the process that computes: it alone starts the OpenMP team.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>

#include "exec/arena.h"

namespace luge {

// Work in steps. The step thread runs one step of the first job, which then goes to the back.
class Job {
 public:
  virtual ~Job() = default;

  // No further step is begun; from any thread.
  void cancel() { cancelled_ = true; }
  bool cancelled() const { return cancelled_; }
  // What a step threw, if one did; once the job is over.
  std::exception_ptr error() const { return error_; }

 protected:
  // Both on the step thread. step() says whether more steps remain; what it throws ends the job.
  virtual bool step() = 0;
  virtual void on_over() noexcept {}

 private:
  friend class StepThread;
  std::atomic<bool> cancelled_ = false;
  bool over_ = false;  // guarded by the step thread's mutex
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
  // Cancels the job and returns when it is over, without waiting for others. on_over may be skipped.
  void drop(const std::shared_ptr<Job>& job);

  // Calls body while no step is under way. Waits for at most one step.
  template <class Body>
  void between_steps(Body&& body) {
    std::unique_lock lock(mutex_);
    ++visitors_;
    changed_.wait(lock, [this] { return !stepping_; });
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
  void run_step(Job& job, bool& more);

  Arena arena_;
  std::mutex mutex_;
  std::condition_variable changed_;  // of anything below
  std::deque<std::shared_ptr<Job>> urgent_, queue_;
  bool started_ = false;
  bool stepping_ = false;
  bool trim_ = false;
  bool closed_ = false;
  int visitors_ = 0;  // that want or have the time between two steps
};

}  // namespace luge
