#include "compiler/recursion.h"

#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/IR/Module.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Transforms/InstCombine/InstCombine.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>
#include <llvm/Transforms/Utils/Cloning.h>

#include "compiler/poll_loads.h"
#include "compiler/polled_loop.h"

namespace wasmsh::compiler {
namespace {

using llvm::CallInst;
using llvm::dyn_cast;
using llvm::Function;
using llvm::Instruction;

/** Larger functions do more than to be called. Cold paths are not counted. */
constexpr unsigned kMostInstructions = 64;
constexpr unsigned kMostCalls = 4;

bool IsColdCall(const CallInst& call) {
  const Function* callee = call.getCalledFunction();
  return callee != nullptr && callee->hasFnAttribute(llvm::Attribute::Cold);
}

/** The calls of itself, of a function that is small and polls where it begins; else nothing. */
llvm::SmallVector<CallInst*, kMostCalls> FindSelfCalls(Function& function) {
  llvm::SmallVector<CallInst*, kMostCalls> calls;
  if (function.isDeclaration() || function.hasOptNone() ||
      function.hasFnAttribute(llvm::Attribute::NoInline) || !PollOf(&function.getEntryBlock())) {
    return calls;
  }
  unsigned size = 0;
  for (llvm::BasicBlock& block : function) {
    unsigned count = 0;
    bool is_cold = false;
    for (Instruction& one : block) {
      if (llvm::isa<llvm::AllocaInst>(one)) return {};
      ++count;
      auto* call = dyn_cast<CallInst>(&one);
      if (call == nullptr) continue;
      is_cold = is_cold || IsColdCall(*call);
      if (call->getCalledFunction() == &function && !call->isMustTailCall()) calls.push_back(call);
    }
    if (!is_cold) size += count;
    if (size > kMostInstructions || calls.size() > kMostCalls) return {};
  }
  return calls;
}

class InlinePass : public llvm::PassInfoMixin<InlinePass> {
 public:
  explicit InlinePass(Recursion* recursion) : recursion_(recursion) {}

  llvm::PreservedAnalyses run(llvm::Module& module, llvm::ModuleAnalysisManager& analyses) {
    auto& functions =
        analyses.getResult<llvm::FunctionAnalysisManagerModuleProxy>(module).getManager();
    llvm::FunctionPassManager clean;
    clean.addPass(llvm::EarlyCSEPass(true));
    clean.addPass(llvm::InstCombinePass());
    clean.addPass(llvm::SimplifyCFGPass());
    bool changed = false;
    for (Function& function : llvm::make_early_inc_range(module)) {
      const auto calls = FindSelfCalls(function);
      if (calls.empty()) continue;
      Inline(function, calls);
      functions.invalidate(function, llvm::PreservedAnalyses::none());
      clean.run(function, functions);
      ++recursion_->inlined;
      changed = true;
    }
    return changed ? llvm::PreservedAnalyses::none() : llvm::PreservedAnalyses::all();
  }

 private:
  static void Inline(Function& function, llvm::ArrayRef<CallInst*> calls) {
    llvm::ValueToValueMapTy values;
    Function* copy = llvm::CloneFunction(&function, values);
    copy->setLinkage(llvm::GlobalValue::InternalLinkage);
    if (const auto poll = PollOf(&copy->getEntryBlock())) DropPoll(*poll);
    for (CallInst* call : calls) {
      call->setCalledFunction(copy);
      llvm::InlineFunctionInfo info;
      if (!llvm::InlineFunction(*call, info).isSuccess()) call->setCalledFunction(&function);
    }
    copy->eraseFromParent();
  }

  Recursion* recursion_;
};

}  // namespace

void Recursion::Register(llvm::PassBuilder* builder) {
  if (options_.level == 0) return;
  builder->registerOptimizerEarlyEPCallback(
      [this](llvm::ModulePassManager& passes, llvm::OptimizationLevel) {
        passes.addPass(InlinePass(this));
      });
}

}  // namespace wasmsh::compiler
