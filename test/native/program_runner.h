// Runs programs and single operations in tests, with guard bytes around every tensor.
#pragma once

#include <memory>
#include <vector>

#include "blob.h"
#include "exec/executor.h"
#include "exec/guard.h"
#include "threads.h"

namespace luge {

using Bytes = std::vector<std::byte>;

struct Array {
  std::vector<int64_t> dims;
  DType dtype = DType::float32;
  Bytes data;

  Array(std::vector<int64_t> dims, DType dtype = DType::float32)
      : dims(std::move(dims)), dtype(dtype) {}

  template <class T>
  Array(std::vector<int64_t> dims, DType dtype, const std::vector<T>& values)
      : dims(std::move(dims)), dtype(dtype), data(values.size() * sizeof(T)) {
    std::memcpy(data.data(), values.data(), data.size());
  }
  Array(std::vector<int64_t> dims, const std::vector<float>& values)
      : Array(std::move(dims), DType::float32, values) {}

  template <class T>
  std::vector<T> values() const {
    std::vector<T> all(data.size() / sizeof(T));
    std::memcpy(all.data(), data.data(), data.size());
    return all;
  }
};

// The outputs of one operation, run with feeds as inputs and results as outputs.
inline std::vector<Array> evaluate(const std::string& op, const std::vector<Array>& inputs,
                                   std::vector<Array> outputs,
                                   const std::vector<int32_t>& attrs = {}, uint64_t step = 0) {
  Blob blob;
  std::vector<int32_t> in, out;
  for (const Array& x : inputs) in.push_back(blob.feed(blob.tensor(x.dims, x.dtype)));
  for (const Array& y : outputs) out.push_back(blob.tensor(y.dims, y.dtype));
  for (const int32_t y : out) blob.result(y);
  blob.op(op, in, out, attrs);

  Arena arena;
  Executor executor(blob.program(), {}, arena);
  const Guard guard(executor);
  executor.prepare();
  guard.fill();
  for (size_t i = 0; i < inputs.size(); ++i) executor.fill_feed(i, inputs[i].data.data());
  executor.execute(7, step);
  guard.check();
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].data.resize(executor.result_tensor(i).bytes());
    executor.copy_result(i, outputs[i].data.data());
  }
  return outputs;
}

}  // namespace luge
