#ifndef WASMSH_COMPILER_WAMR_LAYOUT_H_
#define WASMSH_COMPILER_WAMR_LAYOUT_H_

#include <cstdint>

/** Where WAMR's structures have what compiled code looks up, in pointers; WAMR asserts each. */
namespace wasmsh::compiler {

/** Of WASMExecEnv. */
constexpr uint32_t kModuleInstanceIndex = 2;
constexpr uint32_t kArgumentBufferIndex = 3;
constexpr uint32_t kSuspendFlagsIndex = 5;
/** Of AOTModuleInstance. */
constexpr uint32_t kFunctionPointersIndex = 5;

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_WAMR_LAYOUT_H_
