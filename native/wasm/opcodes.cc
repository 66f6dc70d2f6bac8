#include "wasm/opcodes.h"

namespace wasmsh::wasm {

const Opcode* FindOpcode(uint8_t opcode, uint32_t sub_opcode) {
  switch (opcode) {
    case kMiscPrefix:
      return FindMiscOpcode(sub_opcode);
    case kVectorPrefix:
      return FindVectorOpcode(sub_opcode);
    case kAtomicPrefix:
      return FindAtomicOpcode(sub_opcode);
    default:
      return FindPlainOpcode(opcode);
  }
}

}  // namespace wasmsh::wasm
