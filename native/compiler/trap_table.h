#ifndef WASMSH_COMPILER_TRAP_TABLE_H_
#define WASMSH_COMPILER_TRAP_TABLE_H_

#include <llvm/CodeGen/AsmPrinterHandler.h>
#include <llvm/Support/MemoryBufferRef.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "status.h"

namespace llvm {
class AsmPrinter;
class DILocation;
class DISubprogram;
class MachineFunction;
class MachineFunctionPass;
class MCSymbol;
}  // namespace llvm

namespace wasmsh::compiler {

/** A machine instruction that may trap, or a call: by the address behind it. */
struct MarkedInstruction {
  llvm::MCSymbol* label;
  bool is_call;
  const llvm::DILocation* location;  // null when it is not known
};

/** How to find the caller of a function, from an instruction on: debug information's "row". */
struct FrameRow {
  enum Base : uint8_t { kStackPointer, kFramePointer, kOther };

  llvm::MCSymbol* label;      // null for the function's beginning
  Base base = kStackPointer;  // a register, plus `offset`, is the frame's upper end
  int64_t offset = 0;
  int64_t return_address = 0;  // from the upper end; 0: in its register
  int64_t frame_pointer = 0;   // where the caller's was saved, from the upper end; 0: nowhere
  bool is_set_up = true;       // false: the function's beginning, where more of this follows
};

struct MarkedFunction {
  std::string name;
  llvm::MCSymbol* begin = nullptr;
  const llvm::DISubprogram* scope = nullptr;
  std::vector<MarkedInstruction> instructions;
  std::vector<FrameRow> rows;
};

/**
 * What each machine instruction is for: a table that is written beside the machine code, and read
 * when a guest traps in it (its format: engine/compiled/trap_table_format.h). One at a time in a
 * process: while it lives, code is generated with it.
 */
class TrapTable {
 public:
  TrapTable();
  ~TrapTable();
  TrapTable(const TrapTable&) = delete;
  TrapTable& operator=(const TrapTable&) = delete;
  /** The one that lives, or nullptr. */
  static TrapTable* active();

  /** The last pass over machine code: labels what may trap, and calls. */
  llvm::MachineFunctionPass* CreateMarkPass();
  /** Adds the addresses of the labels to the object file, in a section that WAMR leaves out. */
  std::unique_ptr<llvm::AsmPrinterHandler> CreateHandler(llvm::AsmPrinter* printer);
  /** Reads the addresses, and makes the table. Codes: COMPILE_FAILED. */
  Status Finish(llvm::MemoryBufferRef object);
  /** Codes: COMPILE_WRITE. */
  Status Write(const std::string& path) const;

  std::vector<MarkedFunction>& functions() { return functions_; }

 private:
  std::vector<MarkedFunction> functions_;
  std::string table_;  // its bytes
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_TRAP_TABLE_H_
