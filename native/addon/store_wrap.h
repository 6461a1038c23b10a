#pragma once

#include <memory>
#include <string>

#include "addon/node_api.h"
#include "exec/aligned_memory.h"

namespace luge {

// new Store(bytes): zeroed memory that programs keep weights and other state in.
class StoreWrap : public Napi::ObjectWrap<StoreWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  // The memory of a Store; throws ArgumentError for anything else.
  static std::shared_ptr<AlignedMemory> memory_of(const Napi::Value& value,
                                                  const std::string& name);

  explicit StoreWrap(const Napi::CallbackInfo& info);
  ~StoreWrap() override;

 private:
  Napi::Value byte_length(const Napi::CallbackInfo& info);
  void read(const Napi::CallbackInfo& info);
  void write(const Napi::CallbackInfo& info);

  std::shared_ptr<AlignedMemory> memory_;
};

}  // namespace luge
