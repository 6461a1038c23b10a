#include "addon/args.h"

#include <cmath>

#include "addon/errors.h"

namespace luge {
namespace {

bool holds(napi_typedarray_type type, DType dtype) {
  switch (dtype) {
    case DType::float32: return type == napi_float32_array;
    case DType::int32: return type == napi_int32_array || type == napi_uint32_array;
    case DType::uint8: return type == napi_uint8_array || type == napi_uint8_clamped_array;
  }
  return false;
}

const char* array_name(DType dtype) {
  static constexpr const char* kNames[] = {"Float32Array", "Int32Array", "Uint8Array"};
  return kNames[static_cast<int>(dtype)];
}

std::string element(const char* list, size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

// A typed array for a tensor. Its length is in elements.
struct TensorArray {
  std::byte* data;
  int64_t length;
};

TensorArray to_tensor_array(const Napi::Value& value, DType dtype, const std::string& name) {
  const ArrayBytes array = to_bytes(value, name);
  if (!holds(value.As<Napi::TypedArray>().TypedArrayType(), dtype)) {
    throw ArgumentError(name + " must be a " + array_name(dtype));
  }
  return {array.data, static_cast<int64_t>(array.bytes) / size_of(dtype)};
}

// `size` elements for every step.
void check_length(const std::string& name, int64_t length, int64_t size, int64_t steps) {
  if (length / size >= steps) return;
  throw ArgumentError(name + " has " + std::to_string(length) + " elements, but a run of " +
                      std::to_string(steps) + " steps needs " + std::to_string(size) + " for each");
}

Napi::Array to_list(const Napi::Object& options, const char* name, size_t length) {
  const Napi::Value value = options.Get(name);
  if (!value.IsArray()) throw ArgumentError(std::string(name) + " must be an array");
  Napi::Array list = value.As<Napi::Array>();
  if (list.Length() != length) {
    throw ArgumentError(std::string(name) + " has " + std::to_string(list.Length()) +
                        " entries, but the program has " + std::to_string(length));
  }
  return list;
}

void read_indices(const Napi::Value& value, RunRequest& request) {
  if (value.IsUndefined() || value.IsNull()) return;
  const TensorArray array = to_tensor_array(value, DType::int32, "indices");
  const int32_t* data = reinterpret_cast<const int32_t*>(array.data);
  request.indices.assign(data, data + array.length);
}

void check_rows(const RunRequest& request, int64_t batch, int64_t rows, const std::string& name) {
  check_length("indices", static_cast<int64_t>(request.indices.size()), batch, request.steps);
  const int64_t count = request.steps * batch;
  for (int64_t i = 0; i < count; ++i) {
    const int32_t row = request.indices[i];
    if (row < 0 || row >= rows) {
      throw ArgumentError("indices[" + std::to_string(i) + "] is " + std::to_string(row) +
                          ", but " + name + " has " + std::to_string(rows) + " rows");
    }
  }
}

void read_feed(const Napi::Value& value, const Executor& executor, size_t index,
               RunRequest& request) {
  const std::string name = element("feeds", index);
  const TensorView& view = executor.feed_tensor(index).view;
  const TensorArray array = to_tensor_array(value, view.dtype, name);
  if (executor.program().feeds[index].indexed && !request.indices.empty()) {
    const int64_t batch = view.dims[0];
    check_rows(request, batch, array.length / (view.size / batch), name);
  } else {
    check_length(name, array.length, view.size, request.steps);
  }
  request.feeds.push_back(array.data);
}

void read_result(const Napi::Value& value, const Executor& executor, size_t index,
                 RunRequest& request) {
  const std::string name = element("results", index);
  const TensorView& view = executor.result_tensor(index).view;
  const TensorArray array = to_tensor_array(value, view.dtype, name);
  if (array.length > 0) check_length(name, array.length, view.size, request.steps);
  request.results.push_back(array.length > 0 ? array.data : nullptr);
}

}  // namespace

int64_t to_whole(const Napi::Value& value, const std::string& name) {
  constexpr double kMost = 9007199254740992.0;  // 2^53
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= kMost) || number != std::floor(number)) {
    throw ArgumentError(name + " must be a whole number, 0 or more");
  }
  return static_cast<int64_t>(number);
}

ArrayBytes to_bytes(const Napi::Value& value, const std::string& name) {
  if (!value.IsTypedArray()) throw ArgumentError(name + " must be a typed array");
  const Napi::TypedArray array = value.As<Napi::TypedArray>();
  // Memory that can shrink under a step is no place to read from.
  if (array.Get("buffer").As<Napi::Object>().Get("resizable").ToBoolean()) {
    throw ArgumentError(name + " must not be over a resizable ArrayBuffer: copy it with slice()");
  }
  void* data = nullptr;
  napi_status status =
      napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr);
  if (status != napi_ok) throw ArgumentError(name + " cannot be read");
  return {static_cast<std::byte*>(data), array.ByteLength()};
}

RunRequest to_run_request(const Napi::Value& value, const Executor& executor, Napi::Array pinned) {
  if (!value.IsObject()) throw ArgumentError("run needs {steps, firstStep, seed, feeds, results}");
  const Napi::Object options = value.As<Napi::Object>();
  const Program& program = executor.program();
  RunRequest request;
  request.steps = to_whole(options.Get("steps"), "steps");
  request.first_step = to_whole(options.Get("firstStep"), "firstStep");
  request.seed = to_whole(options.Get("seed"), "seed");
  request.guard = options.Get("guard").ToBoolean();
  read_indices(options.Get("indices"), request);

  const Napi::Array feeds = to_list(options, "feeds", program.feeds.size());
  for (uint32_t i = 0; i < feeds.Length(); ++i) {
    const Napi::Value array = feeds.Get(i);
    read_feed(array, executor, i, request);
    pinned.Set(pinned.Length(), array);
  }
  const Napi::Array results = to_list(options, "results", program.results.size());
  for (uint32_t i = 0; i < results.Length(); ++i) {
    const Napi::Value array = results.Get(i);
    read_result(array, executor, i, request);
    pinned.Set(pinned.Length(), array);
  }
  return request;
}

}  // namespace luge
