#include "addon/environment.h"

#include <utility>

#include "addon/errors.h"

namespace luge {

// Holds nothing of JavaScript: its last reference may go on the step thread.
class Environment::AsyncRun : public Run {
 public:
  AsyncRun(Environment& environment, std::shared_ptr<Executor> executor, RunRequest request)
      : Run(std::move(executor), std::move(request)), environment_(environment) {}

 private:
  void on_over() noexcept override { environment_.report(this); }

  Environment& environment_;
};

void Environment::create(Napi::Env env) {
  auto* self = new Environment();
  env.SetInstanceData(self);
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "luge"), 0, 1,
                                      nullptr, nullptr, self, wake, &self->wake_);
  NAPI_THROW_IF_FAILED_VOID(env, status);
  napi_unref_threadsafe_function(env, self->wake_);
  // Hooks run last in, first out: this one while the function above still takes calls.
  napi_add_env_cleanup_hook(
      env, [](void* data) { static_cast<Environment*>(data)->close(); }, self);
}

Environment& Environment::of(Napi::Env env) { return *env.GetInstanceData<Environment>(); }

Napi::Promise Environment::start(Napi::Env env, std::shared_ptr<Executor> executor,
                                 RunRequest request, Napi::Array pinned,
                                 std::weak_ptr<Job>& started) {
  auto run = std::make_shared<AsyncRun>(*this, std::move(executor), std::move(request));
  Pending pending{run, nullptr, nullptr};
  napi_value promise = nullptr;
  napi_status status = napi_create_promise(env, &pending.promise, &promise);
  if (status == napi_ok) status = napi_create_reference(env, pinned, 1, &pending.pinned);
  if (status != napi_ok) throw Napi::Error::New(env);
  if (pending_.empty()) napi_ref_threadsafe_function(env, wake_);
  pending_.emplace(run.get(), pending);
  started = run;
  StepThread::instance().submit(std::move(run));
  return Napi::Promise(env, promise);
}

void Environment::report(const AsyncRun* run) noexcept {
  {
    const std::lock_guard lock(mutex_);
    finished_.push_back(run);
  }
  napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
}

void Environment::wake(napi_env env, napi_value, void* self, void*) {
  if (env != nullptr) static_cast<Environment*>(self)->settle_finished(env);
}

void Environment::settle_finished(napi_env env) {
  std::vector<const AsyncRun*> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  for (const AsyncRun* run : finished) {
    const auto found = pending_.find(run);
    settle(env, found->second);
    pending_.erase(found);
    if (pending_.empty()) napi_unref_threadsafe_function(env, wake_);
  }
}

// A terminating worker refuses these calls, which then have no one to tell: no status is looked at.
void Environment::settle(napi_env env, const Pending& pending) {
  napi_delete_reference(env, pending.pinned);
  if (pending.run->error()) {
    const ErrorText text = error_text(pending.run->error());
    napi_value code = nullptr, message = nullptr, error = nullptr;
    napi_create_string_utf8(env, text.code, NAPI_AUTO_LENGTH, &code);
    napi_create_string_utf8(env, text.message.c_str(), NAPI_AUTO_LENGTH, &message);
    if (napi_create_error(env, code, message, &error) == napi_ok) {
      napi_reject_deferred(env, pending.promise, error);
    }
  } else {
    napi_value steps = nullptr;
    napi_create_int64(env, pending.run->steps_done(), &steps);
    if (steps) napi_resolve_deferred(env, pending.promise, steps);
  }
}

void Environment::close() {
  for (const auto& [run, pending] : pending_) StepThread::instance().drop(pending.run);
  pending_.clear();
}

}  // namespace luge
