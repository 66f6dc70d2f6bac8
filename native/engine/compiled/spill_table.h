#ifndef WASMSH_ENGINE_COMPILED_SPILL_TABLE_H_
#define WASMSH_ENGINE_COMPILED_SPILL_TABLE_H_

#include <cstdint>
#include <vector>

#include "status.h"

namespace wasmsh::engine {

/** What a thread had where it called for its frame to be handed over. */
struct SpillCapture {
  static constexpr uint32_t kGeneral = 32;
  static constexpr uint32_t kVectors = 32;
  struct Vector {
    uint64_t low, high;
  };

  /** As debug information numbers them; those that a CPU has not are 0. */
  uint64_t general[kGeneral];
  Vector vectors[kVectors];
  /** Of the caller, and what must not be read any more. */
  uintptr_t stack_pointer, stack_to;
};

/** A frame as code hands it over: values in the order of its stable point, a v128 as two. */
struct SpilledFrame {
  uint32_t function = 0;
  uint32_t point = 0;
  std::vector<uint64_t> values;
};

/** Where the values of frames are when code hands them over: spill_table_format.h. */
class SpillTable {
 public:
  /** Finds the table in a file of machine code; one without it hands frames over by itself. Codes:
   *  COMPILED_CODE. */
  static Status Find(const std::vector<uint8_t>& file, SpillTable* out);
  /** Takes the table alone. Codes: COMPILED_CODE. */
  static Status Parse(std::vector<uint8_t> bytes, SpillTable* out);

  /**
   * The frame that called, by its return address, counted from the text's start. False when the
   * table does not know it, or is damaged. Bounds-checked: a table that lies gives wrong values, no
   * more.
   */
  bool Read(uint64_t return_address, const SpillCapture& capture, SpilledFrame* out) const;

 private:
  uint32_t U32(size_t at) const;
  uint32_t Address(uint32_t entry) const;

  std::vector<uint8_t> bytes_;
  uint32_t sites_ = 0;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_SPILL_TABLE_H_
