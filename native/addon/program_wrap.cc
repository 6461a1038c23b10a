#include "addon/program_wrap.h"

#include <string>
#include <utility>

#include "addon/args.h"
#include "addon/environment.h"
#include "addon/errors.h"
#include "addon/store_wrap.h"
#include "base/parallel.h"
#include "ops/op_table.h"
#include "program/decode.h"

namespace luge {
namespace {

Program to_program(const Napi::Value& value) {
  const ArrayBytes blob = to_bytes(value, "blob");
  if (value.As<Napi::TypedArray>().TypedArrayType() != napi_uint32_array) {
    throw ArgumentError("blob must be a Uint32Array");
  }
  return decode_program({reinterpret_cast<const uint32_t*>(blob.data), blob.bytes / 4});
}

std::vector<StorePtr> to_stores(const Napi::Value& value) {
  if (!value.IsArray()) throw ArgumentError("stores must be an array");
  const Napi::Array list = value.As<Napi::Array>();
  std::vector<StorePtr> stores;
  for (uint32_t i = 0; i < list.Length(); ++i) {
    stores.push_back(StoreWrap::store_of(list.Get(i), "stores[" + std::to_string(i) + "]"));
  }
  return stores;
}

}  // namespace

Napi::Function ProgramWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Program",
      {InstanceAccessor<&ProgramWrap::arena_bytes>("arenaBytes"),
       InstanceAccessor<&ProgramWrap::workspace_bytes>("workspaceBytes"),
       InstanceMethod<&ProgramWrap::run>("run"), InstanceMethod<&ProgramWrap::run_sync>("runSync"),
       InstanceMethod<&ProgramWrap::cancel>("cancel"), InstanceMethod<&ProgramWrap::trace>("trace"),
       InstanceMethod<&ProgramWrap::trace_report>("traceReport")});
}

ProgramWrap::ProgramWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    executor_ = std::make_shared<Executor>(to_program(info[0]), to_stores(info[1]),
                                           StepThread::instance().arena());
  });
}

ProgramWrap::~ProgramWrap() {
  executor_.reset();
  StepThread::instance().trim();
}

Napi::Value ProgramWrap::arena_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(executor_->program().arena_bytes));
}

Napi::Value ProgramWrap::workspace_bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(),
                           static_cast<double>(executor_->workspace_bytes(thread_count())));
}

Napi::Value ProgramWrap::run(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Array pinned = Napi::Array::New(info.Env());
    RunRequest request = to_run_request(info[0], *executor_, pinned);
    std::erase_if(runs_, [](const std::weak_ptr<Job>& run) { return run.expired(); });
    return Environment::of(info.Env())
        .start(info.Env(), executor_, std::move(request), pinned, runs_.emplace_back());
  });
}

Napi::Value ProgramWrap::run_sync(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Array pinned = Napi::Array::New(info.Env());
    const auto run = std::make_shared<Run>(executor_, to_run_request(info[0], *executor_, pinned));
    StepThread::instance().run_and_wait(run);
    if (run->error()) std::rethrow_exception(run->error());
    return Napi::Number::New(info.Env(), static_cast<double>(run->steps_done()));
  });
}

void ProgramWrap::cancel(const Napi::CallbackInfo&) {
  for (const std::weak_ptr<Job>& run : runs_) {
    if (const std::shared_ptr<Job> alive = run.lock()) alive->cancel();
  }
}

void ProgramWrap::trace(const Napi::CallbackInfo& info) {
  const bool enabled = info[0].ToBoolean();
  StepThread::instance().between_steps([&] { executor_->trace().enable(enabled); });
}

Napi::Value ProgramWrap::trace_report(const Napi::CallbackInfo& info) {
  std::vector<TraceRow> rows;
  StepThread::instance().between_steps([&] { rows = executor_->trace().rows(); });
  Napi::Array report = Napi::Array::New(info.Env(), rows.size());
  for (uint32_t i = 0; i < rows.size(); ++i) {
    Napi::Object row = Napi::Object::New(info.Env());
    row.Set("op", op_table()[executor_->program().instructions[i].opcode].name);
    row.Set("count", static_cast<double>(rows[i].count));
    row.Set("nanoseconds", static_cast<double>(rows[i].nanoseconds));
    report.Set(i, row);
  }
  return report;
}

}  // namespace luge
