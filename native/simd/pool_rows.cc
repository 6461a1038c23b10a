#include "simd/pool_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/pool_rows.cc"
#include "simd/highway.h"
#include "simd/largest-inl.h"
#include "simd/math-inl.h"
#include "simd/partial-inl.h"

HWY_BEFORE_NAMESPACE();
namespace luge {
namespace HWY_NAMESPACE {

// The part of a window that lies inside the image, for one vector of channels.
struct Window {
  int64_t rows, columns;  // of the image that take part
  int64_t first;          // offset of the first element in the image
  int64_t out;            // offset in the outputs
  int32_t position;       // of the first element in the window
  size_t skip;            // leading lanes that the vector before has covered
};

// Calls visit(window) for every output of a row and every vector of its channels. The last vector
// ends with the last channel and so may overlap the one before.
template <class Visit>
HWY_INLINE void each_window(const PoolShape& s, int64_t oy, Visit visit) {
  const int64_t step = std::min<int64_t>(hn::Lanes(F()), s.channels);
  const int64_t top = oy * s.stride_h - s.pad_top;
  const int64_t y0 = std::max<int64_t>(top, 0);
  const int64_t rows = std::max<int64_t>(std::min(top + s.pool_h, s.h) - y0, 0);
  for (int64_t ox = 0; ox < s.out_w; ++ox) {
    const int64_t left = ox * s.stride_w - s.pad_left;
    const int64_t x0 = std::max<int64_t>(left, 0);
    const int64_t columns = std::max<int64_t>(std::min(left + s.pool_w, s.w) - x0, 0);
    const int64_t first = (y0 * s.w + x0) * s.channels;
    const int64_t out = (oy * s.out_w + ox) * s.channels;
    const int32_t position = static_cast<int32_t>((y0 - top) * s.pool_w + (x0 - left));
    for (int64_t c = 0; c < s.channels; c += step) {
      const int64_t at = std::min(c, s.channels - step);
      visit(Window{rows, columns, first + at, out + at, position, static_cast<size_t>(c - at)});
    }
  }
}

// Calls visit(offset in the image, position in the window) for every element of a window.
template <class Visit>
HWY_INLINE void each_element(const PoolShape& s, const Window& window, Visit visit) {
  if (window.rows == 2 && window.columns == 2) {  // the usual window, without loops
    const int64_t below = window.first + s.w * s.channels;
    const int32_t position = window.position + static_cast<int32_t>(s.pool_w);
    visit(window.first, window.position);
    visit(window.first + s.channels, window.position + 1);
    visit(below, position);
    visit(below + s.channels, position + 1);
    return;
  }
  for (int64_t r = 0; r < window.rows; ++r) {
    int64_t at = window.first + r * s.w * s.channels;
    int32_t position = window.position + static_cast<int32_t>(r * s.pool_w);
    for (int64_t c = 0; c < window.columns; ++c) visit(at + c * s.channels, position++);
  }
}

HWY_INLINE V count_of(const Window& window) {
  return constant(static_cast<float>(std::max<int64_t>(window.rows * window.columns, 1)));
}

// Whole vectors of channels, or the only, partial one.
template <bool partial>
struct Lanes {
  explicit Lanes(const PoolShape& s) : n(static_cast<size_t>(s.channels)) {}

  template <class T, class D = hn::Rebind<T, F>>
  HWY_INLINE hn::Vec<D> load(const T* p) const {
    if constexpr (partial) return load_partial(D(), p, n);
    return hn::LoadU(D(), p);
  }
  template <class T, class D = hn::Rebind<T, F>>
  HWY_INLINE void store(hn::Vec<D> v, T* p) const {
    if constexpr (partial) {
      store_partial(v, D(), p, n);
    } else {
      hn::StoreU(v, D(), p);
    }
  }
  // Adds v to p, but for the lanes that were covered before.
  HWY_INLINE void add(V v, float* p) const { store<float>(hn::Add(load(p), v), p); }
  HWY_INLINE V uncovered(const Window& window, V v) const {
    return hn::IfThenZeroElse(hn::FirstN(F(), window.skip), v);
  }
  HWY_INLINE VI load_index(const uint8_t* p) const { return hn::PromoteTo(I(), load(p)); }
  HWY_INLINE VI load_index(const int32_t* p) const { return load(p); }
  HWY_INLINE void store_index(VI v, uint8_t* p) const {
    store<uint8_t>(hn::DemoteTo(hn::Rebind<uint8_t, F>(), v), p);
  }
  HWY_INLINE void store_index(VI v, int32_t* p) const { store<int32_t>(v, p); }

