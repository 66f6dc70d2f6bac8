#ifndef WASMSH_COMPILER_NULL_REFERENCES_H_
#define WASMSH_COMPILER_NULL_REFERENCES_H_

struct WASMModule;

namespace wasmsh::compiler {

/** Writes the null references that globals, tables and segments begin with as a runtime without
 *  garbage collection reads them. WAMR's compiler has garbage collection in it, where null is 0. */
void MendNullReferences(WASMModule* module);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_NULL_REFERENCES_H_
