#include "compiler/explicit_traps.h"

#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>

#include "compiler/instruction_places.h"

namespace wasmsh::compiler {
namespace {

constexpr char kSetException[] = "aot_set_exception_with_id";
/** What WAMR calls the functions of its runtime that compiled code calls. */
constexpr char kRuntimePrefix[] = "aot_";

/** The pc for each edge that leads to an exception, beside the exception's number. */
llvm::Value* PcOfException(const llvm::CallInst& call, llvm::Value* id,
                           llvm::IRBuilder<>* builder) {
  const auto pc_at = [&](const llvm::Instruction& instruction) {
    const llvm::DILocation* location = instruction.getDebugLoc();
    return builder->getInt32(location != nullptr ? PcOf(*location).value_or(kNoPlace) : kNoPlace);
  };
  auto* ids = llvm::dyn_cast<llvm::PHINode>(id);
  if (ids == nullptr) return pc_at(call);
  builder->SetInsertPoint(ids);
  auto* pcs = builder->CreatePHI(builder->getInt32Ty(), ids->getNumIncomingValues());
  for (llvm::BasicBlock* from : ids->blocks()) {
    pcs->addIncoming(pc_at(*from->getTerminator()), from);
  }
  return pcs;
}

}  // namespace

void KeepPlaces(const Compilation& compilation) {
  const unsigned kind = compilation.ir().getContext().getMDKindID(kPlaceMetadata);
  for (llvm::Function& function : compilation.ir()) {
    for (llvm::Instruction& instruction : llvm::instructions(function)) {
      if (auto* call = llvm::dyn_cast<llvm::CallInst>(&instruction)) {
        const auto* callee = call->getCalledFunction();
        if (callee != nullptr && callee->getName().starts_with(kRuntimePrefix) &&
            callee->isDeclaration()) {
          call->setTailCallKind(llvm::CallInst::TCK_NoTail);
        }
      } else if (llvm::isa<llvm::LoadInst>(instruction) && instruction.getDebugLoc()) {
        instruction.setMetadata(kind, instruction.getDebugLoc().getAsMDNode());
      }
    }
  }
}

void PassPlacesOfTraps(const Compilation& compilation) {
  llvm::Module& module = compilation.ir();
  llvm::Function* stock = module.getFunction(kSetException);
  if (stock == nullptr) return;
  llvm::IRBuilder<> builder(module.getContext());
  llvm::Type* number = builder.getInt32Ty();
  auto* type = llvm::FunctionType::get(builder.getVoidTy(),
                                       {builder.getPtrTy(), number, number, number}, false);
  auto* with_place = llvm::Function::Create(type, stock->getLinkage(), "", &module);
  with_place->takeName(stock);
  for (llvm::User* user : llvm::make_early_inc_range(stock->users())) {
    auto* call = llvm::cast<llvm::CallInst>(user);
    const llvm::DISubprogram* scope = call->getFunction()->getSubprogram();
    const auto function = scope != nullptr ? FunctionOf(*scope) : std::nullopt;
    llvm::Value* id = call->getArgOperand(1);
    llvm::Value* pc = PcOfException(*call, id, &builder);
    builder.SetInsertPoint(call);
    builder.CreateCall(with_place, {call->getArgOperand(0), id,
                                    builder.getInt32(function.value_or(kNoPlace)), pc});
    call->eraseFromParent();
  }
  stock->eraseFromParent();
}

}  // namespace wasmsh::compiler
