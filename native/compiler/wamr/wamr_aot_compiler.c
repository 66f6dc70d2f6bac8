/*
 * WAMR's aot_compiler.c, unmodified, with its hook for debug information switched on: it calls
 * dwarf_gen_location in front of each instruction, which is ours (places/instruction_places.cc).
 * Only in this file: elsewhere the same switch changes structs, and the file that is emitted.
 */
#include <llvm-c/DebugInfo.h>

#include "../aot/aot_runtime.h"
#include "../interpreter/wasm_opcode.h"
#include "aot_compiler.h"

#undef WASM_ENABLE_DEBUG_AOT
#define WASM_ENABLE_DEBUG_AOT 1

enum { kCountBefore = __COUNTER__ };
/* Offsets count from the start of the module instead of its code section. */
#define buf_code load_addr
/* There is no such builder in the structs of this build. */
#define LLVMDIBuilderFinalize(builder) ((void)__COUNTER__)
#include "compilation/aot_compiler.c"
_Static_assert(__COUNTER__ - kCountBefore - 1 == 1,
               "WAMR's aot_compiler.c no longer ends its debug information once");
