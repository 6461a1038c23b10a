// Element types of tensors.
#pragma once

#include <cstdint>

namespace luge {

enum class DType : uint8_t { float32, int32, uint8 };

// Bytes an element takes.
constexpr int64_t size_of(DType dtype) { return dtype == DType::uint8 ? 1 : 4; }

}  // namespace luge
