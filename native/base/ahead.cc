#include "base/ahead.h"

#include <algorithm>

namespace luge {
namespace {

constexpr int64_t kLine = 64;
// More lines at once would only wait for each other.
constexpr int64_t kMostAtOnce = 256;

int64_t lines_of(const RowsAhead& array) { return (array.row_bytes + kLine - 1) / kLine; }

}  // namespace

int64_t Ahead::first_row(const RowsAhead& array, int64_t thread) const {
  return array.count * thread / static_cast<int64_t>(shares_.size());
}

void Ahead::start(std::span<const RowsAhead> arrays) {
  arrays_.assign(arrays.begin(), arrays.end());
  int64_t lines = 0;
  for (const RowsAhead& array : arrays_) lines += array.count * lines_of(array);
  lines /= static_cast<int64_t>(shares_.size());
  for (size_t i = 0; i < shares_.size(); ++i) {
    Share& share = shares_[i];
    // The next step will have about as many pieces as this one had.
    const int64_t calls = std::max<int64_t>(1, share.calls);
    share = {.thread = static_cast<int>(i),
             .at_once = std::min(kMostAtOnce, (lines + calls - 1) / calls)};
    if (!arrays_.empty()) share.row = first_row(arrays_[0], share.thread);
  }
}

void Ahead::fetch_some(Share& share) {
  for (int64_t left = share.at_once; left > 0;) {
    const RowsAhead& array = arrays_[share.array];
    if (share.row == first_row(array, share.thread + 1)) {
      if (++share.array == arrays_.size()) return;
      share.row = first_row(arrays_[share.array], share.thread);
      share.offset = 0;
      continue;
    }
    const std::byte* row = array.data + array.rows[share.row] * array.row_bytes;
    for (; left > 0 && share.offset < array.row_bytes; share.offset += kLine, --left) {
      __builtin_prefetch(row + share.offset, 0, 2);  // into the second-level cache
    }
    if (share.offset < array.row_bytes) return;
    ++share.row;
    share.offset = 0;
  }
}

}  // namespace luge
