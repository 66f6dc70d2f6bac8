#ifndef WASMSH_BINDING_ERRORS_H_
#define WASMSH_BINDING_ERRORS_H_

#include <napi.h>

#include "status.h"

namespace wasmsh::binding {

/** Makes a JavaScript Error with the properties `code` and `errno`. */
Napi::Error ToError(Napi::Env env, const Status& status);

/** Throws unless the status is Ok. */
void ThrowUnlessOk(Napi::Env env, const Status& status);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_ERRORS_H_
