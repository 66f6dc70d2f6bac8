#ifndef WASMSH_COMPILER_STAND_INS_H_
#define WASMSH_COMPILER_STAND_INS_H_

#include <cstdint>

#include "compiler/compilation.h"

namespace wasmsh::compiler {

/**
 * For a build of twins only: the first `count` functions with a body stand for those of the build
 * whose instance the twins run in. Calls of them take the address from that instance, which keeps
 * one for each function; their own bodies are dropped, and no code is made of them.
 *
 * Returns the number of calls found.
 */
uint32_t ReplaceStandIns(const Compilation& compilation, uint32_t count);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_STAND_INS_H_