  size_t n;
};

// Whether the windows of a row are of 2x2 elements of the image.
bool is_usual(const PoolShape& s, int64_t oy) {
  return s.pool_h == 2 && s.pool_w == 2 && s.pad_top == 0 && s.pad_left == 0 &&
         oy * s.stride_h + 2 <= s.h && (s.out_w - 1) * s.stride_w + 2 <= s.w;
}

// Such a row. False when it holds NaN, which compares as nothing does; then y is not right.
template <bool partial, bool kIndex, class Index>
bool max_usual_row(const PoolShape& s, const float* x, int64_t oy, float* y, Index* index) {
  const F d;
  const Lanes<partial> lanes(s);
  const int64_t step = std::min<int64_t>(hn::Lanes(d), s.channels);
  const VI positions[4] = {hn::Zero(I()), hn::Set(I(), 1), hn::Set(I(), 2), hn::Set(I(), 3)};
  V all = hn::Zero(d);
  for (int64_t ox = 0; ox < s.out_w; ++ox) {
    const float* window = x + (oy * s.stride_h * s.w + ox * s.stride_w) * s.channels;
    const int64_t out = (oy * s.out_w + ox) * s.channels;
    for (int64_t c = 0; c < s.channels; c += step) {
      const int64_t at = std::min(c, s.channels - step);
      const float* below = window + s.w * s.channels;
      const V a = lanes.load(window + at), b = lanes.load(window + s.channels + at);
      const V e = lanes.load(below + at), f = lanes.load(below + s.channels + at);
      all = hn::Add(all, hn::Add(hn::Add(a, b), hn::Add(e, f)));
      const LargerNumber larger;
      const Largest<F> best =
          largest<kIndex>(d, largest<kIndex>(d, {a, positions[0]}, {b, positions[1]}, larger),
                          largest<kIndex>(d, {e, positions[2]}, {f, positions[3]}, larger), larger);
      lanes.template store<float>(best.value, y + out + at);
      if (kIndex) lanes.store_index(best.index, index + out + at);
    }
  }
  return hn::AllFalse(d, hn::IsNaN(all));
}

template <bool partial, bool kIndex, class Index>
void max_row(const PoolShape& s, const float* x, int64_t oy, float* y, Index* index) {
  if (is_usual(s, oy) && max_usual_row<partial, kIndex>(s, x, oy, y, index)) return;
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    Largest<F> best{constant(-kInfinity), hn::Set(I(), window.position)};
    each_element(s, window, [&](int64_t at, int32_t position) HWY_ATTR {
      best =
          largest<kIndex>(F(), best, {lanes.load(x + at), hn::Set(I(), position)}, LargerOrNaN());
    });
    lanes.template store<float>(best.value, y + window.out);
    if (kIndex) lanes.store_index(best.index, index + window.out);
  });
}

template <bool partial, class Index>
void max_dx_row(const PoolShape& s, const float* dy, const Index* index, int64_t oy, float* dx) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    const V g = lanes.uncovered(window, lanes.load(dy + window.out));
    const VI chosen = lanes.load_index(index + window.out);
    each_element(s, window, [&](int64_t at, int32_t position) HWY_ATTR {
      const M here = hn::RebindMask(F(), hn::Eq(chosen, hn::Set(I(), position)));
      lanes.add(hn::IfThenElseZero(here, g), dx + at);
    });
  });
}

// Windows that share no elements: nothing to add to, and what two vectors both cover is the same.
template <bool partial, class Index>
void max_dx_disjoint_row(const PoolShape& s, const float* dy, const Index* index, int64_t oy,
                         float* dx) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    const V g = lanes.load(dy + window.out);
    const VI chosen = lanes.load_index(index + window.out);
    each_element(s, window, [&](int64_t at, int32_t position) HWY_ATTR {
      const M here = hn::RebindMask(F(), hn::Eq(chosen, hn::Set(I(), position)));
      lanes.template store<float>(hn::IfThenElseZero(here, g), dx + at);
    });
  });
}

template <bool partial>
void average_row(const PoolShape& s, const float* x, int64_t oy, float* y) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    V sum = hn::Zero(F());
    each_element(s, window,
                 [&](int64_t at, int32_t) HWY_ATTR { sum = hn::Add(sum, lanes.load(x + at)); });
    lanes.template store<float>(hn::Div(sum, count_of(window)), y + window.out);
  });
}

template <bool partial>
void average_dx_row(const PoolShape& s, const float* dy, int64_t oy, float* dx) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    const V share = hn::Div(lanes.load(dy + window.out), count_of(window));
    const V g = lanes.uncovered(window, share);
    each_element(s, window, [&](int64_t at, int32_t) HWY_ATTR { lanes.add(g, dx + at); });
  });
}

template <bool partial>
void l2_row(const PoolShape& s, const float* x, int64_t oy, float* y) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    V sum = hn::Zero(F());
    each_element(s, window, [&](int64_t at, int32_t) HWY_ATTR {
      const V v = lanes.load(x + at);
      sum = hn::MulAdd(v, v, sum);
    });
    lanes.template store<float>(hn::Sqrt(hn::Div(sum, count_of(window))), y + window.out);
  });
}

