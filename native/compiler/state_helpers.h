#ifndef WASMSH_COMPILER_STATE_HELPERS_H_
#define WASMSH_COMPILER_STATE_HELPERS_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/compilation.h"

namespace llvm {
class CallInst;
class Function;
}  // namespace llvm

namespace wasmsh::compiler {

/** The functions of the pass by which frames leave: each does nothing but call one of the host's.
 * To be found before anything is optimized. */
struct StateHelpers {
  explicit StateHelpers(const Compilation& compilation);

  llvm::Function* frame = nullptr;  // begins one; null in a module that the pass has not made
  std::vector<llvm::Function*> spill;
};

/** Function and point of the frame that a call of `StateHelpers::frame` begins; nothing for a call
 *  whose numbers are no constants. */
std::optional<std::pair<uint32_t, uint32_t>> FramePointOf(const llvm::CallInst& call);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_STATE_HELPERS_H_
