#include "addon/errors.h"

#include <new>

#include "program/program.h"

namespace luge {

ErrorText error_text(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const ProgramError& e) {
    return {"BAD_PROGRAM", e.what()};
  } catch (const ArgumentError& e) {
    return {"BAD_ARGUMENT", e.what()};
  } catch (const std::bad_alloc&) {
    return {"OUT_OF_MEMORY", "There is not enough memory"};
  } catch (const std::exception& e) {
    return {"NATIVE", e.what()};
  } catch (...) {
    return {"NATIVE", "An unknown error occurred"};
  }
}

Napi::Error to_js_error(Napi::Env env, const std::exception_ptr& error) {
  const ErrorText text = error_text(error);
  Napi::Error js_error = Napi::Error::New(env, text.message);
  js_error.Set("code", Napi::String::New(env, text.code));
  return js_error;
}

}  // namespace luge
