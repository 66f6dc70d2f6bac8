#include "binding/errors.h"

namespace wasmsh::binding {

Napi::Error ToError(Napi::Env env, const Status& status) {
  Napi::Error error = Napi::Error::New(env, status.message);
  error.Set("code", Napi::String::New(env, status.code));
  error.Set("errno", Napi::Number::New(env, status.system_errno));
  return error;
}

void ThrowUnlessOk(Napi::Env env, const Status& status) {
  if (!status.ok()) throw ToError(env, status);
}

}  // namespace wasmsh::binding
