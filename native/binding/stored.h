#ifndef WASMSH_BINDING_STORED_H_
#define WASMSH_BINDING_STORED_H_

#include <napi.h>

#include <string>
#include <vector>

#include "image/memory_image.h"

namespace wasmsh::binding {

/** A stored memory as JavaScript names it: `{ index, images }`. */
struct StoredMemoryFiles {
  image::MemoryImage image;
  std::vector<std::string> paths;
};

/** Throws when the index does not decode or does not fit the number of images. */
StoredMemoryFiles StoredFromJs(const Napi::Value& value);
StoredMemoryFiles StoredFromJs(const Napi::Value& index, const Napi::Value& images);

/** NativeMemoryIndex of src/core/native.ts. */
Napi::Object IndexToJs(Napi::Env env, const image::MemoryImage& image);

/** Adds what works on stored snapshots: decodeState, verifyImage, ... */
void DefineStored(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_STORED_H_
