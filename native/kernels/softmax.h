// Softmax and its cross-entropy over the last axis: x [rows, n].
#pragma once

#include <cstdint>

#include "simd/softmax_rows.h"

namespace luge {

void softmax(const float* x, float* y, int64_t rows, int64_t n);
void softmax_dx(const float* dy, const float* y, float* dx, int64_t rows, int64_t n);

void log_softmax(const float* x, float* y, int64_t rows, int64_t n);
void log_softmax_dx(const float* dy, const float* y, float* dx, int64_t rows, int64_t n);

// loss [rows] = -sum(labels log softmax(logits)), from logits so that no probability underflows. A
// sparse label that is no class gives NaN.
void softmax_cross_entropy(const float* logits, const Labels& labels, float* loss, int64_t rows,
                           int64_t n);
// dlogits [rows, n] = (softmax(logits) sum(labels) - labels) dloss.
void softmax_cross_entropy_dlogits(const float* logits, const Labels& labels, const float* dloss,
                                   float* dlogits, int64_t rows, int64_t n);

}  // namespace luge
