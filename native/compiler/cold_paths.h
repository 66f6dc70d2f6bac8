#ifndef WASMSH_COMPILER_COLD_PATHS_H_
#define WASMSH_COMPILER_COLD_PATHS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "compiler/compilation.h"

namespace llvm {
class CallInst;
}

namespace wasmsh::compiler {

/** What of the host's a call calls to move frames; nothing for other calls. */
std::optional<std::string> StateCall(const llvm::CallInst& call, const Compilation& compilation);

/**
 * Keeps the calls that move values out of frames from costing anything where they are not made:
 *
 * - they are marked as cold;
 * - stores of their arguments become volatile, or else the vectorizer, which WAMR runs first, packs
 *   values of the hot path for them;
 * - WAMR loads the address of the argument buffer once a function; such a call gets a load of its
 *   own, or else that address occupies a register all along.
 *
 * With `spares_twins` functions that go on at a stable point are not optimized. Returns the number
 * of calls found.
 */
uint32_t CoolStateCalls(const Compilation& compilation, bool spares_twins);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_COLD_PATHS_H_
