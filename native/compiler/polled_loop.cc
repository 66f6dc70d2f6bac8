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
// The system has to find a page for what is written for the first time; which writes are the first
// nobody knows.
constexpr uint64_t kFreshPage = 6144;
constexpr uint64_t kPageBytes = 4096;
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

/** How far an address moves on from round to round, bytes; a far access no further than a near one
 * may. */
uint64_t StrideOf(const SCEV* address, Loop* loop, ScalarEvolution& evolution) {
  if (IsFar(address, loop, evolution)) return kNearStride;
  uint64_t stride = 0;
  llvm::SCEVExprContains(address, [&](const SCEV* part) {
    const auto* recurrence = dyn_cast<llvm::SCEVAddRecExpr>(part);
    if (recurrence == nullptr || recurrence->getLoop() != loop) return false;
    // It is a constant, or the access were far.
    const auto* step = llvm::cast<llvm::SCEVConstant>(recurrence->getStepRecurrence(evolution));
    stride = step->getAPInt().abs().getLimitedValue();
    return true;
  });
  return stride;
}

/** What a loop writes in one round, as far as it is not always the same place. */
class Writes {
 public:
  void Add(const Instruction& instruction, Loop* loop, ScalarEvolution& evolution) {
    const auto* store = dyn_cast<llvm::StoreInst>(&instruction);
    if (store == nullptr) return;
    const SCEV* address = evolution.getSCEV(const_cast<llvm::Value*>(store->getPointerOperand()));
    if (evolution.isLoopInvariant(address, loop)) return;
    const llvm::DataLayout& layout = loop->getHeader()->getDataLayout();
    bytes_ += layout.getTypeStoreSize(store->getValueOperand()->getType()).getFixedValue();
    widest_stride_ = std::max(widest_stride_, StrideOf(address, loop, evolution));
  }

  uint64_t cost() const { return std::max(bytes_, widest_stride_) * kFreshPage / kPageBytes; }

 private:
  uint64_t bytes_ = 0;
  uint64_t widest_stride_ = 0;
};

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

bool IsPollBlock(const PolledLoop& polled, const BasicBlock* block) {
  return llvm::any_of(polled.polls, [&](const Poll& poll) { return poll.block == block; });
}

llvm::SmallVector<BasicBlock*, 4> OtherExits(const PolledLoop& polled,
                                             const llvm::DominatorTree& dominators) {
  llvm::SmallVector<BasicBlock*, 4> exiting;
  polled.loop->getExitingBlocks(exiting);
  llvm::erase_if(exiting, [&](BasicBlock* block) {
    return IsPollBlock(polled, block) || !dominators.dominates(block, polled.loop->getLoopLatch());
  });
  return exiting;
}

}  // namespace

std::optional<Poll> PollOf(BasicBlock* block) {
  auto* branch = dyn_cast<BranchInst>(block->getTerminator());
  if (branch == nullptr || !branch->isConditional()) return std::nullopt;
  llvm::ICmpInst::Predicate predicate;
  llvm::Value* compared = nullptr;
  if (!llvm::PatternMatch::match(
          branch->getCondition(),
          llvm::PatternMatch::m_ICmp(predicate, llvm::PatternMatch::m_Value(compared),
                                     llvm::PatternMatch::m_Zero())) ||
      !llvm::ICmpInst::isEquality(predicate)) {
    return std::nullopt;
  }
  auto* load = dyn_cast<llvm::LoadInst>(compared);
  if (load == nullptr || load->getParent() != block || !IsPoll(*load)) return std::nullopt;
  const unsigned cold = predicate == llvm::ICmpInst::ICMP_NE ? 0 : 1;
  return Poll{load, block, branch->getSuccessor(cold), branch->getSuccessor(1 - cold)};
}

std::optional<PolledLoop> PolledLoop::Match(Loop* loop, ScalarEvolution& evolution,
                                            uint32_t budget) {
  if (!loop->isInnermost() || loop->getLoopPreheader() == nullptr ||
      loop->getLoopLatch() == nullptr) {
    return std::nullopt;
  }
  PolledLoop polled;
  polled.loop = loop;
  uint64_t cost = 0;
  Writes writes;
  for (BasicBlock* block : loop->blocks()) {
    for (Instruction& instruction : *block) {
      if (IsPoll(instruction)) {
        const auto poll = PollOf(block);
        if (!poll || poll->load != &instruction || loop->contains(poll->cold) ||
            !loop->contains(poll->next)) {
          return std::nullopt;
        }
        polled.polls.push_back(*poll);
      } else if (IsRealCall(instruction)) {
        return std::nullopt;
      }
      cost += CostOf(instruction, loop, evolution);
      writes.Add(instruction, loop, evolution);
    }
  }
  if (polled.polls.empty()) return std::nullopt;
  cost += writes.cost();
  polled.most_rounds = std::max(budget / std::max<uint64_t>(cost, 1), kLeastRounds);
  return polled;
}

bool PolledLoop::IsShort(ScalarEvolution& evolution, const llvm::DominatorTree& dominators) const {
  return llvm::any_of(OtherExits(*this, dominators), [&](BasicBlock* block) {
    const auto* most = dyn_cast<llvm::SCEVConstant>(
        evolution.getExitCount(loop, block, ScalarEvolution::ConstantMaximum));
    return most != nullptr && most->getAPInt().ule(most_rounds);
  });
}

std::optional<CountedExit> PolledLoop::FindCountedExit(
    ScalarEvolution& evolution, const llvm::DominatorTree& dominators, llvm::SCEVExpander& expander,
    const llvm::TargetTransformInfo& target) const {
  Instruction* at = loop->getLoopPreheader()->getTerminator();
  for (BasicBlock* block : OtherExits(*this, dominators)) {
    const SCEV* rounds = evolution.getExitCount(loop, block);
    if (!isa<llvm::SCEVCouldNotCompute>(rounds) && rounds->getType()->isIntegerTy() &&
        rounds->getType()->getIntegerBitWidth() <= 64 && expander.isSafeToExpandAt(rounds, at) &&
        !expander.isHighCostExpansion(rounds, loop, kExpansionBudget, &target, at)) {
      return CountedExit{block, rounds};
    }
  }
  return std::nullopt;
}

void DropPoll(const Poll& poll) {
  auto* branch = llvm::cast<BranchInst>(poll.block->getTerminator());
  auto* condition = llvm::cast<Instruction>(branch->getCondition());
  poll.cold->removePredecessor(poll.block, true);
  auto* jump = BranchInst::Create(poll.next, branch->getIterator());
  jump->setMetadata(llvm::LLVMContext::MD_loop, branch->getMetadata(llvm::LLVMContext::MD_loop));
  branch->eraseFromParent();
  if (condition->use_empty()) condition->eraseFromParent();
  if (poll.load->use_empty()) poll.load->eraseFromParent();
}

}  // namespace wasmsh::compiler
