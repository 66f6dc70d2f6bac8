// The machine code's half of TrapTable: labels while it is written, addresses behind it.
#include <llvm/BinaryFormat/ELF.h>
#include <llvm/CodeGen/AsmPrinter.h>
#include <llvm/CodeGen/MachineFunctionPass.h>
#include <llvm/CodeGen/MachineModuleInfo.h>
#include <llvm/CodeGen/TargetRegisterInfo.h>
#include <llvm/CodeGen/TargetSubtargetInfo.h>
#include <llvm/IR/DebugInfoMetadata.h>
#include <llvm/MC/MCContext.h>
#include <llvm/MC/MCDwarf.h>
#include <llvm/MC/MCSectionELF.h>
#include <llvm/MC/MCStreamer.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Triple.h>

#include <optional>

#include "compiler/address_section.h"
#include "compiler/memory_places.h"
#include "compiler/trap_table.h"

namespace wasmsh::compiler {
namespace {

/** What debug information calls the registers that frames are found by. */
struct Registers {
  unsigned stack_pointer, frame_pointer, return_address;
};

std::optional<Registers> RegistersOf(const llvm::Triple& target) {
  switch (target.getArch()) {
    case llvm::Triple::x86_64:
      return Registers{7, 6, 16};
    case llvm::Triple::aarch64:
      return Registers{31, 29, 30};
    case llvm::Triple::riscv64:
      return Registers{2, 8, 1};
    default:
      return std::nullopt;
  }
}

/** Follows what code says of its frame, as debug information does. */
class FrameRows {
 public:
  explicit FrameRows(const llvm::Triple& target) : registers_(RegistersOf(target)) {
    // A call of x86-64 has pushed the return address.
    if (target.getArch() == llvm::Triple::x86_64) {
      row_.offset = 8;
      row_.return_address = -8;
    }
  }
  const FrameRow& row() const { return row_; }

  /** False for what changes nothing here. */
  bool Apply(const llvm::MCCFIInstruction& instruction) {
    if (!registers_) return false;
    switch (instruction.getOperation()) {
      case llvm::MCCFIInstruction::OpDefCfa:
        row_.base = BaseOf(instruction.getRegister());
        row_.offset = instruction.getOffset();
        return true;
      case llvm::MCCFIInstruction::OpDefCfaRegister:
        row_.base = BaseOf(instruction.getRegister());
        return true;
      case llvm::MCCFIInstruction::OpDefCfaOffset:
        row_.offset = instruction.getOffset();
        return true;
      case llvm::MCCFIInstruction::OpAdjustCfaOffset:
        row_.offset += instruction.getOffset();
        return true;
      case llvm::MCCFIInstruction::OpOffset:
        return Save(instruction.getRegister(), instruction.getOffset());
      case llvm::MCCFIInstruction::OpRestore:
      case llvm::MCCFIInstruction::OpSameValue:
        return Save(instruction.getRegister(), 0);
      case llvm::MCCFIInstruction::OpRememberState:
        remembered_.push_back(row_);
        return false;
      case llvm::MCCFIInstruction::OpRestoreState:
        if (remembered_.empty()) return false;
        row_ = remembered_.back();
        remembered_.pop_back();
        return true;
      default:
        return false;
    }
  }

 private:
  FrameRow::Base BaseOf(unsigned number) const {
    if (number == registers_->stack_pointer) return FrameRow::kStackPointer;
    return number == registers_->frame_pointer ? FrameRow::kFramePointer : FrameRow::kOther;
  }
  bool Save(unsigned number, int64_t offset) {
    if (number == registers_->frame_pointer) {
      row_.frame_pointer = offset;
    } else if (number == registers_->return_address) {
      row_.return_address = offset;
    } else {
      return false;
    }
    return true;
  }

  const std::optional<Registers> registers_;
  FrameRow row_ = {nullptr};
  std::vector<FrameRow> remembered_;
};

class MarkPass : public llvm::MachineFunctionPass {
 public:
  static char ID;
  explicit MarkPass(TrapTable* table) : MachineFunctionPass(ID), table_(table) {}

