#ifndef WASMSH_COMPILER_INSTRUCTION_PLACES_H_
#define WASMSH_COMPILER_INSTRUCTION_PLACES_H_

#include <cstdint>
#include <optional>

#include "compiler/code_places.h"

namespace llvm {
class DILocation;
class DISubprogram;
class Function;
class Module;
}  // namespace llvm

namespace wasmsh::compiler {

/**
 * Gives each instruction, while it is generated, the place in the original module that it is for,
 * as a debug location: LLVM keeps those through inlining and all of its passes, and drops them
 * where they would be wrong. No debug information is written. One at a time in a process.
 */
class InstructionPlaces {
 public:
  explicit InstructionPlaces(CodePlaces* places);
  ~InstructionPlaces();
  InstructionPlaces(const InstructionPlaces&) = delete;
  InstructionPlaces& operator=(const InstructionPlaces&) = delete;

  /** Called by WAMR's compiler in front of each instruction: the location of what will be built. */
  llvm::DILocation* At(llvm::Function* function, const uint8_t* body, const uint8_t* instruction);

 private:
  llvm::DISubprogram* Enter(llvm::Function* function);

  CodePlaces* const places_;
  llvm::Function* current_ = nullptr;
  uint32_t built_ = 0;  // number of the current function, among those with a body
};

/** The original function; nothing for one of the pass. */
std::optional<uint32_t> FunctionOf(const llvm::DISubprogram& function);
/** The function whose code a location is in: before inlining, and after it for what is inlined. */
std::optional<uint32_t> FunctionOf(const llvm::DILocation& location);
/** The pc in it; nothing for what LLVM has made of several instructions. */
std::optional<uint32_t> PcOf(const llvm::DILocation& location);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_INSTRUCTION_PLACES_H_
