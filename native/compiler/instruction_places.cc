#include "compiler/instruction_places.h"

#include <llvm-c/DebugInfo.h>
#include <llvm/IR/DIBuilder.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/IR/Module.h>

// clang-format off
extern "C" {
#include "bh_platform.h"
#include "aot_llvm.h"
}
// clang-format on

namespace wasmsh::compiler {
namespace {

InstructionPlaces* active = nullptr;

/** Lines begin at 1: 0 is what has no place. */
unsigned LineOf(std::optional<uint32_t> number) { return number ? *number + 1 : 0; }
std::optional<uint32_t> NumberOf(unsigned line) {
  return line == 0 ? std::nullopt : std::optional<uint32_t>(line - 1);
}

/** The unit that all functions belong to; without anything to emit. */
llvm::DICompileUnit* UnitOf(llvm::Module* module) {
  if (auto* units = module->getNamedMetadata("llvm.dbg.cu")) {
    return llvm::cast<llvm::DICompileUnit>(units->getOperand(0));
  }
  module->addModuleFlag(llvm::Module::Warning, "Debug Info Version", llvm::DEBUG_METADATA_VERSION);
  llvm::DIBuilder builder(*module);
  llvm::DICompileUnit* unit =
      builder.createCompileUnit(llvm::dwarf::DW_LANG_C, builder.createFile("module", ""), "wasmsh",
                                true, "", 0, "", llvm::DICompileUnit::NoDebug);
  builder.finalize();
  return unit;
}

}  // namespace

InstructionPlaces::InstructionPlaces(CodePlaces* places) : places_(places) { active = this; }
InstructionPlaces::~InstructionPlaces() { active = nullptr; }

llvm::DISubprogram* InstructionPlaces::Enter(llvm::Function* function) {
  current_ = function;
  llvm::StringRef name = function->getName();
  name = name.substr(name.find('#') + 1);
  name.getAsInteger(10, built_);
  llvm::DICompileUnit* unit = UnitOf(function->getParent());
  llvm::DIBuilder builder(*function->getParent(), true, unit);
  auto* type = builder.createSubroutineType(builder.getOrCreateTypeArray({}));
  const unsigned line = LineOf(places_->OriginalFunction(built_));
  auto* made =
      builder.createFunction(unit->getFile(), function->getName(), "", unit->getFile(), line, type,
                             line, llvm::DINode::FlagZero, llvm::DISubprogram::SPFlagDefinition);
  builder.finalizeSubprogram(made);
  function->setSubprogram(made);
  return made;
}

llvm::DILocation* InstructionPlaces::At(llvm::Function* function, const uint8_t* body,
                                        const uint8_t* instruction) {
  llvm::DISubprogram* scope = function == current_ ? function->getSubprogram() : Enter(function);
  const bool has_place = scope->getLine() != 0;
  const unsigned line =
      has_place ? places_->OriginalPc(built_, static_cast<uint32_t>(instruction - body)) + 1 : 0;
  return llvm::DILocation::get(function->getContext(), line, 0, scope);
}

std::optional<uint32_t> FunctionOf(const llvm::DISubprogram& function) {
  return NumberOf(function.getLine());
}
std::optional<uint32_t> FunctionOf(const llvm::DILocation& location) {
  return FunctionOf(*location.getScope()->getSubprogram());
}
std::optional<uint32_t> PcOf(const llvm::DILocation& location) {
  return NumberOf(location.getLine());
}

}  // namespace wasmsh::compiler

extern "C" LLVMMetadataRef dwarf_gen_location(const AOTCompContext* context,
                                              const AOTFuncContext* function, uint64_t offset) {
  auto* places = wasmsh::compiler::active;
  if (places == nullptr) return nullptr;
  // The offset counts from the start of the module: wamr/wamr_aot_compiler.c.
  const uint8_t* module = context->comp_data->wasm_module->load_addr;
  auto* llvm_function = llvm::unwrap<llvm::Function>(function->func);
  return llvm::wrap(places->At(llvm_function, function->aot_func->code, module + offset));
}
