// Mean and variance over the middle axis of x [outer, n, inner], in one pass over memory.
#pragma once

#include <cstdint>

#include "kernels/reduce.h"

namespace luge {

// Floats of 64-byte aligned workspace.
int64_t moments_workspace(const ReduceShape& shape);

// mean, variance [outer, inner]; the variance is divided by n, which is at least 1. Rows are taken
// a block at a time: its mean, then while it is in cache the deviations from that mean, so that
// neither a mean far from 0 nor a long axis costs digits. Blocks are put together in double
// precision (Chan, Golub and LeVeque 1979).
void moments(const float* x, float* mean, float* variance, const ReduceShape& shape,
             float* workspace);

}  // namespace luge
