#ifndef WASMSH_COMPILER_POLLED_LOOP_H_
#define WASMSH_COMPILER_POLLED_LOOP_H_

#include <llvm/ADT/SmallVector.h>

#include <cstdint>
#include <optional>

namespace llvm {
class BasicBlock;
class DominatorTree;
class LoadInst;
class Loop;
class SCEV;
class ScalarEvolution;
class SCEVExpander;
class TargetTransformInfo;
}  // namespace llvm

namespace wasmsh::compiler {

/** A poll that decides the branch at the end of its block. */
struct Poll {
  llvm::LoadInst* load = nullptr;
  llvm::BasicBlock* block = nullptr;
  llvm::BasicBlock* cold = nullptr;  // where the block goes when the request word is not zero
  llvm::BasicBlock* next = nullptr;  // and otherwise
};

/** The poll that decides how a block ends; nothing when none does. */
std::optional<Poll> PollOf(llvm::BasicBlock* block);

/** Lets the block of a poll go on without it. The loops that it is in keep their form. */
void DropPoll(const Poll& poll);

/** An exit of a loop by which its rounds are counted. */
struct CountedExit {
  llvm::BasicBlock* block = nullptr;
  /** The round, from 0, in which it is taken. */
  const llvm::SCEV* rounds = nullptr;
};

/** An innermost loop without calls, of whose polls each leaves the loop when it is not zero. */
struct PolledLoop {
  llvm::Loop* loop = nullptr;
  llvm::SmallVector<Poll, 2> polls;
  uint64_t most_rounds = 0;  // that fit into the budget

  /** Nothing for a loop of another form. `budget` is in units of a third of a nanosecond or so. */
  static std::optional<PolledLoop> Match(llvm::Loop* loop, llvm::ScalarEvolution& evolution,
                                         uint32_t budget);

  /** Whether an exit other than the polls' bounds the rounds by a constant that is small enough. */
  bool IsShort(llvm::ScalarEvolution& evolution, const llvm::DominatorTree& dominators) const;
  /** An exit other than the polls' whose round can be computed cheaply in front of the loop. */
  std::optional<CountedExit> FindCountedExit(llvm::ScalarEvolution& evolution,
                                             const llvm::DominatorTree& dominators,
                                             llvm::SCEVExpander& expander,
                                             const llvm::TargetTransformInfo& target) const;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_POLLED_LOOP_H_
