#include "compiler/memory_tags.h"

#include <llvm/Analysis/ValueTracking.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/MDBuilder.h>
#include <llvm/IR/Module.h>
#include <llvm/IR/Operator.h>

#include "compiler/wamr_layout.h"

namespace wasmsh::compiler {
namespace {

using llvm::dyn_cast;
using llvm::Function;
using llvm::Instruction;
using llvm::LoadInst;
using llvm::Value;

/** Tells loads and stores apart by where their address comes from. */
class Classifier {
 public:
  Classifier(const Compilation& compilation, const Function& function)
      : environment_(function.getArg(0)),
        layout_(function.getDataLayout()),
        instance_at_(uint64_t{compilation.pointer_bytes()} * kModuleInstanceIndex),
        memory_at_(compilation.MemoryBaseOffset()) {}

  bool IsEnvironment(const Value* address) const {
    return llvm::getUnderlyingObject(address) == environment_;
  }
  /** The place where the instance keeps the address of its memory. */
  bool IsMemoryBase(const Value* address) const {
    return OffsetFrom(address, [this](const Value* base) { return IsInstance(base); }) ==
           memory_at_;
  }
  bool IsGuest(const Value* address) const {
    const auto* base = dyn_cast<LoadInst>(llvm::getUnderlyingObject(address));
    return base != nullptr && IsMemoryBase(base->getPointerOperand());
  }

 private:
  bool IsInstance(const Value* value) const {
    const auto* load = dyn_cast<LoadInst>(value);
    return load != nullptr && OffsetFrom(load->getPointerOperand(), [this](const Value* base) {
                                return base == environment_;
                              }) == instance_at_;
  }
  template <typename IsBase>
  std::optional<uint64_t> OffsetFrom(const Value* address, IsBase is_base) const {
    llvm::APInt offset(64, 0);
    const Value* base = address->stripAndAccumulateConstantOffsets(layout_, offset, true);
    if (!is_base(base)) return std::nullopt;
    return offset.getZExtValue();
  }

  const Value* environment_;
  const llvm::DataLayout& layout_;
  uint64_t instance_at_;
  uint64_t memory_at_;
};

}  // namespace

void TagMemory(const Compilation& compilation) {
  llvm::Module& module = compilation.ir();
  llvm::MDBuilder builder(module.getContext());
  llvm::MDNode* root = builder.createTBAARoot("wasmsh");
  const auto tag = [&](const char* name) {
    llvm::MDNode* type = builder.createTBAAScalarTypeNode(name, root);
    return builder.createTBAAStructTagNode(type, type, 0);
  };
  llvm::MDNode* host = tag("host");
  llvm::MDNode* guest = tag("guest");
  for (Function& function : module) {
    if (function.isDeclaration() || function.arg_empty()) continue;
    const Classifier classifier(compilation, function);
    for (llvm::BasicBlock& block : function) {
      for (Instruction& one : block) {
        const Value* address = llvm::getLoadStorePointerOperand(&one);
        if (address == nullptr) continue;
        if (classifier.IsGuest(address)) {
          one.setMetadata(llvm::LLVMContext::MD_tbaa, guest);
        } else if (llvm::isa<LoadInst>(one) &&
                   (classifier.IsEnvironment(address) || classifier.IsMemoryBase(address))) {
          one.setMetadata(llvm::LLVMContext::MD_tbaa, host);
        }
      }
    }
  }
}

}  // namespace wasmsh::compiler
