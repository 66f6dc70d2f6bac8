#include "wasm/types.h"

namespace wasmsh::wasm {

const char* ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kI32:
      return "i32";
    case ValueType::kI64:
      return "i64";
    case ValueType::kF32:
      return "f32";
    case ValueType::kF64:
      return "f64";
    case ValueType::kV128:
      return "v128";
    case ValueType::kFuncref:
      return "funcref";
    case ValueType::kExternref:
      return "externref";
  }
  return "unknown";
}

uint32_t ValueTypeCells(ValueType type) {
  switch (type) {
    case ValueType::kI64:
    case ValueType::kF64:
      return 2;
    case ValueType::kV128:
      return 4;
    default:
      return 1;
  }
}

}  // namespace wasmsh::wasm
