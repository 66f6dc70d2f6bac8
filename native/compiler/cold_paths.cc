#include "compiler/cold_paths.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "compiler/marks.h"

namespace wasmsh::compiler {
namespace {

using llvm::CallInst;
using llvm::dyn_cast;
using llvm::Function;
using llvm::Instruction;
using llvm::isa;

/** Index of argv_buf in WASMExecEnv, in pointers; WAMR asserts it. */
constexpr uint32_t kArgumentBufferIndex = 3;
/** Parameters of aot_invoke_native(exec_env, function, count, buffer). */
constexpr unsigned kFunctionParameter = 1;
constexpr unsigned kBufferParameter = 3;

bool IsStateCall(const CallInst& call, const Compilation& compilation) {
  const auto* callee = dyn_cast<Function>(call.getCalledOperand()->stripPointerCasts());
  if (callee == nullptr || callee->getName() != "aot_invoke_native") return false;
  const auto* function = dyn_cast<llvm::ConstantInt>(call.getArgOperand(kFunctionParameter));
  return function != nullptr && compilation.IsImportFrom(kStateModule, function->getZExtValue());
}

/** `before` stands between this call and the one before it, in the same block. */
void Cool(CallInst& call, const std::vector<Instruction*>& before, Function& function) {
  call.addFnAttr(llvm::Attribute::Cold);
  if (auto* buffer = dyn_cast<llvm::LoadInst>(call.getArgOperand(kBufferParameter))) {
    llvm::IRBuilder<> builder(before.empty() ? &call : before.front());
    llvm::Value* address = builder.CreateInBoundsGEP(builder.getPtrTy(), function.getArg(0),
                                                     builder.getInt32(kArgumentBufferIndex));
    // Volatile: it would be merged with the first one again.
    llvm::Value* own =
        builder.CreateAlignedLoad(buffer->getType(), address, buffer->getAlign(), true);
    for (Instruction* one : before) one->replaceUsesOfWith(buffer, own);
    call.setArgOperand(kBufferParameter, own);
  }
  for (Instruction* one : before) {
    auto* store = dyn_cast<llvm::StoreInst>(one);
    if (store == nullptr) continue;
    llvm::Value* to = store->getPointerOperand();
    if (isa<llvm::GEPOperator>(to) || isa<llvm::LoadInst>(to)) store->setVolatile(true);
  }
}

}  // namespace

uint32_t CoolStateCalls(const Compilation& compilation) {
  uint32_t found = 0;
  for (Function& function : compilation.ir()) {
    for (llvm::BasicBlock& block : function) {
      std::vector<Instruction*> before;
      for (Instruction& instruction : llvm::make_early_inc_range(block)) {
        auto* call = dyn_cast<CallInst>(&instruction);
        if (call == nullptr) {
          before.push_back(&instruction);
          continue;
        }
        if (IsStateCall(*call, compilation)) {
          Cool(*call, before, function);
          ++found;
        }
        before.clear();
      }
    }
  }
  return found;
}

}  // namespace wasmsh::compiler
