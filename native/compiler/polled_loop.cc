#include "compiler/polled_loop.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/TargetTransformInfo.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/PatternMatch.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <algorithm>

#include "compiler/poll_loads.h"

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::BranchInst;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;
using llvm::Loop;
using llvm::ScalarEvolution;
using llvm::SCEV;

// Rough costs, in the unit of the budget.
constexpr uint64_t kSimple = 1;
constexpr uint64_t kCall = 8;  // an intrinsic that may become a call
constexpr uint64_t kDivision = 16;
constexpr uint64_t kFarAccess = 64;   // likely to miss the caches
constexpr uint64_t kNearStride = 64;  // bytes
/** However long one round takes, so many are allowed. */
constexpr uint64_t kLeastRounds = 16;
/** What the count of rounds may cost to compute, in LLVM's terms. */
constexpr unsigned kExpansionBudget = 24;

bool IsDivision(unsigned opcode) {
  switch (opcode) {
    case Instruction::UDiv:
    case Instruction::SDiv:
    case Instruction::URem:
    case Instruction::SRem:
    case Instruction::FDiv:
      return true;
    default:
      return false;
  }
}

/** Whether an address depends on what the loop computes in a way that caches cannot follow. */
bool IsFar(const SCEV* address, Loop* loop, ScalarEvolution& evolution) {
  return llvm::SCEVExprContains(address, [&](const SCEV* part) {
    if (const auto* unknown = dyn_cast<llvm::SCEVUnknown>(part)) {
      const auto* definition = dyn_cast<Instruction>(unknown->getValue());
      return definition != nullptr && loop->contains(definition);
    }
    const auto* recurrence = dyn_cast<llvm::SCEVAddRecExpr>(part);
    if (recurrence == nullptr || recurrence->getLoop() != loop) return false;
    const auto* step = dyn_cast<llvm::SCEVConstant>(recurrence->getStepRecurrence(evolution));
    return step == nullptr || step->getAPInt().abs().ugt(kNearStride);
  });
}

uint64_t CostOf(Instruction& instruction, Loop* loop, ScalarEvolution& evolution) {
  if (isa<llvm::PHINode>(instruction) || isa<llvm::CastInst>(instruction) ||
      isa<llvm::GetElementPtrInst>(instruction) || instruction.isTerminator()) {
    return 0;
  }
  if (IsDivision(instruction.getOpcode())) return kDivision;
  llvm::Value* pointer = const_cast<llvm::Value*>(llvm::getLoadStorePointerOperand(&instruction));
  if (pointer == nullptr) return isa<llvm::CallBase>(instruction) ? kCall : kSimple;
  return IsFar(evolution.getSCEV(pointer), loop, evolution) ? kFarAccess : kSimple;
}

/** A call that can take long, or suspend. */
bool IsRealCall(const Instruction& instruction) {
  if (!isa<llvm::CallBase>(instruction)) return false;
  return !isa<llvm::IntrinsicInst>(instruction) || isa<llvm::MemIntrinsic>(instruction);
}

llvm::SmallVector<BasicBlock*, 4> OtherExits(const PolledLoop& polled,
                                             const llvm::DominatorTree& dominators) {
  llvm::SmallVector<BasicBlock*, 4> exiting;
  polled.loop->getExitingBlocks(exiting);
  llvm::erase_if(exiting, [&](BasicBlock* block) {
    return block == polled.latch || !dominators.dominates(block, polled.latch);
  });
  return exiting;
}

}  // namespace

std::optional<PolledLoop> PolledLoop::Match(Loop* loop, ScalarEvolution& evolution,
                                            uint32_t budget) {
  BasicBlock* latch = loop->getLoopLatch();
  auto* branch = latch == nullptr ? nullptr : dyn_cast<BranchInst>(latch->getTerminator());
  if (!loop->isInnermost() || loop->getLoopPreheader() == nullptr || branch == nullptr ||
      !branch->isConditional()) {
    return std::nullopt;
  }
  llvm::LoadInst* poll = nullptr;
  uint64_t cost = 0;
  for (BasicBlock* block : loop->blocks()) {
    for (Instruction& instruction : *block) {
      if (IsPoll(instruction)) {
        if (poll != nullptr) return std::nullopt;
        poll = llvm::cast<llvm::LoadInst>(&instruction);
      } else if (IsRealCall(instruction)) {
        return std::nullopt;
      }
      cost += CostOf(instruction, loop, evolution);
    }
  }
  llvm::ICmpInst::Predicate predicate;
  if (poll == nullptr || poll->getParent() != latch ||
      !llvm::PatternMatch::match(
          branch->getCondition(),
          llvm::PatternMatch::m_ICmp(predicate, llvm::PatternMatch::m_Specific(poll),
                                     llvm::PatternMatch::m_Zero()))) {
    return std::nullopt;
  }
  const unsigned cold = predicate == llvm::ICmpInst::ICMP_NE ? 0 : 1;
  if (loop->contains(branch->getSuccessor(cold)) ||
      branch->getSuccessor(1 - cold) != loop->getHeader()) {
    return std::nullopt;
  }
  const uint64_t rounds = budget / std::max<uint64_t>(cost, 1);
  return PolledLoop{loop, latch, branch->getSuccessor(cold), poll, std::max(rounds, kLeastRounds)};
}

bool PolledLoop::IsShort(ScalarEvolution& evolution, const llvm::DominatorTree& dominators) const {
  return llvm::any_of(OtherExits(*this, dominators), [&](BasicBlock* block) {
    const auto* most = dyn_cast<llvm::SCEVConstant>(
        evolution.getExitCount(loop, block, ScalarEvolution::ConstantMaximum));
    return most != nullptr && most->getAPInt().ule(most_rounds);
  });
}

const SCEV* PolledLoop::RoundsOnEntry(ScalarEvolution& evolution,
                                      const llvm::DominatorTree& dominators,
                                      llvm::SCEVExpander& expander,
                                      const llvm::TargetTransformInfo& target) const {
  Instruction* at = loop->getLoopPreheader()->getTerminator();
  for (BasicBlock* block : OtherExits(*this, dominators)) {
    const SCEV* rounds = evolution.getExitCount(loop, block);
    if (!isa<llvm::SCEVCouldNotCompute>(rounds) && rounds->getType()->isIntegerTy() &&
        expander.isSafeToExpandAt(rounds, at) &&
        !expander.isHighCostExpansion(rounds, loop, kExpansionBudget, &target, at)) {
      return rounds;
    }
  }
  return nullptr;
}

void DropPoll(BasicBlock* latch, BasicBlock* cold, BasicBlock* header, llvm::LoadInst* poll) {
  auto* branch = llvm::cast<BranchInst>(latch->getTerminator());
  auto* condition = llvm::cast<Instruction>(branch->getCondition());
  cold->removePredecessor(latch, true);
  auto* jump = BranchInst::Create(header, branch->getIterator());
  jump->setMetadata(llvm::LLVMContext::MD_loop, branch->getMetadata(llvm::LLVMContext::MD_loop));
  branch->eraseFromParent();
  if (condition->use_empty()) condition->eraseFromParent();
  if (poll->use_empty()) poll->eraseFromParent();
}

}  // namespace wasmsh::compiler
