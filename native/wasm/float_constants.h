#ifndef WASMSH_WASM_FLOAT_CONSTANTS_H_
#define WASMSH_WASM_FLOAT_CONSTANTS_H_

#include <cstdint>
#include <vector>

#include "status.h"
#include "wasm/module.h"

namespace wasmsh::wasm {

/**
 * Reverses the bytes of every f32.const and f64.const, in bodies and in initial values of globals:
 * the one kind of number that WAMR copies from the module as it stands there, which is wrong on a
 * big-endian host. `bytes` are a copy of the module's. Code: MODULE_INVALID.
 */
Status ReverseFloatConstants(const Module& module, std::vector<uint8_t>* bytes);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_FLOAT_CONSTANTS_H_
