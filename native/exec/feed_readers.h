// Which operands of a program see a feed, so that they can be pointed to memory of the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program/program.h"

namespace luge {

// An input, counted over the inputs and outputs of all instructions in order, and the bytes at
// which it begins within the feed.
struct FeedReader {
  size_t operand;
  int64_t offset;
};

// All inputs that read the feed before its memory is used for something else. None if it has to lie
// in its own memory all the same: because a result or an input shows a part of it beside other
// things.
std::vector<FeedReader> find_feed_readers(const Program& program, size_t feed);

}  // namespace luge
