#ifndef WASMSH_WASM_TYPES_H_
#define WASMSH_WASM_TYPES_H_

#include <cstdint>
#include <string>
#include <vector>

namespace wasmsh::wasm {

/** Value types with their binary encoding (WebAssembly core specification 5.3.1 to 5.3.4). */
enum class ValueType : uint8_t {
  kI32 = 0x7f,
  kI64 = 0x7e,
  kF32 = 0x7d,
  kF64 = 0x7c,
  kV128 = 0x7b,
  kFuncref = 0x70,
  kExternref = 0x6f,
};

/** Spells a value type as the text format does: "i32", "funcref". */
const char* ValueTypeName(ValueType type);

/** Cells of 32 bits that a value takes in WAMR's frames: 1, 2 or 4. */
uint32_t ValueTypeCells(ValueType type);

struct FunctionType {
  std::vector<ValueType> params;
  std::vector<ValueType> results;
  bool operator==(const FunctionType& other) const {
    return params == other.params && results == other.results;
  }
};

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_TYPES_H_
