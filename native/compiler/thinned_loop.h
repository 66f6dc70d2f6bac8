#ifndef WASMSH_COMPILER_THINNED_LOOP_H_
#define WASMSH_COMPILER_THINNED_LOOP_H_

#include "compiler/polled_loop.h"

namespace llvm {
class AssumptionCache;
class LoopInfo;
class OptimizationRemarkEmitter;
}  // namespace llvm

namespace wasmsh::compiler {

/** What a pass over a function has at hand. */
struct LoopTools {
  llvm::LoopInfo* loops;
  llvm::DominatorTree* dominators;
  llvm::ScalarEvolution* evolution;
  llvm::AssumptionCache* assumptions;
  const llvm::TargetTransformInfo* target;
  llvm::OptimizationRemarkEmitter* remarks;
};

/** More does not gain more, and the code grows by it. */
constexpr unsigned kThinnedRounds = 4;

/** Whether a profile calls the loop hot, and it is small enough to be written out several times. */
bool IsWorthThinning(const PolledLoop& polled);

/**
 * Thins the polls of a loop whose rounds nobody can count: it is written out `times` over, and of
 * those rounds the last one polls: each way round still passes a poll. Returns false, and leaves
 * the loop as it is, where that fails.
 */
bool ThinLoop(const PolledLoop& polled, unsigned times, const LoopTools& tools);

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_THINNED_LOOP_H_