template <bool partial>
void l2_dx_row(const PoolShape& s, const float* x, const float* y, const float* dy, int64_t oy,
               float* dx) {
  const Lanes<partial> lanes(s);
  each_window(s, oy, [&](const Window& window) HWY_ATTR {
    const V root = lanes.load(y + window.out);
    V g = hn::Div(lanes.load(dy + window.out), hn::Mul(root, count_of(window)));
    g = hn::IfThenZeroElse(hn::Eq(root, hn::Zero(F())), g);  // where all of the window is zero
    g = lanes.uncovered(window, g);
    // x may be infinite in lanes that another vector covers, hence the second mask.
    each_element(s, window, [&](int64_t at, int32_t) HWY_ATTR {
      lanes.add(lanes.uncovered(window, hn::Mul(g, lanes.load(x + at))), dx + at);
    });
  });
}

bool is_partial(const PoolShape& s) { return s.channels < static_cast<int64_t>(hn::Lanes(F())); }

template <bool kIndex, class Index>
void max_row_of(const PoolShape& s, const float* x, int64_t oy, float* y, Index* index) {
  is_partial(s) ? max_row<true, kIndex>(s, x, oy, y, index)
                : max_row<false, kIndex>(s, x, oy, y, index);
}
template <class Index>
void max_dx_row_of(const PoolShape& s, const float* dy, const Index* index, int64_t oy, float* dx) {
  if (s.disjoint()) {
    is_partial(s) ? max_dx_disjoint_row<true>(s, dy, index, oy, dx)
                  : max_dx_disjoint_row<false>(s, dy, index, oy, dx);
  } else {
    is_partial(s) ? max_dx_row<true>(s, dy, index, oy, dx)
                  : max_dx_row<false>(s, dy, index, oy, dx);
  }
}

void max_pool(const PoolShape& s, const float* x, int64_t oy, float* y, void* index) {
  auto* bytes = static_cast<uint8_t*>(index);
  if (index == nullptr) {
    max_row_of<false>(s, x, oy, y, bytes);
  } else if (s.byte_index()) {
    max_row_of<true>(s, x, oy, y, bytes);
  } else {
    max_row_of<true>(s, x, oy, y, static_cast<int32_t*>(index));
  }
}
void max_pool_dx(const PoolShape& s, const float* dy, const void* index, int64_t oy, float* dx) {
  s.byte_index() ? max_dx_row_of(s, dy, static_cast<const uint8_t*>(index), oy, dx)
                 : max_dx_row_of(s, dy, static_cast<const int32_t*>(index), oy, dx);
}
void average_pool(const PoolShape& s, const float* x, int64_t oy, float* y) {
  is_partial(s) ? average_row<true>(s, x, oy, y) : average_row<false>(s, x, oy, y);
}
void average_pool_dx(const PoolShape& s, const float* dy, int64_t oy, float* dx) {
  is_partial(s) ? average_dx_row<true>(s, dy, oy, dx) : average_dx_row<false>(s, dy, oy, dx);
}
void l2_pool(const PoolShape& s, const float* x, int64_t oy, float* y) {
  is_partial(s) ? l2_row<true>(s, x, oy, y) : l2_row<false>(s, x, oy, y);
}
void l2_pool_dx(const PoolShape& s, const float* x, const float* y, const float* dy, int64_t oy,
                float* dx) {
  is_partial(s) ? l2_dx_row<true>(s, x, y, dy, oy, dx) : l2_dx_row<false>(s, x, y, dy, oy, dx);
}

}  // namespace HWY_NAMESPACE
}  // namespace luge
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace luge {

HWY_EXPORT(max_pool);
HWY_EXPORT(max_pool_dx);
HWY_EXPORT(average_pool);
HWY_EXPORT(average_pool_dx);
HWY_EXPORT(l2_pool);
HWY_EXPORT(l2_pool_dx);

void max_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y, void* index) {
  HWY_DYNAMIC_DISPATCH(max_pool)(shape, x, oy, y, index);
}
void max_pool_dx_row(const PoolShape& shape, const float* dy, const void* index, int64_t oy,
                     float* dx) {
  HWY_DYNAMIC_DISPATCH(max_pool_dx)(shape, dy, index, oy, dx);
}
void average_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y) {
  HWY_DYNAMIC_DISPATCH(average_pool)(shape, x, oy, y);
}
void average_pool_dx_row(const PoolShape& shape, const float* dy, int64_t oy, float* dx) {
  HWY_DYNAMIC_DISPATCH(average_pool_dx)(shape, dy, oy, dx);
}
void l2_pool_row(const PoolShape& shape, const float* x, int64_t oy, float* y) {
  HWY_DYNAMIC_DISPATCH(l2_pool)(shape, x, oy, y);
}
void l2_pool_dx_row(const PoolShape& shape, const float* x, const float* y, const float* dy,
                    int64_t oy, float* dx) {
  HWY_DYNAMIC_DISPATCH(l2_pool_dx)(shape, x, y, dy, oy, dx);
}

}  // namespace luge
#endif  // HWY_ONCE
