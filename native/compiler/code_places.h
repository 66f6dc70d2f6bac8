#ifndef WASMSH_COMPILER_CODE_PLACES_H_
#define WASMSH_COMPILER_CODE_PLACES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "status.h"

namespace wasmsh::compiler {

/**
 * Where in the original module the code of the built one comes from: the file that the pass writes
 * beside it (src/core/aot/code-places.ts).
 *
 *     file     = functions { function }        those with a body, in order
 *     function = 0 | 1 + original function, length in bytes { mark }
 *     mark     = 2 * (offset less the one before) + is_run, signed: pc less the one before
 *
 * A mark says the pc of an instruction; a run's says that of its first, and those behind it were
 * copied byte by byte. Numbers are LEB128.
 */
class CodePlaces {
 public:
  /** Codes: COMPILE_PLACES. */
  static Status Read(const std::string& path, CodePlaces* places);

  uint32_t function_count() const { return static_cast<uint32_t>(functions_.size()); }
  /** The original function that a function with a body is a version of; nothing for one of the
   *  pass. */
  std::optional<uint32_t> OriginalFunction(uint32_t built) const;
  /** The pc of the instruction at an offset from the first one of that function. Quick for one
   *  function at a time. */
  uint32_t OriginalPc(uint32_t built, uint32_t offset);

 private:
  struct Function {
    uint32_t original_or_zero;  // plus 1
    size_t from, to;            // of its marks
  };
  struct Mark {
    uint32_t offset;
    uint32_t pc;
    bool is_run;
  };
  void Decode(uint32_t built);

  std::vector<uint8_t> bytes_;
  std::vector<Function> functions_;
  uint32_t decoded_ = UINT32_MAX;
  std::vector<Mark> marks_;  // of `decoded_`
};

}  // namespace wasmsh::compiler

#endif  // WASMSH_COMPILER_CODE_PLACES_H_
