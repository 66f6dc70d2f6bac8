// The intermediate representation's half of SpillTable: calls that say which values they are about.
#include <llvm/ADT/STLExtras.h>
#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Instructions.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

#include <optional>
#include <tuple>

#include "compiler/marks.h"
#include "compiler/spill_table.h"
#include "compiler/state_helpers.h"
#include "compiler/wamr_layout.h"

namespace wasmsh::compiler {
namespace {

using llvm::CallInst;
using llvm::dyn_cast;
using llvm::Function;
using llvm::Instruction;
using llvm::isa;
using llvm::Value;

/** Values stay where they are: else LLVM would store each in front of the call, in code. Constants
 * that need a register are stored, too: else LLVM would load them all at once, and has too few
 * registers. */
constexpr const char* kSwitches[] = {"use-registers-for-deopt-values", "restrict-statepoint-remat"};
/** More than LLVM's tables can hold of one call, and by far more than it could allocate. */
constexpr size_t kMostValues = 10'000;

bool IsSupported(const llvm::Module& module) {
  return llvm::Triple(module.getTargetTriple()).getArch() == llvm::Triple::x86_64;
}

/** False when LLVM has no such option. */
bool TurnOn(const char* name) {
  auto& options = llvm::cl::getRegisteredOptions();
  const auto found = options.find(name);
  if (found == options.end()) return false;
  return found->second->getNumOccurrences() > 0 || !found->second->addOccurrence(1, name, "true");
}

/** Bytes of a WebAssembly value; 0 for what is none. */
uint8_t WidthOf(const llvm::Type* type) {
  if (type->isIntegerTy(32) || type->isFloatTy()) return 4;
  if (type->isIntegerTy(64) || type->isDoubleTy()) return 8;
  return type->isVectorTy() && type->getPrimitiveSizeInBits() == 128 ? 16 : 0;
}

/** A half of a vector: 0 or 1; nothing for other values. */
std::optional<uint64_t> HalfOf(const Value* value) {
  const auto* half = dyn_cast<llvm::ExtractElementInst>(value);
  if (half == nullptr || !half->getType()->isIntegerTy(64)) return std::nullopt;
  const auto* index = dyn_cast<llvm::ConstantInt>(half->getIndexOperand());
  return index == nullptr ? std::nullopt : std::optional<uint64_t>(index->getZExtValue());
}

/** The local whose half that is; each half is read from it anew. */
const Value* LocalOf(const Value* half) {
  const Value* vector = llvm::cast<llvm::ExtractElementInst>(half)->getVectorOperand();
  const auto* load = dyn_cast<llvm::LoadInst>(vector);
  return load == nullptr ? vector : load->getPointerOperand();
}

/** The calls by which one frame leaves, and what they move as it was before it was made an i64. */
struct FrameCalls {
  std::vector<CallInst*> calls;  // the first one begins the frame
  std::vector<Value*> values;

  /** Nothing when anything else is called in between, or follows. */
  static std::optional<FrameCalls> Match(CallInst* begin, const StateHelpers& helpers) {
    FrameCalls found;
    found.calls.push_back(begin);
    const Value* first_half = nullptr;
    for (Instruction* one = begin->getNextNode(); one != nullptr; one = one->getNextNode()) {
      auto* call = dyn_cast<CallInst>(one);
      if (call == nullptr) continue;
      if (!llvm::is_contained(helpers.spill, call->getCalledFunction())) return std::nullopt;
      found.calls.push_back(call);
      for (Value* argument : llvm::drop_begin(call->args())) {
        const auto half = HalfOf(argument);
        const Value* second_half = half == 1 ? LocalOf(argument) : nullptr;
        if (first_half != second_half) return std::nullopt;
        first_half = half == 0 ? LocalOf(argument) : nullptr;
        if (half != 1) found.values.push_back(Original(argument));
      }
    }
    const bool returns = isa<llvm::ReturnInst>(begin->getParent()->getTerminator());
    const bool fits = returns && first_half == nullptr && found.values.size() <= kMostValues;
    if (!fits ||
        llvm::any_of(found.values, [](Value* value) { return WidthOf(value->getType()) == 0; })) {
      return std::nullopt;
    }
    return found;
  }

