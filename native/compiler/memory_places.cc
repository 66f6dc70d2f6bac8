#include "compiler/memory_places.h"

#include <llvm/CodeGen/MachineInstr.h>
#include <llvm/CodeGen/MachineMemOperand.h>
#include <llvm/CodeGen/PseudoSourceValue.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/IntrinsicInst.h>
#include <llvm/Pass.h>

#include "compiler/explicit_traps.h"

namespace wasmsh::compiler {
namespace {

/** Operands that are pointers of accesses. */
llvm::SmallVector<unsigned, 2> PointerOperands(const llvm::Instruction& instruction) {
  using llvm::isa;
  if (isa<llvm::LoadInst>(instruction)) return {llvm::LoadInst::getPointerOperandIndex()};
  if (isa<llvm::StoreInst>(instruction)) return {llvm::StoreInst::getPointerOperandIndex()};
  if (isa<llvm::AtomicRMWInst>(instruction)) return {llvm::AtomicRMWInst::getPointerOperandIndex()};
  if (isa<llvm::AtomicCmpXchgInst>(instruction)) {
    return {llvm::AtomicCmpXchgInst::getPointerOperandIndex()};
  }
  // Copies, fills, masked and scattered accesses: what loops have become.
  const auto* intrinsic = llvm::dyn_cast<llvm::IntrinsicInst>(&instruction);
  llvm::SmallVector<unsigned, 2> found;
  if (intrinsic == nullptr || !intrinsic->mayReadOrWriteMemory()) return found;
  for (unsigned i = 0; i < intrinsic->arg_size(); ++i) {
    if (intrinsic->getArgOperand(i)->getType()->isPointerTy()) found.push_back(i);
  }
  return found;
}

/** An instruction's own location or, where LLVM has dropped it, the one that was kept. */
llvm::DebugLoc LocationOf(const llvm::Instruction& instruction, unsigned kept_kind) {
  const llvm::DebugLoc& own = instruction.getDebugLoc();
  if (own && own->getLine() != 0) return own;
  auto* kept = llvm::dyn_cast_if_present<llvm::DILocation>(instruction.getMetadata(kept_kind));
  llvm::DISubprogram* function = instruction.getFunction()->getSubprogram();
  if (kept == nullptr || function == nullptr) return own;
  if (kept->getScope()->getSubprogram() == function) return kept;
  // It was inlined; by which calls is not known any more.
  llvm::LLVMContext& context = instruction.getContext();
  auto* somewhere = llvm::DILocation::getDistinct(context, 0, 0, function);
  return llvm::DILocation::get(context, kept->getLine(), 0, kept->getScope(), somewhere);
}

class MemoryPlacesPass : public llvm::FunctionPass {
 public:
  static char ID;
  MemoryPlacesPass() : FunctionPass(ID) {}

  bool runOnFunction(llvm::Function& function) override {
    auto* zero = llvm::ConstantInt::get(llvm::Type::getInt64Ty(function.getContext()), 0);
    const unsigned kind = function.getContext().getMDKindID(kPlaceMetadata);
    auto* byte = llvm::Type::getInt8Ty(function.getContext());
    for (llvm::BasicBlock& block : function) {
      for (llvm::Instruction& instruction : block) {
        const llvm::DebugLoc location = LocationOf(instruction, kind);
        if (!location) continue;
        for (const unsigned operand : PointerOperands(instruction)) {
          llvm::Value* pointer = instruction.getOperand(operand);
          // Frame slots are not the guest's memory.
          if (llvm::isa<llvm::AllocaInst>(pointer) || llvm::isa<llvm::Constant>(pointer)) continue;
          auto* own =
              llvm::GetElementPtrInst::Create(byte, pointer, {zero}, "", instruction.getIterator());
          own->setDebugLoc(location);
          instruction.setOperand(operand, own);
        }
      }
    }
    return true;
  }
  void getAnalysisUsage(llvm::AnalysisUsage& usage) const override { usage.setPreservesCFG(); }
};

char MemoryPlacesPass::ID = 0;

/** Collects what may be the one place. */
class OnePlace {
 public:
  void Add(const llvm::DILocation* location) {
    if (has_any_ && location != place_) is_ambiguous_ = true;
    place_ = location;
    has_any_ = true;
  }
  bool has_any() const { return has_any_; }
  const llvm::DILocation* place() const { return is_ambiguous_ ? nullptr : place_; }

 private:
  const llvm::DILocation* place_ = nullptr;
  bool has_any_ = false;
  bool is_ambiguous_ = false;
};

}  // namespace

llvm::FunctionPass* CreateMemoryPlacesPass() { return new MemoryPlacesPass(); }

Access AccessOf(const llvm::MachineInstr& instruction) {
  if (!instruction.mayLoadOrStore()) return {};
  const llvm::DILocation* own = instruction.getDebugLoc();
  if (instruction.memoperands_empty()) return {true, own};
  // What reads and writes one place in memory has trapped when it read.
  OnePlace loads, stores;
  bool is_memory = false;
  for (const llvm::MachineMemOperand* operand : instruction.memoperands()) {
    if (operand->getPseudoValue() != nullptr) continue;  // the frame, a constant
    is_memory = true;
    const auto* pointer = llvm::dyn_cast_if_present<llvm::Instruction>(operand->getValue());
    const llvm::DILocation* location = pointer != nullptr ? pointer->getDebugLoc().get() : nullptr;
    (operand->isLoad() ? loads : stores).Add(location);
  }
  if (!is_memory) return {};
  const llvm::DILocation* found = (loads.has_any() ? loads : stores).place();
  return {true, found};
}

}  // namespace wasmsh::compiler
