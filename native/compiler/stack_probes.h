#ifndef WASMSH_COMPILER_STACK_PROBES_H_
#define WASMSH_COMPILER_STACK_PROBES_H_

#include "compiler/compilation.h"

namespace wasmsh::compiler {

/**
 * Has functions with large frames touch each page of them in order, so that an overflow of the
 * native stack meets its guard and nothing behind it. WAMR's own check costs every call a compare.
 */
void AddStackProbes(Compilation* compilation);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_STACK_PROBES_H_
