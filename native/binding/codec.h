#ifndef WASMSH_BINDING_CODEC_H_
#define WASMSH_BINDING_CODEC_H_

#include <napi.h>

namespace wasmsh::binding {

/** Adds createCompressor and createDecompressor. */
void DefineCodecs(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_CODEC_H_
