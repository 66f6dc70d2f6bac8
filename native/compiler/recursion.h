#ifndef WASMSH_COMPILER_RECURSION_H_
#define WASMSH_COMPILER_RECURSION_H_

#include <cstdint>

#include "compiler/options.h"

namespace llvm {
class PassBuilder;
}

namespace wasmsh::compiler {

/**
 * Puts small functions that call themselves into themselves, once. Plain code often turns one of
 * their calls into a loop; code that can be stopped has to keep the frame of each call, and pays
 * for entry, poll and check each time. Two calls out of three go by this, and with them their polls
 * at entry: the one of the function itself stays, so that each way round still has a poll. The
 * frames that leave are the same: a copy hands over its own, and so does what it is in.
 */
class Recursion {
 public:
  explicit Recursion(const Options& options) : options_(options) {}

  /** Hooks the pass into a pipeline that `builder` is going to build; this object has to outlive
   *  the pipeline. */
  void Register(llvm::PassBuilder* builder);

  uint32_t inlined = 0;

 private:
  const Options& options_;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_RECURSION_H_
