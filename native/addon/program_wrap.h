#pragma once

#include <memory>
#include <vector>

#include "addon/node_api.h"
#include "exec/executor.h"
#include "exec/run.h"

namespace luge {

// new Program(blob, stores): a validated program, ready to run.
class ProgramWrap : public Napi::ObjectWrap<ProgramWrap> {
 public:
  static Napi::Function define(Napi::Env env);

  explicit ProgramWrap(const Napi::CallbackInfo& info);
  ~ProgramWrap() override;

 private:
  Napi::Value arena_bytes(const Napi::CallbackInfo& info);
  Napi::Value workspace_bytes(const Napi::CallbackInfo& info);
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value run_sync(const Napi::CallbackInfo& info);
  void cancel(const Napi::CallbackInfo& info);
  void trace(const Napi::CallbackInfo& info);
  Napi::Value trace_report(const Napi::CallbackInfo& info);

  std::shared_ptr<Executor> executor_;
  std::vector<std::weak_ptr<Job>> runs_;  // those that may not be over
};

}  // namespace luge
