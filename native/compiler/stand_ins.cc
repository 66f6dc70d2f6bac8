#include "compiler/stand_ins.h"

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include <string>
#include <utility>
#include <vector>

#include "compiler/wamr_layout.h"

namespace wasmsh::compiler {
namespace {

using llvm::CallInst;
using llvm::Function;
using llvm::Value;

/** What WAMR calls the function of that number, imported ones left out. */
constexpr char kFunctionPrefix[] = "aot_func#";

Value* LoadPointer(llvm::IRBuilder<>* builder, Value* from, uint32_t index) {
  llvm::Type* pointer = builder->getPtrTy();
  Value* address = builder->CreateInBoundsGEP(pointer, from, builder->getInt32(index));
  return builder->CreateLoad(pointer, address);
}

std::vector<CallInst*> CallsOf(Function* function) {
  std::vector<CallInst*> calls;
  for (llvm::User* user : function->users()) {
    auto* call = llvm::dyn_cast<CallInst>(user);
    if (call != nullptr && call->getCalledOperand() == function) calls.push_back(call);
  }
  return calls;
}

}  // namespace

uint32_t ReplaceStandIns(const Compilation& compilation, uint32_t count) {
  uint32_t found = 0;
  std::vector<std::pair<uint32_t, Function*>> stand_ins;
  for (uint32_t i = 0; i < count; ++i) {
    Function* function = compilation.ir().getFunction(kFunctionPrefix + std::to_string(i));
    if (function != nullptr) stand_ins.emplace_back(i, function);
  }
  // First all bodies: they call each other.
  for (const auto& [number, function] : stand_ins) function->deleteBody();
  for (const auto& [number, function] : stand_ins) {
    for (CallInst* call : CallsOf(function)) {
      llvm::IRBuilder<> builder(call);
      Value* instance = LoadPointer(&builder, call->getFunction()->getArg(0), kModuleInstanceIndex);
      Value* pointers = LoadPointer(&builder, instance, kFunctionPointersIndex);
      const uint32_t index = compilation.imported_function_count() + number;
      call->setCalledOperand(LoadPointer(&builder, pointers, index));
      ++found;
    }
  }
  return found;
}

}  // namespace wasmsh::compiler
