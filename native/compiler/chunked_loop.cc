#include "compiler/chunked_loop.h"

#include <llvm/Analysis/LoopInfo.h>
#include <llvm/Analysis/ScalarEvolution.h>
#include <llvm/Analysis/ScalarEvolutionExpressions.h>
#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Dominators.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/Transforms/Utils/BasicBlockUtils.h>
#include <llvm/Transforms/Utils/ScalarEvolutionExpander.h>

#include <optional>

namespace wasmsh::compiler {
namespace {

using llvm::BasicBlock;
using llvm::BranchInst;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::IRBuilder;
using llvm::Loop;
using llvm::PHINode;
using llvm::Value;

/** The conditional branch of the exit, when the loop goes on with `next`. */
BranchInst* ExitBranch(BasicBlock* exit, const BasicBlock* next, const Loop& loop) {
  auto* branch = dyn_cast<BranchInst>(exit->getTerminator());
  if (branch == nullptr || !branch->isConditional()) return nullptr;
  const unsigned stays = branch->getSuccessor(0) == next ? 0 : 1;
  const bool fits =
      branch->getSuccessor(stays) == next && !loop.contains(branch->getSuccessor(1 - stays));
  return fits ? branch : nullptr;
}

/** Moves the arithmetic of a poll's block in front of the branch; false if there is anything else.
 */
bool HoistArithmetic(const Poll& poll, BranchInst* to) {
  llvm::FoldSingleEntryPHINodes(poll.block);
  auto* ending = llvm::cast<BranchInst>(poll.block->getTerminator());
  llvm::SmallVector<Instruction*, 4> moved;
  for (Instruction& one : *poll.block) {
    if (&one == poll.load || &one == ending || &one == ending->getCondition()) continue;
    if (llvm::isa<PHINode>(one) || one.mayReadOrWriteMemory() ||
        !llvm::isSafeToSpeculativelyExecute(&one)) {
      return false;
    }
    moved.push_back(&one);
  }
  for (Instruction* one : moved) one->moveBefore(to);
  return true;
}

/** Puts a loop around another: `header`, the blocks of the inner one, `check` and the latch. */
void AddOuterLoop(Loop* inner, BasicBlock* header, BasicBlock* check, BasicBlock* latch,
                  llvm::LoopInfo* loops) {
  Loop* outer = loops->AllocateLoop();
  if (Loop* parent = inner->getParentLoop()) {
    parent->replaceChildLoopWith(inner, outer);
  } else {
    loops->changeTopLevelLoop(inner, outer);
  }
  inner->removeBlockFromLoop(latch);
  outer->addBasicBlockToLoop(header, *loops);
  for (BasicBlock* block : inner->blocks()) outer->addBlockEntry(block);
  outer->addBasicBlockToLoop(check, *loops);
  outer->addBlockEntry(latch);
  loops->changeLoopFor(latch, outer);
  outer->addChildLoop(inner);
}

/**
 * What a counter can be where a round begins. The outer loop carries it from chunk to chunk, where
 * nobody sees its bound any more; without it the vectorizer cannot tell that addresses do not wrap.
 * Nothing where the bound is none.
 */
std::optional<llvm::APInt> MaskOf(PHINode& phi, Loop* loop, llvm::ScalarEvolution& evolution) {
  if (!phi.getType()->isIntegerTy()) return std::nullopt;
  const auto* counter = dyn_cast<llvm::SCEVAddRecExpr>(evolution.getSCEV(&phi));
  if (counter == nullptr || counter->getLoop() != loop) return std::nullopt;
  const llvm::APInt most = evolution.getUnsignedRangeMax(counter);
  if (most.isNegative()) return std::nullopt;
  return llvm::APInt::getLowBitsSet(most.getBitWidth(), most.getActiveBits());
}

/** Whether it could be done twice, or left out. */
bool HasEffects(const Instruction& one) { return one.mayHaveSideEffects() && !one.isTerminator(); }

}  // namespace

bool ChunkLoop(const PolledLoop& polled, const CountedExit& exit, llvm::SCEVExpander* expander,
               llvm::LoopInfo* loops, llvm::DominatorTree* dominators) {
  Loop* loop = polled.loop;
  const Poll& poll = polled.polls.front();
  BasicBlock* latch = loop->getLoopLatch();
  BasicBlock* header = loop->getHeader();
  BasicBlock* before = loop->getLoopPreheader();
  if (polled.polls.size() != 1 || poll.block != latch || poll.next != header ||
      latch->getSinglePredecessor() != exit.block) {
    return false;
  }
  BranchInst* leave = ExitBranch(exit.block, latch, *loop);
  if (leave == nullptr || !HoistArithmetic(poll, leave)) return false;
  BasicBlock* outside = leave->getSuccessor(leave->getSuccessor(0) == latch ? 1 : 0);

  IRBuilder<> builder(before->getTerminator());
  llvm::Type* number = builder.getInt64Ty();
  const auto constant = [&](uint64_t value) { return llvm::ConstantInt::get(number, value); };
  Value* rounds =
      expander->expandCodeFor(exit.rounds, exit.rounds->getType(), before->getTerminator());
  rounds = builder.CreateZExt(rounds, number);

  llvm::SmallVector<std::optional<llvm::APInt>, 4> masks;
  for (PHINode& phi : header->phis()) masks.push_back(MaskOf(phi, loop, *expander->getSE()));

  // The outer loop's head.
  auto* head = BasicBlock::Create(header->getContext(), "chunk", header->getParent(), header);
  builder.SetInsertPoint(head);
  llvm::SmallVector<PHINode*, 4> starts;
  for (PHINode& phi : header->phis()) {
    PHINode* own = builder.CreatePHI(phi.getType(), 2);
    own->addIncoming(phi.getIncomingValueForBlock(before), before);
    own->addIncoming(phi.getIncomingValueForBlock(latch), latch);
    starts.push_back(own);
    phi.replaceIncomingBlockWith(before, head);
    phi.replaceIncomingBlockWith(latch, exit.block);
  }
  PHINode* left = builder.CreatePHI(number, 2, "left");
  for (const auto& [phi, start, mask] : llvm::zip(header->phis(), starts, masks)) {
    Value* value = mask ? builder.CreateAnd(start, *mask) : start;
    phi.setIncomingValueForBlock(head, value);
  }
  Value* last =
      builder.CreateBinaryIntrinsic(llvm::Intrinsic::umin, left, constant(polled.most_rounds));
  builder.CreateBr(header);
  before->getTerminator()->replaceSuccessorWith(header, head);

  // The inner loop's end.
  auto* check = BasicBlock::Create(header->getContext(), "rest", header->getParent(), latch);
  builder.SetInsertPoint(header, header->begin());
  PHINode* round = builder.CreatePHI(number, 2, "round");
  builder.SetInsertPoint(leave);
  Value* next = builder.CreateAdd(round, constant(1), "", true, true);
  auto* end = builder.CreateCondBr(builder.CreateICmpEQ(round, last), check, header);
  auto* ending = llvm::cast<BranchInst>(latch->getTerminator());
  end->setMetadata(llvm::LLVMContext::MD_loop, ending->getMetadata(llvm::LLVMContext::MD_loop));
  ending->setMetadata(llvm::LLVMContext::MD_loop, nullptr);
  auto* condition = dyn_cast<Instruction>(leave->getCondition());
  leave->eraseFromParent();
  if (condition != nullptr && condition->use_empty()) condition->eraseFromParent();
  round->addIncoming(constant(0), head);
  round->addIncoming(next, exit.block);
  outside->replacePhiUsesWith(exit.block, check);

  // The outer loop's end.
  builder.SetInsertPoint(check);
  builder.CreateCondBr(builder.CreateICmpULE(left, constant(polled.most_rounds)), outside, latch);
  builder.SetInsertPoint(ending);
  left->addIncoming(rounds, before);
  left->addIncoming(builder.CreateSub(left, constant(polled.most_rounds + 1), "", true), latch);
  ending->replaceSuccessorWith(header, head);

  AddOuterLoop(loop, head, check, latch, loops);
  dominators->recalculate(*header->getParent());
  return true;
}

bool SinkPoll(const PolledLoop& polled, llvm::LoopInfo* loops, llvm::DominatorTree* dominators) {
  Loop* loop = polled.loop;
  const Poll& poll = polled.polls.front();
  BasicBlock* latch = loop->getLoopLatch();
  BasicBlock* header = loop->getHeader();
  if (polled.polls.size() != 1 || poll.next != latch ||
      latch->getSinglePredecessor() != poll.block) {
    return false;
  }
  BranchInst* leave = ExitBranch(latch, header, *loop);
  auto* branch = llvm::cast<BranchInst>(poll.block->getTerminator());
  auto* condition = llvm::cast<Instruction>(branch->getCondition());
  if (leave == nullptr || !condition->hasOneUse() || !poll.load->hasOneUse()) return false;
  for (Instruction* one = poll.load->getNextNode(); one != nullptr; one = one->getNextNode()) {
    if (HasEffects(*one)) return false;
  }
  if (llvm::any_of(*latch, HasEffects)) return false;
  llvm::FoldSingleEntryPHINodes(latch);

  auto* behind = BasicBlock::Create(header->getContext(), "poll", header->getParent(), header);
  IRBuilder<> builder(branch);
  builder.CreateBr(latch);
  branch->removeFromParent();
  branch->insertInto(behind, behind->end());
  condition->moveBefore(branch);
  poll.load->moveBefore(condition);
  branch->replaceSuccessorWith(latch, header);
  branch->setMetadata(llvm::LLVMContext::MD_loop, leave->getMetadata(llvm::LLVMContext::MD_loop));
  leave->setMetadata(llvm::LLVMContext::MD_loop, nullptr);
  leave->replaceSuccessorWith(header, behind);
  header->replacePhiUsesWith(latch, behind);
  poll.cold->replacePhiUsesWith(poll.block, behind);
  loop->addBasicBlockToLoop(behind, *loops);
  dominators->recalculate(*header->getParent());
  return true;
}

}  // namespace wasmsh::compiler
