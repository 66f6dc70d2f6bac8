#ifndef WASMSH_COMPILER_HOT_LOOPS_H_
#define WASMSH_COMPILER_HOT_LOOPS_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "compiler/compilation.h"
#include "status.h"

namespace llvm {
class Instruction;
}

namespace wasmsh::compiler {

/** The loops that a profile calls hot, by function of the original module and stable point. */
class HotLoops {
 public:
  /** Reads lines of two numbers. Codes: MODULE_FILE. */
  static Status Read(const std::string& path, HotLoops* out);

  /**
   * Marks the polls of these loops. A poll's cold path tells whose it is: it hands the frame over,
   * by a function that is called with both numbers. Behind RedirectPolls, before anything is
   * optimized. Returns how many were marked.
   */
  uint32_t Mark(const Compilation& compilation) const;

 private:
  std::set<std::pair<uint64_t, uint64_t>> loops_;
};

/** Whether the instruction is a poll of a hot loop. */
bool IsHotPoll(const llvm::Instruction& instruction);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_HOT_LOOPS_H_
