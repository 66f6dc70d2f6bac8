#ifndef WASMSH_BINDING_PIPES_H_
#define WASMSH_BINDING_PIPES_H_

#include <napi.h>

namespace wasmsh::binding {

/** Adds createPipe, closeDescriptor, seekDescriptor and pipeBytes. */
void DefinePipes(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_PIPES_H_
