// Conditions that checks of operations are made of.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>

#include "ops/op.h"

namespace luge {

inline bool all_float32(std::initializer_list<const TensorView*> views) {
  return std::all_of(views.begin(), views.end(),
                     [](const TensorView* view) { return view->dtype == DType::float32; });
}

inline bool same_dims(const TensorView& a, const TensorView& b) {
  return a.rank == b.rank && std::equal(a.dims.begin(), a.dims.begin() + a.rank, b.dims.begin());
}

inline bool has_dims(const TensorView& view, std::initializer_list<int64_t> dims) {
  return std::equal(view.dims.begin(), view.dims.begin() + view.rank, dims.begin(), dims.end());
}

// Whether the product of positive sizes stays well within int64, in which kernels count.
inline bool product_fits(std::initializer_list<int64_t> sizes) {
  int64_t most = int64_t{1} << 48;
  for (const int64_t size : sizes) most /= size;
  return most > 0;
}

// The dims as kernels take them.
inline std::span<const int64_t> dims_of(const TensorView& view) {
  return {view.dims.data(), static_cast<size_t>(view.rank)};
}

// The value of an attribute marked ":f".
inline float float_attr(const OpCall& call, size_t index) {
  return std::bit_cast<float>(call.attrs[index]);
}

}  // namespace luge
