#ifndef WASMSH_COMPILER_POLLED_LOOP_H_
#define WASMSH_COMPILER_POLLED_LOOP_H_

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

/** An innermost loop without calls, whose only poll decides its latch. */
struct PolledLoop {
  llvm::Loop* loop = nullptr;
  llvm::BasicBlock* latch = nullptr;
  llvm::BasicBlock* cold = nullptr;  // where the latch goes when the request word is not zero
  llvm::LoadInst* poll = nullptr;
  uint64_t most_rounds = 0;  // that fit into the budget

  /** Nothing for a loop of another form. `budget` is in units of a third of a nanosecond or so. */
  static std::optional<PolledLoop> Match(llvm::Loop* loop, llvm::ScalarEvolution& evolution,
                                         uint32_t budget);

  /** Whether an exit other than the poll's bounds the rounds by a constant that is small enough. */
  bool IsShort(llvm::ScalarEvolution& evolution, const llvm::DominatorTree& dominators) const;
  /** Rounds after which an exit other than the poll's is taken, if that can be computed cheaply in
   *  front of the loop; else nullptr. */
  const llvm::SCEV* RoundsOnEntry(llvm::ScalarEvolution& evolution,
                                  const llvm::DominatorTree& dominators,
                                  llvm::SCEVExpander& expander,
                                  const llvm::TargetTransformInfo& target) const;
};

/** Lets a latch go straight to its header. */
void DropPoll(llvm::BasicBlock* latch, llvm::BasicBlock* cold, llvm::BasicBlock* header,
              llvm::LoadInst* poll);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_POLLED_LOOP_H_
