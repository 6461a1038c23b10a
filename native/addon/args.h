// Reading arguments from JavaScript. Everything here throws ArgumentError.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "addon/node_api.h"
#include "exec/run.h"

namespace luge {

// A whole number in [0, 2^53].
int64_t to_whole(const Napi::Value& value, const std::string& name);

struct ArrayBytes {
  std::byte* data;
  size_t bytes;
};

// The memory of a typed array.
ArrayBytes to_bytes(const Napi::Value& value, const std::string& name);

// The argument of Program.run, checked against the program. Pointers into its arrays stay valid as
// long as the arrays live; `pinned` (a JavaScript array) is given those to keep.
RunRequest to_run_request(const Napi::Value& value, const Executor& executor, Napi::Array pinned);

}  // namespace luge
