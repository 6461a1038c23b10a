#include "kernels/softmax.h"

#include <algorithm>

#include "base/parallel.h"

namespace luge {
namespace {

// Calls body(first, count) on groups of rows that are worth a thread.
template <class Body>
void each_group(int64_t rows, int64_t n, Body body) {
  constexpr int64_t kElements = 4096;
  const int64_t group = std::max<int64_t>(1, kElements / std::max<int64_t>(n, 1));
  parallel_pieces<1>(rows, group,
                     [&](int64_t begin, int64_t end, int) { body(begin, end - begin); });
}

}  // namespace

void softmax(const float* x, float* y, int64_t rows, int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    softmax_rows(x + first * n, count, n, y + first * n);
  });
}

void softmax_dx(const float* dy, const float* y, float* dx, int64_t rows, int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    softmax_dx_rows(dy + first * n, y + first * n, count, n, dx + first * n);
  });
}

void log_softmax(const float* x, float* y, int64_t rows, int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    log_softmax_rows(x + first * n, count, n, y + first * n);
  });
}

void log_softmax_dx(const float* dy, const float* y, float* dx, int64_t rows, int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    log_softmax_dx_rows(dy + first * n, y + first * n, count, n, dx + first * n);
  });
}

void softmax_cross_entropy(const float* logits, const Labels& labels, float* loss, int64_t rows,
                           int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    cross_entropy_rows(logits, labels, first, count, n, loss);
  });
}

void softmax_cross_entropy_dlogits(const float* logits, const Labels& labels, const float* dloss,
                                   float* dlogits, int64_t rows, int64_t n) {
  each_group(rows, n, [&](int64_t first, int64_t count) {
    cross_entropy_dx_rows(logits, labels, dloss, first, count, n, dlogits);
  });
}

}  // namespace luge
