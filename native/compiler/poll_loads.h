#ifndef WASMSH_COMPILER_POLL_LOADS_H_
#define WASMSH_COMPILER_POLL_LOADS_H_

#include "compiler/compilation.h"

namespace llvm {
class Instruction;
}

namespace wasmsh::compiler {

/** What was found to change. */
struct PollLoads {
  uint32_t polls = 0;
  uint32_t checks = 0;  // behind calls
};

/**
 * Turns reads of the two marked globals into loads of the *request word*: the upper half of the
 * padded union WASMExecEnv.suspend_flags, which WAMR never touches, so that the word belongs to the
 * thread and costs no load of the instance. A poll is volatile: it may neither leave its loop nor
 * be joined with another one. A check behind a call is not: each way to it passes a call or a poll.
 *
 * What follows a word that is not zero is marked as cold. Codes: COMPILE_TARGET for 32 bits, where
 * there is no such hole.
 */
Status RedirectPolls(const Compilation& compilation, PollLoads* found);

/** Whether the instruction is a poll that RedirectPolls made. */
bool IsPoll(const llvm::Instruction& instruction);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_POLL_LOADS_H_
