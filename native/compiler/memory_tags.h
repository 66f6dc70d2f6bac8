#ifndef WASMSH_COMPILER_MEMORY_TAGS_H_
#define WASMSH_COMPILER_MEMORY_TAGS_H_

#include "compiler/compilation.h"

namespace wasmsh::compiler {

/**
 * Says that what a guest stores into its memory changes neither the execution environment nor where
 * its memory lies. WAMR reads the latter at each access in a function that calls anything, since a
 * callee could grow the memory, and with cold paths each function that can be stopped does; without
 * the tags those reads stay in the loops, where plain code has none.
 *
 * To be called once polls are redirected.
 */
void TagMemory(const Compilation& compilation);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_MEMORY_TAGS_H_
