#include <thread>

#include "addon/args.h"
#include "addon/environment.h"
#include "addon/errors.h"
#include "addon/node_api.h"
#include "addon/program_wrap.h"
#include "addon/store_wrap.h"
#include "base/parallel.h"
#include "exec/limits.h"
#include "exec/step_thread.h"
#include "kernels/gemm.h"
#include "ops/op_table.h"
#include "simd/targets.h"
#include "simd/vmath.h"

namespace luge {
namespace {

// op_list.inc, for the other side to compare with its own.
Napi::Array list_ops(Napi::Env env) {
  Napi::Array list = Napi::Array::New(env);
  for (const OpRow& row : op_table()) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", row.name);
    entry.Set("inputs", row.inputs);
    entry.Set("outputs", row.outputs);
    entry.Set("attrs", row.attrs);
    list.Set(list.Length(), entry);
  }
  return list;
}

// vmath_list.inc: the functions of map programs.
Napi::Array list_functions(Napi::Env env) {
  static constexpr const char* kTypes[] = {"f32", "i32", "i32_f32", "f32_i32", "any"};
  Napi::Array list = Napi::Array::New(env);
  for (const VmathInfo& info : kVmath) {
    Napi::Object entry = Napi::Object::New(env);
    entry.Set("name", info.name);
    entry.Set("arity", info.arity);
    entry.Set("type", kTypes[static_cast<int>(info.type)]);
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Value backend_info(const Napi::CallbackInfo& info) {
  Napi::Object backend = Napi::Object::New(info.Env());
  backend.Set("blas", blas_config());
  backend.Set("blasCore", blas_core());
  backend.Set("simd", simd_target());
  backend.Set("threads", thread_count());
  backend.Set("cores", static_cast<double>(std::thread::hardware_concurrency()));
  return backend;
}

void set_threads(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    constexpr int64_t kMost = 1024;
    const int64_t threads = to_whole(info[0], "threads");
    if (threads < 1 || threads > kMost) throw ArgumentError("threads must be from 1 to 1024");
    StepThread::instance().between_steps([&] { set_thread_count(static_cast<int>(threads)); });
  });
}

Napi::Value threads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), thread_count());
}

Napi::Value limits(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    constexpr int64_t kMost = 60000;
    const int64_t time = to_whole(info[0], "milliseconds");
    if (time > kMost) throw ArgumentError("milliseconds must be at most 60000");
    const MachineLimits measured = measure_limits(std::chrono::milliseconds(time));
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("fma", measured.fma_gflops);
    result.Set("blas", measured.blas_gflops);
    return result;
  });
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  Environment::create(env);
  exports.Set("ops", list_ops(env));
  exports.Set("functions", list_functions(env));
  exports.Set("backendInfo", Napi::Function::New<backend_info>(env, "backendInfo"));
  exports.Set("setThreads", Napi::Function::New<set_threads>(env, "setThreads"));
  exports.Set("threads", Napi::Function::New<threads>(env, "threads"));
  exports.Set("measureLimits", Napi::Function::New<limits>(env, "measureLimits"));
  exports.Set("Store", StoreWrap::define(env));
  exports.Set("Program", ProgramWrap::define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(luge, init)

}  // namespace luge
