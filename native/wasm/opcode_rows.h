#ifndef WASMSH_WASM_OPCODE_ROWS_H_
#define WASMSH_WASM_OPCODE_ROWS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "wasm/opcodes.h"

/** How the tables of opcodes_*.cc are written and looked up. */
namespace wasmsh::wasm {

constexpr ValueType TypeOfLetter(char letter) {
  switch (letter) {
    case 'i':
      return ValueType::kI32;
    case 'l':
      return ValueType::kI64;
    case 'f':
      return ValueType::kF32;
    case 'd':
      return ValueType::kF64;
    case 'v':
      return ValueType::kV128;
    default:
      return ValueType::kFuncref;
  }
}

/** An instruction whose typing is a rule of its own. */
constexpr Opcode Special(uint32_t code, const char* name, Immediate immediate) {
  Opcode opcode;
  opcode.code = code;
  opcode.name = name;
  opcode.immediate = immediate;
  return opcode;
}

/** An instruction of fixed type: "il:l" takes an i32 and an i64 (on top) and gives an i64. Letters:
 *  i i32, l i64, f f32, d f64, v v128, r funcref. */
constexpr Opcode Typed(uint32_t code, const char* name, const char* type,
                       Immediate immediate = Immediate::kNone, uint8_t detail = 0) {
  Opcode opcode = Special(code, name, immediate);
  opcode.typed = true;
  opcode.detail = detail;
  const char* at = type;
  for (; *at != ':'; ++at) opcode.params[opcode.param_count++] = TypeOfLetter(*at);
  for (++at; *at != '\0'; ++at, ++opcode.result_count) opcode.result = TypeOfLetter(*at);
  return opcode;
}

/** Index of each code's row plus one; 0 where there is none. */
template <size_t kCodes, size_t kRows>
constexpr std::array<uint16_t, kCodes> IndexRows(const Opcode (&rows)[kRows]) {
  std::array<uint16_t, kCodes> index = {};
  for (size_t i = 0; i < kRows; ++i) index[rows[i].code] = static_cast<uint16_t>(i + 1);
  return index;
}

template <size_t kCodes, size_t kRows>
const Opcode* FindRow(const std::array<uint16_t, kCodes>& index, const Opcode (&rows)[kRows],
                      uint32_t code) {
  if (code >= kCodes || index[code] == 0) return nullptr;
  return &rows[index[code] - 1];
}

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_OPCODE_ROWS_H_
