#ifndef WASMSH_COMPILER_MEMORY_PLACES_H_
#define WASMSH_COMPILER_MEMORY_PLACES_H_

#include <optional>

namespace llvm {
class DILocation;
class FunctionPass;
class MachineInstr;
}  // namespace llvm

namespace wasmsh::compiler {

/**
 * A pass to run in front of instruction selection. A machine instruction that contains a load, such
 * as an addition, has the debug location of the addition; the load's own goes with its pointer,
 * which the machine instruction remembers as what it accesses. So each load and store gets a
 * pointer of its own, an addition of nothing, that has its location.
 */
llvm::FunctionPass* CreateMemoryPlacesPass();

/** What a machine instruction that accesses memory, other than its frame's, is for. */
struct Access {
  bool is_memory = false;
  /** Null when it is not known. */
  const llvm::DILocation* location = nullptr;
};

Access AccessOf(const llvm::MachineInstr& instruction);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_MEMORY_PLACES_H_
