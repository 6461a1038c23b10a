#include "ops/op_table.h"
namespace luge {
namespace {
const char* refuse(const OpCall&) { return "not built yet"; }
}
#define P(name) const Op name##_op = {refuse, nullptr, nullptr, false};
P(conv2d) P(conv2d_dx) P(conv2d_dweight)
P(max_pool2d) P(max_pool2d_dx) P(average_pool2d) P(average_pool2d_dx) P(l2_pool2d) P(l2_pool2d_dx)
P(reduce_sum) P(reduce_max) P(reduce_min) P(reduce_prod) P(argmax) P(argmin)
P(transpose) P(broadcast) P(concat) P(pad) P(slice) P(slice_dx) P(gather) P(gather_dx) P(one_hot)
P(softmax) P(softmax_dx) P(log_softmax) P(log_softmax_dx) P(softmax_cross_entropy) P(softmax_cross_entropy_dlogits)
P(random_uniform) P(random_normal) P(truncated_normal) P(dropout)
}
