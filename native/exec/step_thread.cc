#include "exec/step_thread.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include "base/parallel.h"
#include "simd/denormals.h"

namespace luge {

StepThread& StepThread::instance() {
  static StepThread& only = *new StepThread();
  return only;
}

void StepThread::start() {
  if (started_) return;
  // The process's signals belong to other threads; this one's children, the team, inherit the mask.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread([this] { loop(); }).detach();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // The libraries we compute with are torn down at exit; no step may be under way then.
  std::atexit([] { instance().close(); });
  started_ = true;
}

void StepThread::close() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  changed_.wait(lock, [this] { return running_ == nullptr; });
}

void StepThread::submit(std::shared_ptr<Job> job) {
  const std::lock_guard lock(mutex_);
  start();
  queue_.push_back(std::move(job));
  changed_.notify_all();
}

void StepThread::run_and_wait(std::shared_ptr<Job> job) {
  std::unique_lock lock(mutex_);
  start();
  urgent_.push_back(job);
  changed_.notify_all();
  changed_.wait(lock, [&] { return job->over_; });
}

void StepThread::drop(const std::shared_ptr<Job>& job) {
  std::unique_lock lock(mutex_);
  job->cancel();
  changed_.wait(lock, [&] {
    if (running_ != job.get()) {
      job->over_ |= std::erase(queue_, job) + std::erase(urgent_, job) > 0;
    }
    return job->over_;
  });
}

void StepThread::trim() {
  const std::lock_guard lock(mutex_);
  trim_ = started_;
  changed_.notify_all();
}

// The first urgent job, or of those that need not wait for an earlier one the longest idle.
std::shared_ptr<Job> StepThread::next_job() const {
  if (!urgent_.empty()) return urgent_.front();
  const std::shared_ptr<Job>* next = &queue_.front();
  for (auto job = queue_.begin(); job != queue_.end(); ++job) {
    const bool waits = std::any_of(queue_.begin(), job, [&](const std::shared_ptr<Job>& earlier) {
      return (*job)->must_follow(*earlier);
    });
    if (!waits && (*job)->turn_ < (*next)->turn_) next = &*job;
  }
  return *next;
}

// Whether more steps remain.
bool StepThread::run_step(Job& job) {
  bool more = false;
  try {
    more = !job.cancelled() && job.step() && !job.cancelled();
  } catch (...) {
    job.error_ = std::current_exception();
  }
  if (!more) job.on_over();
  return more;
}

void StepThread::loop() {
  for (;;) {
    const int threads = thread_count();
    Team::lead(threads, flush_denormals, [&] {
      while (threads == thread_count()) work(threads);
    });
  }
}

// Waits for something to do, and does one step of it, unless another team is wanted by then.
void StepThread::work(int threads) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] {
    return !closed_ && visitors_ == 0 && (trim_ || !urgent_.empty() || !queue_.empty());
  });
  if (urgent_.empty() && queue_.empty()) {
    trim_ = false;
    arena_.trim();
    return;
  }
  if (threads != thread_count()) return;
  std::shared_ptr<Job> job = next_job();
  running_ = job.get();
  job->turn_ = ++turn_;
  lock.unlock();
  const bool more = run_step(*job);
  lock.lock();
  running_ = nullptr;
  if (!more) {
    job->over_ = true;
    std::erase(queue_, job);
    std::erase(urgent_, job);
  }
  changed_.notify_all();
  // The last reference may destroy a program, which wants no lock held.
  lock.unlock();
}

}  // namespace luge
