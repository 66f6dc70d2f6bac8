#ifndef WASMSH_ENGINE_COMPILED_SPILL_TABLE_FORMAT_H_
#define WASMSH_ENGINE_COMPILED_SPILL_TABLE_FORMAT_H_

#include <cstddef>
#include <cstdint>

/**
 * Where the values of a frame are when code hands it over: a custom section at the end of a file
 * of machine code, which WAMR's loader passes by. Fixed numbers are u32 and little-endian, all else
 * is LEB128.
 *
 *     section = type of section (WAMR's "custom"), size of what follows,
 *               kind of it (WAMR's "raw"), name ("wasmsh.spills"), table
 *     table   = sites
 *               entries { return address: place in WAMR's text; data: place in the table } *
 *               sites { function, point, number of values, value * }
 *     value   = 8 * what + form, and what the form needs
 *
 * Entries ascend, function and point are as in the table of stable points, and values are in its
 * order. A 4-byte value is the lower half of a word. Registers are numbered as debug information
 * does, general ones from 0 and those of vectors and floats from 32. Slots are 4 * what above the
 * stack pointer. `kElsewhere` in the place of a register: in memory, `offset` (signed) above what
 * `register` holds. `what` of a constant is 0, which has it (signed) follow, or one more than it.
 */
namespace wasmsh::engine::spill_table {

/** AOT_SECTION_TYPE_CUSTOM and AOT_CUSTOM_SECTION_RAW. */
constexpr uint32_t kCustomSection = 100;
constexpr uint32_t kRawSection = 0;
/** In front of the first section: magic and version. */
constexpr size_t kFileHeaderBytes = 8;
constexpr size_t kSectionAlignment = 4;
constexpr char kName[] = "wasmsh.spills";

constexpr size_t kCountBytes = 4;
constexpr size_t kEntryBytes = 8;

enum Form : uint8_t {
  kRegister4,
  kRegister8,
  kRegister16,
  kSlot4,
  kSlot8,
  kSlot16,
  kConstant4,
  kConstant8,
};
constexpr uint32_t kForms = 8;
constexpr uint32_t kFirstVector = 32;
constexpr uint32_t kElsewhere = 64;
constexpr uint32_t kSlotBytes = 4;

}  // namespace wasmsh::engine::spill_table

#endif  // WASMSH_ENGINE_COMPILED_SPILL_TABLE_FORMAT_H_
