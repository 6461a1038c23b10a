// Softmax and cross-entropy over rows of x [rows, n], for the kernels in kernels/softmax.
#pragma once

#include <cstdint>

#include "base/dtype.h"

namespace luge {

// y = e^x / sum(e^x), or its logarithm. y may be x.
void softmax_rows(const float* x, int64_t rows, int64_t n, float* y);
void log_softmax_rows(const float* x, int64_t rows, int64_t n, float* y);

// dx from dy and the result y: y (dy - sum(dy y)), or dy - e^y sum(dy). dx may be dy or y.
void softmax_dx_rows(const float* dy, const float* y, int64_t rows, int64_t n, float* dx);
void log_softmax_dx_rows(const float* dy, const float* y, int64_t rows, int64_t n, float* dx);

// What is to be predicted: probabilities [rows, n] (float32), or the class of every row [rows]
// (int32 or uint8).
struct Labels {
  const void* data;
  DType dtype;
  bool sparse;
};

// loss[r] = -sum(labels log softmax(x)); NaN where a sparse label is no class. A class of label 0
// adds nothing even where its probability is 0.
void cross_entropy_rows(const float* x, const Labels& labels, int64_t first_row, int64_t rows,
                        int64_t n, float* loss);

// dx = (softmax(x) sum(labels) - labels) dloss; NaN where a sparse label is no class. dx may be x.
void cross_entropy_dx_rows(const float* x, const Labels& labels, const float* dloss,
                           int64_t first_row, int64_t rows, int64_t n, float* dx);

}  // namespace luge
