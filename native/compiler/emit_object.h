#ifndef WASMSH_COMPILER_EMIT_OBJECT_H_
#define WASMSH_COMPILER_EMIT_OBJECT_H_

#include <llvm-c/TargetMachine.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Does what LLVMTargetMachineEmitToMemoryBuffer does for an object file. While a TrapTable lives,
 * it gets to know each machine instruction that may trap, and while a SpillTable lives, it where
 * LLVM has put what is spilled.
 */
LLVMBool EmitObjectWithPlaces(LLVMTargetMachineRef machine, LLVMModuleRef module, char** error,
                              LLVMMemoryBufferRef* buffer);

#ifdef __cplusplus
}
#endif

#endif  // WASMSH_COMPILER_EMIT_OBJECT_H_
