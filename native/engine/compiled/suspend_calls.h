#ifndef WASMSH_ENGINE_COMPILED_SUSPEND_CALLS_H_
#define WASMSH_ENGINE_COMPILED_SUSPEND_CALLS_H_

#include "engine/compiled/suspended_stack.h"
#include "status.h"

namespace wasmsh::engine {

/** Registers what compiled code calls to leave the native stack and to come back. Engine thread,
 * once, before any compiled code is loaded. */
Status RegisterSuspendCalls();

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_SUSPEND_CALLS_H_
