// C++ exceptions on their way to JavaScript, where errors carry a code.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "addon/node_api.h"

namespace luge {

// An argument from JavaScript that cannot be used.
class ArgumentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ErrorText {
  const char* code;
  std::string message;
};

ErrorText error_text(const std::exception_ptr& error);
Napi::Error to_js_error(Napi::Env env, const std::exception_ptr& error);

// Calls body; whatever C++ exception it throws is thrown as an error of JavaScript.
template <class Body>
decltype(auto) guarded(Napi::Env env, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw to_js_error(env, std::current_exception());
  }
}

}  // namespace luge
