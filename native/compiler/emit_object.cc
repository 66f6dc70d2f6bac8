#include "compiler/emit_object.h"

#include <llvm-c/Core.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/Passes.h>
#include <llvm/CodeGen/TargetPassConfig.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Module.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include <cstring>
#include <memory>
#include <string>

#include "compiler/memory_places.h"
#include "compiler/spill_table.h"
#include "compiler/trap_table.h"

namespace wasmsh::compiler {
namespace {

/** LLVMTargetMachine::addPassesToEmitFile, with places noted on the way. Says what is missing. */
const char* AddPasses(llvm::LLVMTargetMachine* machine, TrapTable* table,
                      llvm::raw_pwrite_stream* out, llvm::legacy::PassManager* passes) {
  auto* machine_module = new llvm::MachineModuleInfoWrapperPass(machine);
  llvm::TargetPassConfig* config = machine->createPassConfig(*passes);
  passes->add(config);
  passes->add(machine_module);
  // The last pass over the intermediate representation that moves loads and stores; it does not run
  // at level 0, where nothing is moved.
  const std::unique_ptr<llvm::Pass> prepare(llvm::createCodeGenPrepareLegacyPass());
  config->insertPass(prepare->getPassID(), CreateMemoryPlacesPass());
  if (config->addISelPasses()) return "LLVM has no instruction selection for this target";
  config->addMachinePasses();
  config->setInitialized();
  passes->add(table->CreateMarkPass());

  llvm::MCContext& context = machine_module->getMMI().getContext();
  auto streamer =
      machine->createMCStreamer(*out, nullptr, llvm::CodeGenFileType::ObjectFile, context);
  if (!streamer) {
    llvm::consumeError(streamer.takeError());
    return "LLVM writes no object files for this target";
  }
  llvm::AsmPrinter* printer = machine->getTarget().createAsmPrinter(*machine, std::move(*streamer));
  if (printer == nullptr) return "LLVM writes no machine code for this target";
  printer->addAsmPrinterHandler(table->CreateHandler(printer));
  passes->add(printer);
  passes->add(llvm::createFreeMachineFunctionPass());
  return nullptr;
}

LLVMBool Fail(const std::string& reason, char** error) {
  *error = strdup(reason.c_str());
  return true;
}

/** LLVMTargetMachineEmitToMemoryBuffer, with places noted. */
LLVMBool EmitWithPlaces(TrapTable* table, LLVMTargetMachineRef machine, llvm::Module* ir,
                        char** error, LLVMMemoryBufferRef* buffer) {
  // WAMR makes none but machines of LLVM's common code generator.
  auto* target =
      static_cast<llvm::LLVMTargetMachine*>(reinterpret_cast<llvm::TargetMachine*>(machine));
  ir->setDataLayout(target->createDataLayout());
  // Else functions that nothing is thrown through would not say where their frames end.
  for (llvm::Function& function : *ir) {
    if (!function.isDeclaration()) function.setUWTableKind(llvm::UWTableKind::Async);
  }
  llvm::SmallString<0> code;
  llvm::raw_svector_ostream out(code);
  llvm::legacy::PassManager passes;
  if (const char* missing = AddPasses(target, table, &out, &passes)) return Fail(missing, error);
  passes.run(*ir);
  *buffer = llvm::wrap(llvm::MemoryBuffer::getMemBufferCopy(code.str()).release());
  return false;
}

}  // namespace
}  // namespace wasmsh::compiler

LLVMBool EmitObjectWithPlaces(LLVMTargetMachineRef machine, LLVMModuleRef module, char** error,
                              LLVMMemoryBufferRef* buffer) {
  using wasmsh::compiler::SpillTable;
  using wasmsh::compiler::TrapTable;
  TrapTable* traps = TrapTable::active();
  const bool failed =
      traps == nullptr
          ? LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, error, buffer)
          : wasmsh::compiler::EmitWithPlaces(traps, machine, llvm::unwrap(module), error, buffer);
  if (failed) return true;
  const llvm::MemoryBufferRef object = llvm::unwrap(*buffer)->getMemBufferRef();
  SpillTable* spills = SpillTable::active();
  wasmsh::Status status = traps == nullptr ? wasmsh::Status::Ok() : traps->Finish(object);
  if (status.ok() && spills != nullptr) status = spills->Finish(object);
  if (status.ok()) return false;
  LLVMDisposeMemoryBuffer(*buffer);
  *buffer = nullptr;
  return wasmsh::compiler::Fail(status.message, error);
}
