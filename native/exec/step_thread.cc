#include "exec/step_thread.h"

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
  changed_.wait(lock, [this] { return !stepping_; });
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
    return job->over_ || std::erase(queue_, job) + std::erase(urgent_, job) > 0;
  });
}

void StepThread::trim() {
  const std::lock_guard lock(mutex_);
  trim_ = started_;
  changed_.notify_all();
}

void StepThread::run_step(Job& job, bool& more) {
  try {
    more = !job.cancelled() && job.step() && !job.cancelled();
  } catch (...) {
    job.error_ = std::current_exception();
    more = false;
  }
  if (!more) job.on_over();
}

void StepThread::loop() {
  flush_denormals();
  int team = 1;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] {
      return !closed_ && visitors_ == 0 && (trim_ || !urgent_.empty() || !queue_.empty());
    });
    if (urgent_.empty() && queue_.empty()) {
      trim_ = false;
      arena_.trim();
      continue;
    }
    std::deque<std::shared_ptr<Job>>& source = urgent_.empty() ? queue_ : urgent_;
    std::shared_ptr<Job> job = std::move(source.front());
    source.pop_front();
    stepping_ = true;
    lock.unlock();
    if (team != thread_count()) {
      team = thread_count();
      parallel_for(team, [](int64_t, int) { flush_denormals(); });
    }
    bool more = false;
    run_step(*job, more);
    lock.lock();
    stepping_ = false;
    if (more) {
      source.push_back(std::move(job));
    } else {
      job->over_ = true;
    }
    changed_.notify_all();
    // The last reference may destroy a program, which wants no lock held.
    lock.unlock();
    job.reset();
    lock.lock();
  }
}

}  // namespace luge
