#include "compiler/poll_loads.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "compiler/marks.h"
#include "compiler/wamr_layout.h"

namespace wasmsh::compiler {
namespace {

using llvm::ConstantInt;
using llvm::dyn_cast;
using llvm::Function;
using llvm::GEPOperator;
using llvm::Instruction;
using llvm::isa;
using llvm::LoadInst;
using llvm::Value;

constexpr char kPollMark[] = "wasmsh.poll";
/** How deep a compare may hide behind casts and selects. */
constexpr int kMostUsers = 4;

/** A constant added to a pointer in units of `type`: its base and that constant. */
struct Place {
  Value* base = nullptr;
  uint64_t index = 0;
};

Place PlaceOf(Value* pointer, bool in_bytes) {
  auto* gep = dyn_cast<GEPOperator>(pointer);
  if (gep == nullptr || gep->getNumIndices() != 1) return {};
  auto* index = dyn_cast<ConstantInt>(gep->getOperand(1));
  if (index == nullptr) return {};
  const bool fits = in_bytes ? gep->getSourceElementType()->isIntegerTy(8)
                             : gep->getSourceElementType()->isPointerTy();
  return fits ? Place{gep->getPointerOperand(), index->getZExtValue()} : Place{};
}

/** A guest's own load from a constant address looks the same but for its base: only a load from the
 *  instance counts, which is itself loaded from the execution environment. */
bool IsModuleInstance(Value* value, const Function& function) {
  auto* load = dyn_cast<LoadInst>(value);
  if (load == nullptr) return false;
  const Place place = PlaceOf(load->getPointerOperand(), false);
  return place.base == function.getArg(0) && place.index == kModuleInstanceIndex;
}

void MarkCold(Value* value, llvm::MDNode* weights, int depth = 0) {
  if (depth > kMostUsers) return;
  for (llvm::User* user : value->users()) {
    if (auto* branch = dyn_cast<llvm::BranchInst>(user)) {
      if (branch->isConditional()) branch->setMetadata(llvm::LLVMContext::MD_prof, weights);
    } else if (isa<llvm::ICmpInst>(user) || isa<llvm::CastInst>(user) ||
               isa<llvm::SelectInst>(user)) {
      MarkCold(user, weights, depth + 1);
    }
  }
}

struct Marked {
  LoadInst* load;
  bool is_poll;
};

std::vector<Marked> FindMarked(Function& function, uint64_t poll, uint64_t unwinding) {
  std::vector<Marked> found;
  for (llvm::BasicBlock& block : function) {
    for (Instruction& instruction : block) {
      auto* load = dyn_cast<LoadInst>(&instruction);
      if (load == nullptr || load->isVolatile()) continue;
      const Place place = PlaceOf(load->getPointerOperand(), true);
      if (place.base == nullptr || (place.index != poll && place.index != unwinding)) continue;
      if (!IsModuleInstance(place.base, function)) continue;
      found.push_back({load, place.index == poll});
    }
  }
  return found;
}

}  // namespace

Status RedirectPolls(const Compilation& compilation, PollLoads* found) {
  const std::optional<uint64_t> poll = compilation.GlobalOffset(kPollGlobal);
  const std::optional<uint64_t> unwinding = compilation.GlobalOffset(kUnwindGlobal);
  if (!poll.has_value() || !unwinding.has_value()) return Status::Ok();
  if (compilation.pointer_bytes() != 8) {
    return Status::Error("COMPILE_TARGET", "code that can be paused needs a target of 64 bits");
  }
  llvm::Module& module = compilation.ir();
  llvm::MDNode* weights = llvm::MDBuilder(module.getContext()).createBranchWeights(1, 1u << 20);
  const uint32_t request_word = compilation.pointer_bytes() * kSuspendFlagsIndex + 4;
  for (Function& function : module) {
    if (function.isDeclaration() || function.arg_empty()) continue;
    for (const auto& [load, is_poll] : FindMarked(function, *poll, *unwinding)) {
      llvm::IRBuilder<> builder(load);
      load->setOperand(0, builder.CreateInBoundsGEP(builder.getInt8Ty(), function.getArg(0),
                                                    builder.getInt32(request_word)));
      if (is_poll) {
        load->setVolatile(true);
        load->setMetadata(kPollMark, llvm::MDNode::get(module.getContext(), {}));
      }
      ++(is_poll ? found->polls : found->checks);
      MarkCold(load, weights);
    }
  }
  return Status::Ok();
}

bool IsPoll(const Instruction& instruction) {
  return isa<LoadInst>(instruction) && instruction.hasMetadata(kPollMark);
}

}  // namespace wasmsh::compiler
