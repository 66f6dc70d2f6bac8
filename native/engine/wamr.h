#ifndef WASMSH_ENGINE_WAMR_H_
#define WASMSH_ENGINE_WAMR_H_

/** WAMR's headers, for C++. Only engine/ and hostcalls/ include it. */

extern "C" {
#include "bh_bitmap.h"
#include "interpreter/wasm_interp.h"
#include "interpreter/wasm_loader.h"
#include "interpreter/wasm_runtime.h"
#include "wasm_exec_env.h"
#include "wasm_export.h"
#include "wasm_memory.h"
#include "wasm_shared_memory.h"
}

#endif  // WASMSH_ENGINE_WAMR_H_
