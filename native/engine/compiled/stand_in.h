#ifndef WASMSH_ENGINE_COMPILED_STAND_IN_H_
#define WASMSH_ENGINE_COMPILED_STAND_IN_H_

#include <cstdint>
#include <vector>

#include "wasm/module.h"

namespace wasmsh::engine {

/**
 * A module that WAMR's interpreter can instantiate in place of one with SIMD: same imports,
 * exports, memories, tables, segments and numbers of everything, but no vectors and nothing to run.
 * Its instance keeps the state of a guest that runs in compiled code only.
 *
 * Bodies are `unreachable`. A v128 is two i64 in types; a global of that type is its low half, and
 * the high halves are further globals behind all others, in the order of the low ones. They begin
 * as zero: what they begin with in truth is in the compiled instance.
 */
std::vector<uint8_t> StandIn(const wasm::Module& module);

/** Number of the global that has the high half of a v128 global in a stand-in. */
uint32_t HighHalfGlobal(const wasm::Module& module, uint32_t global);

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_STAND_IN_H_
