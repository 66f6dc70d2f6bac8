#ifndef WASMSH_WASM_OPCODES_H_
#define WASMSH_WASM_OPCODES_H_

#include <cstdint>

#include "wasm/types.h"

/** The instruction set as a table (core specification, 5.4 and appendix 7.6; threads proposal). */
namespace wasmsh::wasm {

/** What stands behind an opcode in the binary format. */
enum class Immediate : uint8_t {
  kNone,
  kBlock,         // block type
  kLabel,         // label index
  kLabels,        // vector of label indices and the default
  kFunction,      // function index
  kIndirect,      // type index, table index
  kLocal,         // local index
  kGlobal,        // global index
  kTable,         // table index
  kTypes,         // vector of value types
  kReference,     // reference type
  kMemory,        // one memory index, always a zero byte here
  kMemoryCopy,    // two memory indices, always zero bytes here
  kMemoryInit,    // data index, memory index
  kData,          // data index
  kElement,       // element index
  kTableInit,     // element index, table index
  kTableCopy,     // destination table index, source table index
  kI32,           // signed LEB
  kI64,           // signed LEB
  kF32,           // 4 bytes
  kF64,           // 8 bytes
  kV128,          // 16 bytes
  kShuffle,       // 16 lanes
  kLane,          // lane index
  kAccess,        // alignment and offset
  kAccessLane,    // alignment, offset and lane index
  kAtomicAccess,  // alignment and offset, the alignment being the natural one
  kFence,         // a zero byte
};

/** One instruction. Where `typed` is false, validation has a rule of its own for it. */
struct Opcode {
  uint32_t code = 0;  // the byte, or the LEB behind a prefix byte
  const char* name = nullptr;
  Immediate immediate = Immediate::kNone;
  bool typed = false;
  uint8_t param_count = 0;
  uint8_t result_count = 0;
  ValueType params[3] = {};
  ValueType result = ValueType::kI32;
  /** Accesses: logarithm of the natural alignment. Lane instructions: number of lanes less one. */
  uint8_t detail = 0;
};

constexpr uint8_t kMiscPrefix = 0xfc;
constexpr uint8_t kVectorPrefix = 0xfd;
constexpr uint8_t kAtomicPrefix = 0xfe;

/** Finds an instruction; nullptr when there is none. `sub_opcode` counts behind a prefix only. */
const Opcode* FindOpcode(uint8_t opcode, uint32_t sub_opcode);

const Opcode* FindPlainOpcode(uint32_t code);
const Opcode* FindMiscOpcode(uint32_t code);
const Opcode* FindVectorOpcode(uint32_t code);
const Opcode* FindAtomicOpcode(uint32_t code);

/** Highest legal lane of an instruction with a lane index. Loads and stores of a lane have their
 *  alignment in `detail`, the others the number itself. */
inline uint32_t HighestLane(const Opcode& opcode) {
  if (opcode.immediate != Immediate::kAccessLane) return opcode.detail;
  return (16u >> opcode.detail) - 1;
}

// Instructions that validation or other code names.
constexpr uint8_t kOpUnreachable = 0x00;
constexpr uint8_t kOpNop = 0x01;
constexpr uint8_t kOpBlock = 0x02;
constexpr uint8_t kOpLoop = 0x03;
constexpr uint8_t kOpIf = 0x04;
constexpr uint8_t kOpElse = 0x05;
constexpr uint8_t kOpEnd = 0x0b;
constexpr uint8_t kOpBr = 0x0c;
constexpr uint8_t kOpBrIf = 0x0d;
constexpr uint8_t kOpBrTable = 0x0e;
constexpr uint8_t kOpReturn = 0x0f;
constexpr uint8_t kOpCall = 0x10;
constexpr uint8_t kOpCallIndirect = 0x11;
constexpr uint8_t kOpReturnCall = 0x12;
constexpr uint8_t kOpReturnCallIndirect = 0x13;
constexpr uint8_t kOpDrop = 0x1a;
constexpr uint8_t kOpSelect = 0x1b;
constexpr uint8_t kOpSelectTyped = 0x1c;
constexpr uint8_t kOpLocalGet = 0x20;
constexpr uint8_t kOpLocalSet = 0x21;
constexpr uint8_t kOpLocalTee = 0x22;
constexpr uint8_t kOpGlobalGet = 0x23;
constexpr uint8_t kOpGlobalSet = 0x24;
constexpr uint8_t kOpTableGet = 0x25;
constexpr uint8_t kOpTableSet = 0x26;
constexpr uint8_t kOpMemoryGrow = 0x40;
constexpr uint8_t kOpI32Const = 0x41;
constexpr uint8_t kOpI64Const = 0x42;
constexpr uint8_t kOpF32Const = 0x43;
constexpr uint8_t kOpF64Const = 0x44;
constexpr uint8_t kOpI32Add = 0x6a;
constexpr uint8_t kOpI32Sub = 0x6b;
constexpr uint8_t kOpI32Mul = 0x6c;
constexpr uint8_t kOpI64Add = 0x7c;
constexpr uint8_t kOpI64Sub = 0x7d;
constexpr uint8_t kOpI64Mul = 0x7e;
constexpr uint8_t kOpRefNull = 0xd0;
constexpr uint8_t kOpRefIsNull = 0xd1;
constexpr uint8_t kOpRefFunc = 0xd2;
constexpr uint32_t kMiscTableInit = 12;
constexpr uint32_t kMiscTableCopy = 14;
constexpr uint32_t kMiscTableGrow = 15;
constexpr uint32_t kMiscTableFill = 17;
constexpr uint32_t kVectorConst = 0x0c;
constexpr uint32_t kAtomicWait32 = 0x01;
constexpr uint32_t kAtomicWait64 = 0x02;

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_OPCODES_H_
