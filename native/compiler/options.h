#ifndef WASMSH_COMPILER_OPTIONS_H_
#define WASMSH_COMPILER_OPTIONS_H_

#include <cstdint>
#include <string>

#include "status.h"

namespace wasmsh::compiler {

/** What to compile, and how; see Usage(). */
struct Options {
  std::string input;
  std::string output;
  std::string target = "native";  // "x86_64", "aarch64" or "riscv64"; or this machine's
  std::string cpu;                // as LLVM names it; empty for the target's own
  uint32_t level = 3;             // of optimization, 0 to 3
  /** How much a loop may run between two polls, in units of a third of a nanosecond or so. */
  uint32_t poll_budget = 1u << 18;
  bool drop_polls = true;     // from loops that are known to be short
  bool version_loops = true;  // pieces without polls of long loops, or copies
  bool spill_table = true;    // values are spilled by a table, where the target can
  /** Which loops a profile calls hot, see hot_loops.h; empty for none. */
  std::string hot_loops;
  /** So many functions with a body only stand for those of another build: see stand_ins.h. */
  uint32_t stand_ins = 0;
  bool stock = false;     // WAMR's own passes only, marks are ignored: to measure against
  std::string places;     // the pass's file (code_places.h); empty: no table of traps
  std::string traps;      // where to write the table of traps
  std::string ir;         // where to write what has been optimized; empty for nowhere
  bool progress = false;  // a line of JSON a phase, on standard output
};

/** Reads the command line. Codes: COMMAND_USAGE. */
Status ParseOptions(int count, char** arguments, Options* options);

/** What the command line takes, in lines. */
const char* Usage();

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_OPTIONS_H_
