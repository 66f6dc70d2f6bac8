#include "compiler/cold_paths.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>
#include <llvm/TargetParser/Triple.h>

#include <optional>
#include <string>

#include "compiler/marks.h"
#include "compiler/wamr_layout.h"

namespace wasmsh::compiler {
namespace {

using llvm::CallInst;
using llvm::dyn_cast;
using llvm::Function;
using llvm::Instruction;
using llvm::isa;

/** Parameters of aot_invoke_native(exec_env, function, count, buffer). */
constexpr unsigned kFunctionParameter = 1;
constexpr unsigned kBufferParameter = 3;

/** LLVM 19 has the convention for these. A function that is used otherwise than called keeps its
 *  own. */
bool KeepsRegisters(const Function& function) {
  const llvm::Triple triple(function.getParent()->getTargetTriple());
  if (!triple.isX86() && !triple.isAArch64()) return false;
  return llvm::all_of(function.users(), [&](const llvm::User* user) {
    const auto* call = dyn_cast<CallInst>(user);
    return call != nullptr && call->getCalledOperand() == &function;
  });
}

/**
 * A function that only cold paths call. It keeps the registers of its caller: a value that is
 * spilled may then stay where the hot path has it, and needs no register that the hot path would
 * have to save for it. Nor does the inliner count such calls, or else functions that are inlined in
 * plain code would be too large with their cold paths.
 */
void CoolHelper(Function& function) {
  function.addFnAttr(llvm::Attribute::Cold);
  function.addFnAttr(llvm::Attribute::NoInline);
  const bool keeps = KeepsRegisters(function);
  if (keeps) function.setCallingConv(llvm::CallingConv::PreserveMost);
  for (llvm::User* user : function.users()) {
    auto* call = dyn_cast<CallInst>(user);
    if (call == nullptr || call->getCalledOperand() != &function) continue;
    if (keeps) call->setCallingConv(llvm::CallingConv::PreserveMost);
    call->addFnAttr(llvm::Attribute::get(function.getContext(), "call-inline-cost", "0"));
  }
}

/** A function of the pass, by what it calls. */
void MarkFunction(Function& function, const std::string& calls, bool spares_twins) {
  if (calls == kBeginFrame || calls == kSpill) {
    CoolHelper(function);
  } else if (calls == kEnter && spares_twins) {
    // A twin runs once, when a stack is rebuilt, and there are as many as functions. This spares it
    // in the code generator; the passes before that do not look at it.
    function.addFnAttr(llvm::Attribute::OptimizeNone);
    function.addFnAttr(llvm::Attribute::NoInline);
  }
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

std::optional<std::string> StateCall(const CallInst& call, const Compilation& compilation) {
  const auto* callee = dyn_cast<Function>(call.getCalledOperand()->stripPointerCasts());
  if (callee == nullptr || callee->getName() != "aot_invoke_native") return std::nullopt;
  const auto* function = dyn_cast<llvm::ConstantInt>(call.getArgOperand(kFunctionParameter));
  if (function == nullptr) return std::nullopt;
  return compilation.ImportFrom(kStateModule, function->getZExtValue());
}

uint32_t CoolStateCalls(const Compilation& compilation, bool spares_twins) {
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
        if (const auto name = StateCall(*call, compilation)) {
          Cool(*call, before, function);
          MarkFunction(function, *name, spares_twins);
          ++found;
        }
        before.clear();
      }
    }
  }
  return found;
}

}  // namespace wasmsh::compiler
