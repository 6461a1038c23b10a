// What the addon keeps for one JavaScript environment: the main thread, or a worker.
#pragma once

#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "addon/node_api.h"
#include "exec/run.h"

namespace luge {

// Runs whose promises are pending. When the environment ends, in the middle of a step or not, they
// are dropped before any of its JavaScript values go.
class Environment {
 public:
  // Makes the one of this environment, which owns it from then on.
  static void create(Napi::Env env);
  static Environment& of(Napi::Env env);

  // Queues a run; its promise keeps the process alive. `pinned` lives as long as the run.
  Napi::Promise start(Napi::Env env, std::shared_ptr<Executor> executor, RunRequest request,
                      Napi::Array pinned, std::weak_ptr<Job>& started);

 private:
  class AsyncRun;
  struct Pending {
    std::shared_ptr<AsyncRun> run;
    napi_deferred promise;
    napi_ref pinned;
  };

  Environment() = default;
  void report(const AsyncRun* run) noexcept;  // from the step thread
  void settle_finished(napi_env env);
  void settle(napi_env env, const Pending& pending);
  void close();
  static void wake(napi_env env, napi_value, void* self, void*);

  napi_threadsafe_function wake_ = nullptr;
  std::unordered_map<const AsyncRun*, Pending> pending_;
  std::mutex mutex_;  // of finished_
  std::vector<const AsyncRun*> finished_;
};

}  // namespace luge
