#include "addon/store_wrap.h"

#include <cstring>
#include <string>

#include "addon/args.h"
#include "addon/errors.h"
#include "exec/step_thread.h"

namespace luge {
namespace {

constexpr napi_type_tag kTag = {0x6c75676573746f72, 0x8f3a51d09be74c26};

// A piece of a store and the typed array that it is copied to or from.
struct Piece {
  std::byte* store;
  ArrayBytes array;
};

Piece to_piece(const Napi::CallbackInfo& info, const AlignedMemory& memory) {
  const int64_t offset = to_whole(info[0], "byteOffset");
  const ArrayBytes array = to_bytes(info[1], "array");
  const int64_t size = static_cast<int64_t>(memory.size());
  const int64_t bytes = static_cast<int64_t>(array.bytes);
  if (offset > size || bytes > size - offset) {
    throw ArgumentError("bytes " + std::to_string(offset) + " to " +
                        std::to_string(offset + bytes) + " are not all in the store's " +
                        std::to_string(size));
  }
  return {memory.data() + offset, array};
}

}  // namespace

Napi::Function StoreWrap::define(Napi::Env env) {
  return DefineClass(
      env, "Store",
      {InstanceAccessor<&StoreWrap::byte_length>("byteLength"),
       InstanceMethod<&StoreWrap::read>("read"), InstanceMethod<&StoreWrap::write>("write")});
}

StorePtr StoreWrap::store_of(const Napi::Value& value, const std::string& name) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTag)) {
    throw ArgumentError(name + " must be a Store");
  }
  return Unwrap(value.As<Napi::Object>())->store_;
}

StoreWrap::StoreWrap(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  guarded(info.Env(), [&] {
    store_ = std::make_shared<Store>(to_whole(info[0], "bytes"));
    info.This().As<Napi::Object>().TypeTag(&kTag);
    Napi::MemoryManagement::AdjustExternalMemory(info.Env(),
                                                 static_cast<int64_t>(store_->memory.size()));
  });
}

StoreWrap::~StoreWrap() {
  if (store_) {
    Napi::MemoryManagement::AdjustExternalMemory(Env(),
                                                 -static_cast<int64_t>(store_->memory.size()));
  }
}

Napi::Value StoreWrap::byte_length(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(store_->memory.size()));
}

void StoreWrap::read(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    const Piece piece = to_piece(info, store_->memory);
    if (piece.array.bytes == 0) return;
    StepThread::instance().between_steps(
        [&] { std::memcpy(piece.array.data, piece.store, piece.array.bytes); });
  });
}

void StoreWrap::write(const Napi::CallbackInfo& info) {
  guarded(info.Env(), [&] {
    const Piece piece = to_piece(info, store_->memory);
    if (piece.array.bytes == 0) return;
    StepThread::instance().between_steps([&] {
      std::memcpy(piece.store, piece.array.data, piece.array.bytes);
      ++store_->version;
    });
  });
}

}  // namespace luge