  bool runOnMachineFunction(llvm::MachineFunction& function) override {
    MarkedFunction marked;
    marked.name = function.getName();
    marked.scope = function.getFunction().getSubprogram();
    for (llvm::MachineBasicBlock& block : function) {
      for (llvm::MachineInstr& instruction : block) Mark(function, &instruction, &marked);
    }
    MarkFrame(function, &marked);
    table_->functions().push_back(std::move(marked));
    return true;
  }

 private:
  static void Mark(llvm::MachineFunction& function, llvm::MachineInstr* instruction,
                   MarkedFunction* marked) {
    llvm::MCContext& context = function.getContext();
    if (instruction->isCall()) {
      // A call that does not come back (of the form of a jump) has no caller to find; what hands
      // over a frame does not trap.
      if (instruction->isReturn()) return;
      if (instruction->getOpcode() == llvm::TargetOpcode::STATEPOINT) return;
      llvm::MCSymbol* behind = context.createTempSymbol();
      instruction->setPostInstrSymbol(function, behind);
      marked->instructions.push_back({behind, true, instruction->getDebugLoc()});
      return;
    }
    const Access access = AccessOf(*instruction);
    if (!access.is_memory) return;
    llvm::MCSymbol* at = context.createTempSymbol();
    instruction->setPreInstrSymbol(function, at);
    marked->instructions.push_back({at, false, access.location});
  }

  static void MarkFrame(llvm::MachineFunction& function, MarkedFunction* marked) {
    FrameRows rows(function.getTarget().getTargetTriple());
    marked->rows.push_back(rows.row());
    bool may_set_up = true;  // the last row may be followed by more of the same prologue
    for (llvm::MachineBasicBlock& block : function) {
      for (llvm::MachineInstr& instruction : block) {
        if (!instruction.isCFIInstruction()) continue;
        const unsigned index = instruction.getOperand(0).getCFIIndex();
        if (!rows.Apply(function.getFrameInstructions()[index])) continue;
        const bool sets_up = instruction.getFlag(llvm::MachineInstr::FrameSetup);
        if (marked->rows.size() == 1) may_set_up = &block == &function.front();
        marked->rows.back().is_set_up = !(may_set_up && sets_up);
        may_set_up = sets_up;
        llvm::MCSymbol* at = function.getContext().createTempSymbol();
        instruction.setPreInstrSymbol(function, at);
        marked->rows.push_back(rows.row());
        marked->rows.back().label = at;
      }
    }
  }

  TrapTable* const table_;
};

char MarkPass::ID = 0;

/** Writes, for each label, how far it is from its function's beginning. */
class AddressHandler : public llvm::AsmPrinterHandler {
 public:
  AddressHandler(TrapTable* table, llvm::AsmPrinter* printer) : table_(table), printer_(printer) {}

  void beginFunction(const llvm::MachineFunction*) override {
    MarkedFunction& function = table_->functions().back();
    function.begin = printer_->OutContext.createTempSymbol();
    printer_->OutStreamer->emitLabel(function.begin);
  }
  void endFunction(const llvm::MachineFunction*) override {}

  void endModule() override {
    llvm::MCStreamer& out = *printer_->OutStreamer;
    out.switchSection(
        printer_->OutContext.getELFSection(kAddressSection, llvm::ELF::SHT_PROGBITS, 0));
    for (const MarkedFunction& function : table_->functions()) {
      const auto emit = [&](const llvm::MCSymbol* label) {
        out.emitAbsoluteSymbolDiff(label, function.begin, kAddressBytes);
      };
      for (const MarkedInstruction& one : function.instructions) emit(one.label);
      for (const FrameRow& row : function.rows) emit(row.label ? row.label : function.begin);
    }
  }

 private:
  TrapTable* const table_;
  llvm::AsmPrinter* const printer_;
};

}  // namespace

llvm::MachineFunctionPass* TrapTable::CreateMarkPass() { return new MarkPass(this); }

std::unique_ptr<llvm::AsmPrinterHandler> TrapTable::CreateHandler(llvm::AsmPrinter* printer) {
  return std::make_unique<AddressHandler>(this, printer);
}

}  // namespace wasmsh::compiler
