#ifndef WASMSH_WASM_DECODE_H_
#define WASMSH_WASM_DECODE_H_

#include <cstdint>

#include "wasm/opcodes.h"
#include "wasm/reader.h"
#include "wasm/types.h"

namespace wasmsh::wasm {

/** A block type (core specification, 5.4.1). */
struct BlockType {
  enum class Form : uint8_t { kEmpty, kValue, kIndex };
  Form form = Form::kEmpty;
  ValueType value = ValueType::kI32;  // kValue: the one result
  uint32_t index = 0;                 // kIndex: type index, not checked
};

/** One instruction with its immediates; which fields count is told by `opcode->immediate`. */
struct Decoded {
  const Opcode* opcode = nullptr;
  uint8_t first = 0;        // first byte
  uint32_t sub_opcode = 0;  // behind a prefix
  uint32_t begin = 0;       // file offsets
  uint32_t end = 0;
  uint32_t index = 0;   // first index: function, type, local, global, table, label, segment
  uint32_t second = 0;  // second index; the lane
  uint32_t align = 0;   // logarithm
  uint32_t offset = 0;
  uint32_t list_offset = 0;  // kLabels, kTypes, kV128, kShuffle: file offset of the first entry
  uint32_t list_count = 0;   // kLabels: entries, the default among them; kTypes: entries
  uint64_t bits = 0;         // constants, zero-extended
  BlockType block;
  ValueType reference = ValueType::kFuncref;
  /** Set when decoding failed because of a feature that wasmsh does not run. */
  const char* unsupported = nullptr;
};

/** Reads a value type; on failure the reader fails and `*unsupported` may name a feature. */
ValueType ReadValueType(Reader* reader, const char** unsupported);
ValueType ReadReferenceType(Reader* reader, const char** unsupported);

/**
 * Reads one instruction. Checks what the binary format alone decides: opcodes, LEBs, zero bytes,
 * lists that end inside the range; indices are for validation. On failure gives false, and either
 * `out->unsupported` names a feature or the reader has the error.
 */
bool DecodeInstruction(Reader* reader, Decoded* out);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_DECODE_H_
