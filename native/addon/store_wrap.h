#pragma once

#include <memory>
#include <string>

#include "addon/node_api.h"
#include "exec/store.h"

namespace luge {

// new Store(bytes): zeroed memory that programs keep weights and other state in.
class StoreWrap : public Napi::ObjectWrap<StoreWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  // What a Store stands for; throws ArgumentError for anything else.
  static StorePtr store_of(const Napi::Value& value, const std::string& name);

  explicit StoreWrap(const Napi::CallbackInfo& info);
  ~StoreWrap() override;

 private:
  Napi::Value byte_length(const Napi::CallbackInfo& info);
  void read(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);

  StorePtr store_;
};

}  // namespace luge
