// A matrix product that is never whole: rows are made some at a time and used while they are in the
// cache.
#pragma once

#include <cstdint>

#include "kernels/matmul.h"

namespace luge {

// How many rows are made at a time.
int64_t matmul_rows_step(const MatmulShape& shape);

// Floats of 64-byte aligned workspace: one tile of rows for each thread, then b as the kernel reads
// it.
int64_t matmul_rows_workspace(const MatmulShape& shape, int threads);

// Where a thread's rows are made: `step` rows of n floats.
inline float* matmul_rows_tile(const MatmulShape& shape, float* workspace, int thread) {
  return workspace + thread * matmul_rows_step(shape) * shape.n;
}

// The product of a single matrix by another, of which k is not 0. Each call of `use` finds its rows
// in the tile of its thread; all begin at a multiple of `step`.
void matmul_rows(const MatmulShape& shape, const float* a, const float* b, float* workspace,
                 Epilogue use);

}  // namespace luge
