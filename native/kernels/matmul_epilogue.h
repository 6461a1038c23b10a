// What a product does to its rows while they are still in cache: bias, activation, residual...
#pragma once

#include <cstdint>
#include <type_traits>

namespace luge {

// A reference to a callable (row_begin, row_end, thread), which must outlive the call it is passed
// to. It is called once for every range of finished rows, by the thread that finished them; the
// ranges cover all rows without overlap and depend on shapes alone.
class Epilogue {
 public:
  Epilogue() = default;

  template <class Body, class = std::enable_if_t<!std::is_same_v<std::decay_t<Body>, Epilogue>>>
  Epilogue(const Body& body)  // NOLINT: converts like std::function, but never allocates
      : body_(&body), call_([](const void* erased, int64_t row_begin, int64_t row_end, int thread) {
          (*static_cast<const Body*>(erased))(row_begin, row_end, thread);
        }) {}

  explicit operator bool() const { return call_ != nullptr; }

  void operator()(int64_t row_begin, int64_t row_end, int thread) const {
    if (call_) call_(body_, row_begin, row_end, thread);
  }

 private:
  const void* body_ = nullptr;
  void (*call_)(const void*, int64_t, int64_t, int) = nullptr;
};

// Calls the epilogue for all rows of a [rows, columns] matrix, in parallel.
void run_epilogue(int64_t rows, int64_t columns, Epilogue epilogue);

// out[i] += partials[0][i] + partials[1][i] + ..., in this order, for a [rows, columns] matrix out
// and `count` dense partials behind one another; then the epilogue on the rows just summed.
void add_partials(int64_t rows, int64_t columns, int64_t count, const float* partials, float* out,
                  Epilogue epilogue);

}  // namespace luge
