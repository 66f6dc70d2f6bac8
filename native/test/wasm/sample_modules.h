#ifndef WASMSH_TEST_WASM_SAMPLE_MODULES_H_
#define WASMSH_TEST_WASM_SAMPLE_MODULES_H_

#include "test/wasm/module_builder.h"
#include "wasm/opcodes.h"

/** Valid modules that leave nothing out. */
namespace wasmsh::test {

/** An instruction that gives one value of a type. */
inline Bytes ZeroOf(ValueType type) {
  switch (type) {
    case ValueType::kI32:
      return {wasm::kOpI32Const, 0};
    case ValueType::kI64:
      return {wasm::kOpI64Const, 0};
    case ValueType::kF32:
      return Concat({{wasm::kOpF32Const}, Bytes(4, 0)});
    case ValueType::kF64:
      return Concat({{wasm::kOpF64Const}, Bytes(8, 0)});
    case ValueType::kV128:
      return Concat({{wasm::kVectorPrefix, wasm::kVectorConst}, Bytes(16, 0)});
    default:
      return {wasm::kOpRefNull, static_cast<uint8_t>(type)};
  }
}

/** Immediates that are right in the modules below. */
inline Bytes ImmediatesOf(const wasm::Opcode& opcode) {
  using wasm::Immediate;
  switch (opcode.immediate) {
    case Immediate::kNone:
      return {};
    case Immediate::kAccess:
    case Immediate::kAtomicAccess:
      return {opcode.detail, 0x10};
    case Immediate::kAccessLane:
      return {opcode.detail, 0x10, 0};
    case Immediate::kF32:
      return {0, 0, 0xc0, 0x7f};
    case Immediate::kF64:
      return {1, 0, 0, 0, 0, 0, 0xf0, 0xff};
    case Immediate::kV128:
    case Immediate::kShuffle:
      return Bytes(16, 3);
    case Immediate::kMemoryCopy:
    case Immediate::kMemoryInit:
    case Immediate::kTableInit:
    case Immediate::kTableCopy:
      return {0, 0};
    default:
      return {0};
  }
}

/** The opcode's bytes without immediates. */
inline Bytes OpcodeBytes(uint8_t prefix, const wasm::Opcode& opcode) {
  if (prefix == 0) return {static_cast<uint8_t>(opcode.code)};
  return Concat({{prefix}, Leb(opcode.code)});
}

/** Calls `visit(prefix, opcode)` for every instruction; the prefix is 0 for those of one byte. */
template <typename Visit>
void ForEachOpcode(Visit visit) {
  for (const uint8_t prefix :
       {uint8_t{0}, wasm::kMiscPrefix, wasm::kVectorPrefix, wasm::kAtomicPrefix}) {
    for (uint32_t code = 0; code < 0x200; ++code) {
      const wasm::Opcode* opcode =
          prefix == 0 ? wasm::FindPlainOpcode(code) : wasm::FindOpcode(prefix, code);
      if (opcode != nullptr) visit(prefix, *opcode);
    }
  }
}

/** Parts that all samples share: types 0 to 3, an import, a table, a shared memory, globals. */
inline ModuleBuilder SampleParts() {
  ModuleBuilder builder;
  builder.Type({});
  builder.Type({ValueType::kI32}, {ValueType::kI32});
  builder.Type({ValueType::kI32, ValueType::kI32}, {ValueType::kI32, ValueType::kI64});
  builder.Type({}, {ValueType::kI32, ValueType::kI64});
  builder.ImportFunction("env", "call", 1);
  builder.Table(ValueType::kFuncref, 1, 4);
  builder.Memory(1, 2, true);
  builder.Global(ValueType::kI32, true, {0x41, 0x2a});
  builder.Global(ValueType::kV128, false, ZeroOf(ValueType::kV128));
  builder.Elements({1});
  builder.DataCount(1);
  builder.PassiveData("data");
  return builder;
}

/** Every instruction of fixed type, each in a function of its own. */
inline Bytes EveryTypedInstruction() {
  ModuleBuilder builder = SampleParts();
  ForEachOpcode([&builder](uint8_t prefix, const wasm::Opcode& opcode) {
    if (!opcode.typed) return;
    Bytes code;
    for (uint8_t i = 0; i < opcode.param_count; ++i) Append(&code, ZeroOf(opcode.params[i]));
    Append(&code, Concat({OpcodeBytes(prefix, opcode), ImmediatesOf(opcode)}));
    if (opcode.result_count > 0) code.push_back(wasm::kOpDrop);
    code.push_back(wasm::kOpEnd);
    builder.Function(0, {}, code);
  });
  builder.ExportFunction("f", 1);
  return builder.Build();
}

/** Every instruction with a rule of its own. */
inline Bytes EverySpecialInstruction() {
  ModuleBuilder builder = SampleParts();
  const Bytes control = {
      0x01,                                                  // nop
      0x41, 1,    0x41, 2,    0x02, 2,    0x10, 2,    0x0b,  // block (type 2), call 2, end
      0x1a, 0x1a,                                            // drop, drop
      0x20, 0,    0x04, 0x7f, 0x41, 1,    0x05, 0x41, 2,    0x0b, 0x1a,  // if, else
      0x02, 0x40, 0x03, 0x40, 0x20, 0,    0x0d, 1,    0x20, 0,    0x0e, 1, 0, 1,
      0x0b, 0x0b, 0x41, 5,    0x22, 0,    0x21, 0,    0x23, 0,    0x24, 0,  // local and global
      0x41, 0,    0x25, 0,    0xd1, 0x1a,                          // table.get, ref.is_null
      0x41, 0,    0xd2, 1,    0x26, 0,                             // ref.func, table.set
      0xd0, 0x70, 0x41, 1,    0xfc, 15,   0,    0x1a,              // table.grow
      0x41, 0,    0xd0, 0x70, 0x41, 1,    0xfc, 17,   0,           // table.fill
      0x42, 1,    0x42, 2,    0x41, 0,    0x1b, 0x1a,              // select
      0xd0, 0x6f, 0xd0, 0x6f, 0x41, 0,    0x1c, 1,    0x6f, 0x1a,  // select (result externref)
      0x41, 1,    0x41, 0,    0x11, 1,    0,    0x1a,              // call_indirect
      0x20, 0,    0x0f, 0x00, 0x0b};                               // return, unreachable
  builder.Function(1, {ValueType::kV128, ValueType::kF64}, control);
  builder.Function(2, {}, {0x41, 0, 0x42, 0, 0x0b});
  builder.Function(1, {}, {0x20, 0, 0x12, 0, 0x0b});              // return_call
  builder.Function(1, {}, {0x20, 0, 0x41, 0, 0x13, 1, 0, 0x0b});  // return_call_indirect
  builder.ExportFunction("f", 1);
  const Bytes names = Concat({Leb(2), Leb(1), Sized(Text("control")), Leb(2), Sized(Text("two"))});
  builder.Custom("name", Concat({{0x01}, Sized(names)}));
  return builder.Build();
}

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_WASM_SAMPLE_MODULES_H_
