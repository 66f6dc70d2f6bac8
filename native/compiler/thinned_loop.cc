#include "compiler/thinned_loop.h"

#include <llvm/ADT/SmallPtrSet.h>
#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/OptimizationRemarkEmitter.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/CFG.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/UnrollLoop.h>

#include "compiler/hot_loops.h"

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Loop;

/** Of a round, phis and all. */
constexpr size_t kMostInstructions = 96;

/** Whether the loop's end can be reached from a poll that is passed, without another poll. */
bool IsLastPoll(const Poll& poll, const Loop& loop) {
  const BasicBlock* header = loop.getHeader();
  llvm::SmallPtrSet<const BasicBlock*, 16> seen;
  llvm::SmallVector<BasicBlock*, 16> open = {poll.next};
  while (!open.empty()) {
    BasicBlock* block = open.pop_back_val();
    if (block == header) return true;
    if (!loop.contains(block) || !seen.insert(block).second || PollOf(block)) continue;
    open.append(llvm::succ_begin(block), llvm::succ_end(block));
  }
  return false;
}

}  // namespace

bool IsWorthThinning(const PolledLoop& polled) {
  size_t size = 0;
  for (const BasicBlock* block : polled.loop->blocks()) size += block->size();
  return size <= kMostInstructions && polled.most_rounds >= kThinnedRounds &&
         llvm::any_of(polled.polls, [](const Poll& poll) { return IsHotPoll(*poll.load); });
}

bool ThinLoop(const PolledLoop& polled, unsigned times, const LoopTools& tools) {
  Loop* loop = polled.loop;
  const llvm::UnrollLoopOptions options = {times,
                                           /*Force=*/true,
                                           /*Runtime=*/false,
                                           /*AllowExpensiveTripCount=*/false,
                                           /*UnrollRemainder=*/false,
                                           /*ForgetAllSCEV=*/true};
  if (!loop->isLCSSAForm(*tools.dominators) || !loop->isLoopSimplifyForm()) return false;
  const auto result =
      llvm::UnrollLoop(loop, options, tools.loops, tools.evolution, tools.dominators,
                       tools.assumptions, tools.target, tools.remarks, /*PreserveLCSSA=*/true);
  if (result == llvm::LoopUnrollResult::Unmodified) return false;
  if (result == llvm::LoopUnrollResult::FullyUnrolled) return true;  // it is none any more
  loop->setLoopAlreadyUnrolled();
  llvm::SmallVector<Poll, 8> earlier;
  for (BasicBlock* block : loop->blocks()) {
    const auto poll = PollOf(block);
    if (poll && !IsLastPoll(*poll, *loop)) earlier.push_back(*poll);
  }
  for (const Poll& poll : earlier) {
    DropPoll(poll);
    tools.dominators->deleteEdge(poll.block, poll.cold);
  }
  return true;
}

}  // namespace wasmsh::compiler