 private:
  static Value* Original(Value* value) {
    if (HalfOf(value)) return llvm::cast<llvm::ExtractElementInst>(value)->getVectorOperand();
    if (auto* wide = dyn_cast<llvm::ZExtInst>(value)) {
      if (!wide->getSrcTy()->isIntegerTy(32)) return value;
      value = wide->getOperand(0);
    }
    auto* bits = dyn_cast<llvm::BitCastInst>(value);
    return bits != nullptr && bits->getSrcTy()->isFloatingPointTy() ? bits->getOperand(0) : value;
  }
};

/** The import of that name; nothing in a module that has been made for another host. */
std::optional<uint32_t> FindImport(const Compilation& compilation, const char* name) {
  for (uint32_t i = 0; i < compilation.imported_function_count(); ++i) {
    if (compilation.ImportFrom(kStateModule, i) == name) return i;
  }
  return std::nullopt;
}

/**
 * A function that jumps to the engine, whose address is in the instance. It keeps all registers but
 * one, as the engine's does, so that LLVM leaves values where they are. Not marked as cold: it
 * would be put into a section of its own, and each call of it would take a relocation.
 */
Function* AddFrameHere(llvm::Module* ir, uint32_t import) {
  llvm::IRBuilder<> builder(ir->getContext());
  auto* type = llvm::FunctionType::get(builder.getVoidTy(), {builder.getPtrTy()}, false);
  auto* function =
      Function::Create(type, llvm::GlobalValue::InternalLinkage, "wasmsh.frame_here", ir);
  function->addFnAttr(llvm::Attribute::NoInline);
  function->addFnAttr(llvm::Attribute::NoUnwind);
  function->setCallingConv(llvm::CallingConv::PreserveAll);
  builder.SetInsertPoint(llvm::BasicBlock::Create(ir->getContext(), "", function));
  Value* target = function->getArg(0);
  for (const uint32_t index : {kModuleInstanceIndex, kFunctionPointersIndex, import}) {
    Value* address = builder.CreateInBoundsGEP(builder.getPtrTy(), target, builder.getInt32(index));
    target = builder.CreateLoad(builder.getPtrTy(), address);
  }
  CallInst* jump = builder.CreateCall(type, target, {function->getArg(0)});
  jump->setCallingConv(llvm::CallingConv::PreserveAll);
  jump->setTailCallKind(CallInst::TCK_MustTail);
  builder.CreateRetVoid();
  return function;
}

void Replace(const FrameCalls& frame, Function* by, size_t identifier) {
  llvm::IRBuilder<> builder(frame.calls.back());
  const llvm::OperandBundleDef values("deopt", frame.values);
  CallInst* call = builder.CreateCall(by, {frame.calls[0]->getArgOperand(0)}, {values});
  call->setCallingConv(by->getCallingConv());
  // It keeps calls of different points apart, whatever is done with them, and comes back with the
  // places of the values.
  call->addFnAttr(
      llvm::Attribute::get(builder.getContext(), "statepoint-id", std::to_string(identifier)));
  call->addFnAttr(llvm::Attribute::get(builder.getContext(), "call-inline-cost", "0"));
  call->addFnAttr(llvm::Attribute::Cold);
  call->addFnAttr(llvm::Attribute::NoUnwind);
  // It changes nothing that code could see, but is not to be marked so: the check behind a call
  // that was inlined is no volatile load, and must come behind this.
  for (CallInst* one : frame.calls) one->eraseFromParent();
}

}  // namespace

void SpillTable::ReplaceCalls(const Compilation& compilation) {
  llvm::Module& ir = compilation.ir();
  const auto import = FindImport(compilation, kFrameHere);
  const StateHelpers helpers(compilation);
  if (!IsSupported(ir) || !import || helpers.frame == nullptr) return;
  // Without optimization registers are given out one instruction at a time, and there are too few.
  const bool optimizes = compilation.target_machine().getOptLevel() != llvm::CodeGenOptLevel::None;
  if (optimizes && !llvm::all_of(kSwitches, TurnOn)) return;
  Function* frame_here = AddFrameHere(&ir, *import);
  for (llvm::User* user : llvm::make_early_inc_range(helpers.frame->users())) {
    auto* begin = dyn_cast<CallInst>(user);
    if (begin == nullptr || begin->getCalledOperand() != helpers.frame) continue;
    const auto place = FramePointOf(*begin);
    const auto frame = FrameCalls::Match(begin, helpers);
    if (!place || !frame) continue;
    SpillSite site;
    std::tie(site.function, site.point) = *place;
    for (const Value* value : frame->values) site.widths.push_back(WidthOf(value->getType()));
    Replace(*frame, frame_here, sites_.size());
    sites_.push_back(std::move(site));
  }
}

}  // namespace wasmsh::compiler
