#include "compiler/loop_polls.h"

#include <llvm/Analysis/LoopInfo.h>
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

#include "compiler/polled_loop.h"

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::Loop;
using llvm::PreservedAnalyses;

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
    DropPoll(polled->latch, polled->cold, loop.getHeader(), polled->poll);
    results.DT.recalculate(*loop.getHeader()->getParent());
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

/** Just before the vectorizer: `rounds <= K ? a copy without poll : the polled loop`. */
class VersionPass : public llvm::PassInfoMixin<VersionPass> {
 public:
  explicit VersionPass(LoopPolls* polls) : polls_(polls) {}

  PreservedAnalyses run(llvm::Function& function, llvm::FunctionAnalysisManager& analyses) {
    auto& loops = analyses.getResult<llvm::LoopAnalysis>(function);
    auto& dominators = analyses.getResult<llvm::DominatorTreeAnalysis>(function);
    auto& evolution = analyses.getResult<llvm::ScalarEvolutionAnalysis>(function);
    auto& target = analyses.getResult<llvm::TargetIRAnalysis>(function);
    const Options& options = polls_->options();
    bool changed = false;
    for (Loop* loop : loops.getLoopsInPreorder()) {
      const auto polled = PolledLoop::Match(loop, evolution, options.poll_budget);
      if (!polled) continue;
      if (options.drop_polls && polled->IsShort(evolution, dominators)) {
        DropPoll(polled->latch, polled->cold, loop->getHeader(), polled->poll);
        ++polls_->dropped;
      } else {
        llvm::SCEVExpander expander(evolution, function.getDataLayout(), "wasmsh");
        const llvm::SCEV* rounds =
            options.version_loops ? polled->RoundsOnEntry(evolution, dominators, expander, target)
                                  : nullptr;
        if (rounds == nullptr) continue;
        Version(*polled, rounds, &expander, &loops, &dominators);
        ++polls_->versioned;
      }
      dominators.recalculate(function);
      evolution.forgetAllLoops();
      changed = true;
    }
    return changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }

 private:
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
    DropPoll(llvm::cast<BasicBlock>(copies[polled.latch]), polled.cold, copy->getHeader(),
             llvm::cast<llvm::LoadInst>(copies[polled.poll]));
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
        passes.addPass(VersionPass(this));
      });
}

}  // namespace wasmsh::compiler
