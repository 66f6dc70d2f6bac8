#ifndef WASMSH_BINDING_GUEST_OPTIONS_H_
#define WASMSH_BINDING_GUEST_OPTIONS_H_

#include <napi.h>

#include "engine/guest.h"

namespace wasmsh::binding {

/** NativeGuestOptions of src/core/native.ts. */
engine::GuestOptions StartOptions(const Napi::Value& value);

/** NativeRecoverOptions of src/core/native.ts. Throws on a state or index that does not decode. */
engine::GuestOptions RecoverOptions(const Napi::Value& value);

/** NativeEdit of src/core/native.ts. */
engine::Edit EditFromJs(const Napi::Value& value);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_GUEST_OPTIONS_H_
