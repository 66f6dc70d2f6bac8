#ifndef WASMSH_ENGINE_COMPILED_TRAP_TABLE_H_
#define WASMSH_ENGINE_COMPILED_TRAP_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/compiled/trap_capture.h"
#include "status.h"

namespace wasmsh::engine {

/** A function of the original module, and the instruction that it is at, if that is known. */
struct TrapFrame {
  uint32_t function = 0;
  std::optional<uint32_t> pc;
};

/** What each machine instruction of a module is for: trap_table_format.h. */
class TrapTable {
 public:
  /** Reads a whole table. Codes: COMPILED_CODE. */
  static Status Read(const std::string& path, TrapTable* out);
  static Status Parse(std::vector<uint8_t> bytes, TrapTable* out);

  /**
   * The frames that were there at a trap, innermost first: where it happened, then the calls that
   * were in progress, as far as the capture's copy of the stack reaches. Bounds-checked: a table
   * that lies gives wrong frames, no more.
   */
  std::vector<TrapFrame> Frames(const TrapCapture& capture) const;

 private:
  struct Function;

  /** The function whose code is at an address; nothing between functions. */
  std::optional<Function> Find(uint64_t address) const;
  uint32_t U32(size_t at) const;

  std::vector<uint8_t> bytes_;
  uint32_t functions_ = 0;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_TRAP_TABLE_H_
