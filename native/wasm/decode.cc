#include "wasm/decode.h"

#include "wasm/features.h"

namespace wasmsh::wasm {
namespace {

constexpr uint32_t kMemoryIndexFlag = 0x40;  // of an access's alignment, multi-memory proposal

bool ToValueType(uint8_t byte, ValueType* out) {
  switch (byte) {
    case 0x7f:
    case 0x7e:
    case 0x7d:
    case 0x7c:
    case 0x7b:
    case 0x70:
    case 0x6f:
      *out = static_cast<ValueType>(byte);
      return true;
    default:
      return false;
  }
}

void ReadBlockType(Reader* reader, Decoded* out) {
  const uint8_t byte = reader->Peek();
  if (byte == 0x40) {
    reader->Byte();
    out->block.form = BlockType::Form::kEmpty;
    return;
  }
  // Value types are one-byte negative numbers of 33 bits; type indices are not negative.
  if ((byte & 0xc0) == 0x40) {
    out->block.form = BlockType::Form::kValue;
    out->block.value = ReadValueType(reader, &out->unsupported);
    return;
  }
  const int64_t index = reader->S33();
  if (index < 0) reader->Fail("invalid block type");
  out->block.form = BlockType::Form::kIndex;
  out->block.index = static_cast<uint32_t>(index);
}

void ReadAccess(Reader* reader, Decoded* out) {
  out->align = reader->U32();
  if (reader->ok() && out->align >= kMemoryIndexFlag && out->align < 2 * kMemoryIndexFlag) {
    out->unsupported = kFeatureMultiMemory;
    reader->Fail("a memory access names a memory");
    return;
  }
  out->offset = reader->U32();
}

/** The memory index of bulk instructions, which core 2.0 wants to be a zero byte. */
void ReadMemoryIndex(Reader* reader, Decoded* out) {
  const uint8_t byte = reader->Byte();
  if (!reader->ok() || byte == 0) return;
  out->unsupported = byte < 0x80 ? kFeatureMultiMemory : nullptr;
  reader->Fail("zero byte expected");
}

void ReadLabels(Reader* reader, Decoded* out) {
  const uint32_t count = reader->Count(1);
  out->list_offset = reader->offset();
  for (uint32_t i = 0; i <= count && reader->ok(); ++i) reader->U32();
  out->list_count = count + 1;
}

void ReadTypes(Reader* reader, Decoded* out) {
  const uint32_t count = reader->Count(1);
  out->list_offset = reader->offset();
  for (uint32_t i = 0; i < count && reader->ok(); ++i) ReadValueType(reader, &out->unsupported);
  out->list_count = count;
}

void ReadImmediates(Reader* reader, Decoded* out) {
  switch (out->opcode->immediate) {
    case Immediate::kNone:
      return;
    case Immediate::kLocal:
    case Immediate::kLabel:
    case Immediate::kFunction:
    case Immediate::kGlobal:
    case Immediate::kTable:
    case Immediate::kData:
    case Immediate::kElement:
      out->index = reader->U32();
      return;
    case Immediate::kIndirect:
    case Immediate::kTableInit:
    case Immediate::kTableCopy:
      out->index = reader->U32();
      out->second = reader->U32();
      return;
    case Immediate::kBlock:
      ReadBlockType(reader, out);
      return;
    case Immediate::kLabels:
      ReadLabels(reader, out);
      return;
    case Immediate::kTypes:
      ReadTypes(reader, out);
      return;
    case Immediate::kReference:
      out->reference = ReadReferenceType(reader, &out->unsupported);
      return;
    case Immediate::kMemoryCopy:
      ReadMemoryIndex(reader, out);
      ReadMemoryIndex(reader, out);
      return;
    case Immediate::kMemoryInit:
      out->index = reader->U32();
      ReadMemoryIndex(reader, out);
      return;
    case Immediate::kMemory:
      ReadMemoryIndex(reader, out);
      return;
    case Immediate::kI32:
      out->bits = static_cast<uint32_t>(reader->S32());
      return;
    case Immediate::kI64:
      out->bits = static_cast<uint64_t>(reader->S64());
      return;
    case Immediate::kF32:
      out->bits = reader->Fixed32();
      return;
    case Immediate::kF64:
      out->bits = reader->Fixed64();
      return;
    case Immediate::kV128:
    case Immediate::kShuffle:
      out->list_offset = reader->offset();
      reader->Bytes(16);
      return;
    case Immediate::kLane:
      out->second = reader->Byte();
      return;
    case Immediate::kAccess:
    case Immediate::kAtomicAccess:
      ReadAccess(reader, out);
      return;
    case Immediate::kAccessLane:
      ReadAccess(reader, out);
      out->second = reader->Byte();
      return;
    case Immediate::kFence:
      if (reader->Byte() != 0) reader->Fail("zero byte expected");
      return;
  }
}

}  // namespace

ValueType ReadValueType(Reader* reader, const char** unsupported) {
  ValueType type = ValueType::kI32;
  const uint8_t byte = reader->Byte();
  if (!reader->ok() || ToValueType(byte, &type)) return type;
  *unsupported = FeatureOfValueType(byte);
  reader->Fail("invalid value type");
  return type;
}

ValueType ReadReferenceType(Reader* reader, const char** unsupported) {
  ValueType type = ValueType::kFuncref;
  const uint8_t byte = reader->Byte();
  if (!reader->ok()) return type;
  if (ToValueType(byte, &type) && byte <= 0x70) return type;
  *unsupported = FeatureOfValueType(byte);
  reader->Fail("invalid reference type");
  return ValueType::kFuncref;
}

bool DecodeInstruction(Reader* reader, Decoded* out) {
  out->begin = reader->offset();
  out->unsupported = nullptr;
  out->index = 0;
  out->first = reader->Byte();
  if (!reader->ok()) return false;
  if (out->first < kMiscPrefix) {
    out->sub_opcode = 0;
    out->opcode = FindPlainOpcode(out->first);
  } else {
    out->sub_opcode = reader->U32();
    if (!reader->ok()) return false;
    out->opcode = FindOpcode(out->first, out->sub_opcode);
  }
  if (out->opcode == nullptr) {
    out->unsupported = FeatureOfOpcode(out->first, out->sub_opcode);
    reader->Fail("unknown opcode");
    return false;
  }
  ReadImmediates(reader, out);
  out->end = reader->offset();
  return reader->ok();
}

}  // namespace wasmsh::wasm
