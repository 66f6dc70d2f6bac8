#ifndef WASMSH_BINDING_HOST_FILES_H_
#define WASMSH_BINDING_HOST_FILES_H_

#include <napi.h>

namespace wasmsh::binding {

/** Adds openBeneath, setModified and copyContents to the exports. */
void DefineHostFiles(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_HOST_FILES_H_
