#ifndef WASMSH_COMPILER_SPILL_TABLE_H_
#define WASMSH_COMPILER_SPILL_TABLE_H_

#include <llvm/Support/MemoryBufferRef.h>

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/compilation.h"
#include "status.h"

namespace wasmsh::compiler {

/** A place where code hands over a frame. */
struct SpillSite {
  uint32_t function = 0;
  uint32_t point = 0;
  std::vector<uint8_t> widths;  // of its values, in bytes: 4, 8 or 16
};

/**
 * Spilling by a table in place of code. The pass writes, for each stable point, calls that move one
 * value after the other; in their place comes one call, of which LLVM tells where the values are
 * while it is made. The engine's side of it keeps the registers, and reads the table that goes with
 * the machine code (its format: engine/compiled/spill_table_format.h). One at a time in a process:
 * while it lives, code is generated with it.
 *
 * LLVM calls such a call a statepoint, and what is told of it a stack map; both are meant for
 * garbage collectors and runtimes that leave optimized code.
 */
class SpillTable {
 public:
  SpillTable();
  ~SpillTable();
  SpillTable(const SpillTable&) = delete;
  SpillTable& operator=(const SpillTable&) = delete;
  /** The one that lives, or nullptr. */
  static SpillTable* active();

  /**
   * Replaces the calls of all places where that can be done: on targets whose calls can keep all
   * registers and whose engine can look into them, and not where a reference to a function has to
   * be turned into a number first. To be called once CoolStateCalls has run.
   */
  void ReplaceCalls(const Compilation& compilation);
  /** Reads where LLVM has put the values, and makes the table. Codes: COMPILE_FAILED. */
  Status Finish(llvm::MemoryBufferRef object);
  /** Adds the table to the bytes of machine code, if there is anything in it. */
  void AppendTo(std::string* code) const;

  size_t size() const { return sites_.size(); }

 private:
  std::vector<SpillSite> sites_;  // by their identifiers
  std::string table_;
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_SPILL_TABLE_H_
