// Where a sliding window meets the image, along one axis: runs of positions that see the same part
// of the window, so that no kernel has to ask for every pixel whether it lies inside.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <utility>

namespace luge {

// Result i, at first + i * step, sees at tap k of the window the source's element
// base + i * source_step + k * source_tap_step, if there is one in [0, source_size). Tap k is
// element first_tap + k * tap_step of the window.
struct WindowRun;
struct WindowAxis {
  int64_t first = 0, step = 1, count;
  int64_t base, source_step, source_tap_step, source_size;
  int64_t first_tap = 0, tap_step = 1, taps;

  // Where the first result of a run finds its first tap: the element of the source, that of the
  // window.
  int64_t source(const WindowRun& run) const;
  int64_t window(const WindowRun& run) const;

  // How many results lie before this position.
  int64_t results_before(int64_t position) const {
    return position <= first ? 0 : (position - first + step - 1) / step;
  }
};

// Results [begin, begin + count) and the taps [tap, tap + taps) that all of them see.
struct WindowRun {
  int64_t begin, count;
  int64_t tap, taps;
};

inline int64_t WindowAxis::source(const WindowRun& run) const {
  return base + run.begin * source_step + run.tap * source_tap_step;
}
inline int64_t WindowAxis::window(const WindowRun& run) const {
  return first_tap + run.tap * tap_step;
}

inline WindowAxis forward_axis(int64_t size, int64_t out, int64_t kernel, int64_t stride,
                               int64_t pad, int64_t dilation) {
  return {.count = out,
          .base = -pad,
          .source_step = stride,
          .source_tap_step = dilation,
          .source_size = size,
          .taps = kernel};
}

// The inverse: which results an input element has taken part in. With a stride these are others for
// every phase, its position modulo the stride.
inline WindowAxis backward_axis(int64_t size, int64_t out, int64_t kernel, int64_t stride,
                                int64_t pad, int64_t dilation, int64_t phase) {
  const int64_t common = std::gcd(stride, dilation);
  const int64_t tap_step = stride / common;
  int64_t tap = 0;  // the first that meets this phase
  const int64_t period = std::min(tap_step, kernel);
  while (tap < period && (phase + pad - tap * dilation) % stride != 0) ++tap;
  const bool met = tap < period;
  return {.first = phase,
          .step = stride,
          .count = phase < size ? (size - phase + stride - 1) / stride : 0,
          .base = met ? (phase + pad - tap * dilation) / stride : 0,
          .source_step = 1,
          .source_tap_step = -dilation / common,
          .source_size = out,
          .first_tap = tap,
          .tap_step = tap_step,
          .taps = met ? (kernel - tap + tap_step - 1) / tap_step : 0};
}

// The run that begins at `begin`, as long as it goes before `end`.
inline WindowRun window_run(const WindowAxis& axis, int64_t begin, int64_t end) {
  const int64_t step = axis.source_tap_step;
  const auto seen = [&](int64_t i) {
    const int64_t at = axis.base + i * axis.source_step;
    const int64_t ahead = step > 0 ? axis.source_size - 1 - at : at;  // until the end
    const int64_t behind = axis.source_size - 1 - ahead;
    const int64_t size = step > 0 ? step : -step;
    if (ahead < 0) return std::pair<int64_t, int64_t>(0, 0);
    const int64_t from = behind < 0 ? (size - 1 - behind) / size : 0;
    const int64_t to = std::min(axis.taps, ahead / size + 1);
    return from < to ? std::pair(from, to) : std::pair<int64_t, int64_t>(0, 0);
  };
  const auto taps = seen(begin);
  int64_t last = begin + 1;
  while (last < end && seen(last) == taps) ++last;
  return {
      .begin = begin, .count = last - begin, .tap = taps.first, .taps = taps.second - taps.first};
}

// Calls body(run) for the runs that make up results [begin, end).
template <class Body>
void for_window_runs(const WindowAxis& axis, int64_t begin, int64_t end, Body body) {
  while (begin < end) {
    const WindowRun run = window_run(axis, begin, end);
    body(run);
    begin += run.count;
  }
}

}  // namespace luge
