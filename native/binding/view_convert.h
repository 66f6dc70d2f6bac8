#ifndef WASMSH_BINDING_VIEW_CONVERT_H_
#define WASMSH_BINDING_VIEW_CONVERT_H_

#include <napi.h>

#include "image/view.h"

namespace wasmsh::binding {

/** The wasm view as src/core/wasm-view.ts declares it. */
Napi::Object ViewToJs(Napi::Env env, const view::View& view);
/** Throws a TypeError where the structure is not that of wasm-view.ts. */
view::View ViewFromJs(const Napi::Value& value);
view::Descriptor DescriptorFromJs(const Napi::Value& value);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_VIEW_CONVERT_H_
