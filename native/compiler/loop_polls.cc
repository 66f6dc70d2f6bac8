#include "compiler/loop_polls.h"

#include <llvm/Analysis/AssumptionCache.h>
#include <llvm/Analysis/DomTreeUpdater.h>
#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/OptimizationRemarkEmitter.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/Scalar/LoopPassManager.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/Cloning.h>
#include <llvm/Transforms/Utils/LCSSA.h>
#include <llvm/Transforms/Utils/LoopSimplify.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include "compiler/chunked_loop.h"
#include "compiler/polled_loop.h"
#include "compiler/thinned_loop.h"

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Loop;
using llvm::PreservedAnalyses;

/**
 * Takes a poll out, and all that is reached through it alone: a loop around this one has the cold
 * path of what was inlined into it among its blocks, and LLVM crashes on those that nothing leads
 * to. False, and nothing is done, when whole loops would go.
 */
bool Drop(const Poll& poll, llvm::LoopInfo* loops, llvm::DominatorTree* dominators) {
  llvm::SmallVector<BasicBlock*, 4> lost;
  if (poll.cold->hasNPredecessors(1)) dominators->getDescendants(poll.cold, lost);
  // Loops that only the cold path leads to: the polled loop has no other way out.
  if (llvm::any_of(lost, [&](BasicBlock* block) { return loops->isLoopHeader(block); })) {
    return false;
  }
  DropPoll(poll);
  llvm::DomTreeUpdater updater(dominators, llvm::DomTreeUpdater::UpdateStrategy::Eager);
  updater.applyUpdates({{llvm::DominatorTree::Delete, poll.block, poll.cold}});
  for (BasicBlock* block : lost) loops->removeBlock(block);
  llvm::DeleteDeadBlocks(lost, &updater, true);
  return true;
}

/** False when none could be. */
bool DropPolls(const PolledLoop& polled, llvm::LoopInfo* loops, llvm::DominatorTree* dominators) {
  bool dropped = false;
  for (const Poll& poll : polled.polls) dropped = Drop(poll, loops, dominators) || dropped;
  return dropped;
}

/** Early, among the passes over loops: full unrolling and idioms then see loops without polls. */
class DropPass : public llvm::PassInfoMixin<DropPass> {
 public:
  explicit DropPass(LoopPolls* polls) : polls_(polls) {}

  PreservedAnalyses run(Loop& loop, llvm::LoopAnalysisManager&,
                        llvm::LoopStandardAnalysisResults& results, llvm::LPMUpdater&) {
    const auto polled = PolledLoop::Match(&loop, results.SE, polls_->options().poll_budget);
    // The pipeline keeps no MemorySSA at this place; where it does, it would have to be updated.
    if (results.MSSA != nullptr || !polled || !polled->IsShort(results.SE, results.DT)) {
      return PreservedAnalyses::all();
    }
    results.SE.forgetTopmostLoop(&loop);
    if (!DropPolls(*polled, &results.LI, &results.DT)) return PreservedAnalyses::all();
    ++polls_->dropped;
    return llvm::getLoopPassPreservedAnalyses();
  }

 private:
  LoopPolls* polls_;
};

/** Exits of the loop get what the copy computes, too. Only their phis use it: loops are in LCSSA.
 */
void JoinExits(const Loop& loop, const llvm::SmallVectorImpl<BasicBlock*>& exits,
               llvm::ValueToValueMapTy& copies) {
  for (BasicBlock* exit : exits) {
    for (llvm::PHINode& phi : exit->phis()) {
      for (unsigned i = 0, count = phi.getNumIncomingValues(); i < count; ++i) {
        BasicBlock* from = phi.getIncomingBlock(i);
        if (!loop.contains(from)) continue;
        llvm::Value* value = phi.getIncomingValue(i);
        const auto copy = copies.find(value);
        phi.addIncoming(copy == copies.end() ? value : static_cast<llvm::Value*>(copy->second),
                        llvm::cast<BasicBlock>(copies[from]));
      }
    }
  }
}

/** Just before the vectorizer: chunks, or a copy without polls for when K rounds suffice. */
class LongLoopPass : public llvm::PassInfoMixin<LongLoopPass> {
 public:
  explicit LongLoopPass(LoopPolls* polls) : polls_(polls) {}

  PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
    auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
    auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
    auto& target = analyses.getResult<llvm::TargetIRAnalysis>(function);
    const LoopTools tools = {
        &loops,     &dominators,
        &evolution, &analyses.getResult<llvm::AssumptionAnalysis>(function),
        &target,    &analyses.getResult<llvm::OptimizationRemarkEmitterAnalysis>(function)};
    bool changed = false;
    for (Loop* loop : loops.getLoopsInPreorder()) {
      if (!Improve(loop, &loops, &dominators, evolution, target, tools)) continue;
      evolution.forgetAllLoops();
      changed = true;
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }

 private:
  /** Whether the loop was changed. */
  bool Improve(Loop* loop, llvm::LoopInfo* loops, llvm::DominatorTree* dominators,
               llvm::ScalarEvolution& evolution, const llvm::TargetTransformInfo& target,
               const LoopTools& tools) {
    const Options& options = polls_->options();
    auto polled = PolledLoop::Match(loop, evolution, options.poll_budget);
    if (!polled) return false;
    if (options.drop_polls && polled->IsShort(evolution, *dominators) &&
        DropPolls(*polled, loops, dominators)) {
      ++polls_->dropped;
      return true;
    }
    if (!options.version_loops) return Thin(*polled, tools);
    const bool sunk = SinkPoll(*polled, loops, dominators);
    if (sunk) {
      evolution.forgetAllLoops();
      polled = PolledLoop::Match(loop, evolution, options.poll_budget);
      if (!polled) return true;
    }
    llvm::SCEVExpander expander(evolution, loop->getHeader()->getDataLayout(), "wasmsh");
    const auto exit = polled->FindCountedExit(evolution, *dominators, expander, target);
    if (!exit) return Thin(*polled, tools) || sunk;
    if (ChunkLoop(*polled, *exit, &expander, loops, dominators)) {
      ++polls_->chunked;
      return true;
    }
    Version(*polled, exit->rounds, &expander, loops, dominators);
    dominators->recalculate(*loop->getHeader()->getParent());
    ++polls_->versioned;
    return true;
  }

  bool Thin(const PolledLoop& polled, const LoopTools& tools) {
    if (!IsWorthThinning(polled) || !ThinLoop(polled, kThinnedRounds, tools)) return false;
    ++polls_->thinned;
    return true;
  }

  static void Version(const PolledLoop& polled, const llvm::SCEV* rounds,
                      llvm::SCEVExpander* expander, llvm::LoopInfo* loops,
                      llvm::DominatorTree* dominators) {
    Loop* loop = polled.loop;
    BasicBlock* check = loop->getLoopPreheader();
    llvm::Value* count = expander->expandCodeFor(rounds, rounds->getType(), check->getTerminator());
    BasicBlock* front =
        llvm::SplitBlock(check, check->getTerminator(), dominators, loops, nullptr, "polled");
    llvm::SmallVector<BasicBlock*, 4> exits;
    loop->getUniqueExitBlocks(exits);
    llvm::ValueToValueMapTy copies;
    llvm::SmallVector<BasicBlock*, 8> blocks;
    Loop* copy = llvm::cloneLoopWithPreheader(front, check, loop, copies, ".unpolled", loops,
                                              dominators, blocks);
    llvm::remapInstructionsInBlocks(blocks, copies);
    JoinExits(*loop, exits, copies);

    llvm::Instruction* end = check->getTerminator();
    llvm::IRBuilder<> builder(end);
    const unsigned bits = count->getType()->getIntegerBitWidth();
    const bool always = llvm::APInt(64, polled.most_rounds).getActiveBits() > bits;
    llvm::Value* is_short =
        always ? builder.getTrue()
               : builder.CreateICmpULE(
                     count, llvm::ConstantInt::get(count->getType(), polled.most_rounds));
    builder.CreateCondBr(is_short, copy->getLoopPreheader(), front);
    end->eraseFromParent();
    for (const Poll& poll : polled.polls) {
      const auto copied = PollOf(llvm::cast<BasicBlock>(copies[poll.block]));
      if (copied) DropPoll(*copied);
    }
  }

  LoopPolls* polls_;
};

}  // namespace

void LoopPolls::Register(llvm::PassBuilder* builder) {
  if (options_.drop_polls) {
    builder->registerLateLoopOptimizationsEPCallback(
        [this](llvm::LoopPassManager& passes, llvm::OptimizationLevel) {
          passes.addPass(DropPass(this));
        });
  }
  builder->registerVectorizerStartEPCallback(
      [this](llvm::FunctionPassManager& passes, llvm::OptimizationLevel) {
        passes.addPass(llvm::LoopSimplifyPass());
        passes.addPass(llvm::LCSSAPass());
        passes.addPass(LongLoopPass(this));
      });
}

}  // namespace wasmsh::compiler
