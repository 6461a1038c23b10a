#include "kernels/matmul_epilogue.h"

#include <algorithm>

#include "base/parallel.h"
#include "kernels/matmul_tiling.h"

namespace luge {

void run_epilogue(int64_t rows, int64_t columns, Epilogue epilogue) {
  if (!epilogue) return;
  const int64_t step = rows_per_pass(columns);
  parallel_for(ceil_div(rows, step), [&](int64_t chunk, int thread) {
    epilogue(chunk * step, std::min(rows, (chunk + 1) * step), thread);
  });
}

void add_partials(int64_t rows, int64_t columns, int64_t count, const float* partials, float* out,
                  Epilogue epilogue) {
  const int64_t size = rows * columns;
  const int64_t step = rows_per_pass(columns);
  parallel_for(ceil_div(rows, step), [&](int64_t chunk, int thread) {
    const int64_t row_begin = chunk * step;
    const int64_t row_end = std::min(rows, row_begin + step);
    const int64_t end = row_end * columns;
    for (int64_t p = 0; p < count; ++p) {
      const float* partial = partials + p * size;
#pragma omp simd
      for (int64_t i = row_begin * columns; i < end; ++i) out[i] += partial[i];
    }
    epilogue(row_begin, row_end, thread);
  });
}

}  // namespace luge
