#include <charconv>
#include <cstdio>
#include <cstring>

#include "wasm/analysis.h"
#include "wasm/decode.h"

// The text format of one instruction (core specification, 6.5). Names are advice from the file, so
// whatever is not a plain identifier is quoted and escaped: it may end on a terminal.

namespace wasmsh::wasm {
namespace {

bool IsIdentifierCharacter(unsigned char c) {
  if (c >= '0' && c <= '9') return true;
  if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return c != '\0' && std::strchr("!#$%&'*+-./:<=>?@\\^_`|~", c) != nullptr;
}

/** Spells a name as an identifier: " $name", or " $\"...\"" with what needs it escaped. */
std::string Identifier(const std::string& name) {
  if (name.empty()) return {};
  bool plain = true;
  std::string quoted = " $\"";
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    plain = plain && IsIdentifierCharacter(byte);
    if (byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\') {
      char escape[4];
      std::snprintf(escape, sizeof(escape), "\\%02x", static_cast<unsigned>(byte));
      quoted += escape;
    } else {
      quoted += character;
    }
  }
  return plain ? " $" + name : quoted + "\"";
}

std::string Types(const char* keyword, const std::vector<ValueType>& types) {
  if (types.empty()) return {};
  std::string text = std::string(" (") + keyword;
  for (const ValueType type : types) text += std::string(" ") + ValueTypeName(type);
  return text + ")";
}

std::string BlockTypeText(const Module& module, const BlockType& type) {
  switch (type.form) {
    case BlockType::Form::kEmpty:
      return {};
    case BlockType::Form::kValue:
      return std::string(" (result ") + ValueTypeName(type.value) + ")";
    case BlockType::Form::kIndex:
      break;
  }
  if (type.index >= module.types.size()) return " (type " + std::to_string(type.index) + ")";
  const FunctionType& function = module.types[type.index];
  return " (type " + std::to_string(type.index) + ")" + Types("param", function.params) +
         Types("result", function.results);
}

/** Spells a float by its bits so that it reads back the same: shortest decimal, or nan:0x... */
template <typename Float, typename Bits>
std::string FloatText(Bits bits, int mantissa_bits) {
  const Bits mantissa_mask = (Bits{1} << mantissa_bits) - 1;
  const int sign_bit = static_cast<int>(sizeof(Bits)) * 8 - 1;
  const bool negative = (bits >> sign_bit & 1) != 0;
  const Bits exponent_mask = ((Bits{1} << sign_bit) - 1) & ~mantissa_mask;
  if ((bits & exponent_mask) == exponent_mask) {
    std::string text = negative ? " -" : " ";
    const Bits payload = bits & mantissa_mask;
    if (payload == 0) return text + "inf";
    if (payload == Bits{1} << (mantissa_bits - 1)) return text + "nan";
    char digits[32];
    std::snprintf(digits, sizeof(digits), "nan:0x%llx", static_cast<unsigned long long>(payload));
    return text + digits;
  }
  Float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  char digits[64];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof(digits), value);
  return " " + std::string(digits, end.ptr);
}

std::string AccessText(const Decoded& decoded) {
  std::string text;
  if (decoded.offset != 0) text += " offset=" + std::to_string(decoded.offset);
  if (decoded.align != decoded.opcode->detail) {
    // Validation limits it to the natural one, the format to 32 bits.
    text += " align=" + std::to_string(uint64_t{1} << (decoded.align & 63));
  }
  return text;
}

std::string VectorText(const uint8_t* bytes) {
  std::string text = " i32x4";
  for (int lane = 0; lane < 4; ++lane) {
    char digits[16];
    uint32_t word = 0;
    for (int i = 3; i >= 0; --i) word = word << 8 | bytes[4 * lane + i];
    std::snprintf(digits, sizeof(digits), " 0x%08x", word);
    text += digits;
  }
  return text;
}

/** " 3", but nothing for index 0 of what there is usually one of. */
std::string OptionalIndex(uint32_t index) {
  return index == 0 ? std::string() : " " + std::to_string(index);
}

std::string ListText(const Module& module, const Decoded& decoded) {
  Reader reader(module.bytes->data(), decoded.list_offset, decoded.end);
  std::string text;
  for (uint32_t i = 0; i < decoded.list_count && reader.ok(); ++i) {
    text += " " + std::to_string(reader.U32());
  }
  return text;
}

std::string TypeListText(const Module& module, const Decoded& decoded) {
  Reader reader(module.bytes->data(), decoded.list_offset, decoded.end);
  std::vector<ValueType> types;
  const char* unsupported = nullptr;
  for (uint32_t i = 0; i < decoded.list_count && reader.ok(); ++i) {
    types.push_back(ReadValueType(&reader, &unsupported));
  }
  return Types("result", types);
}

std::string ImmediateText(const Module& module, uint32_t function, const Decoded& decoded) {
  const uint8_t* list = module.bytes->data() + decoded.list_offset;
  std::string index = " " + std::to_string(decoded.index);
  switch (decoded.opcode->immediate) {
    case Immediate::kNone:
    case Immediate::kMemory:
    case Immediate::kMemoryCopy:
    case Immediate::kFence:
      return {};
    case Immediate::kBlock:
      return BlockTypeText(module, decoded.block);
    case Immediate::kLabel:
    case Immediate::kData:
    case Immediate::kElement:
    case Immediate::kMemoryInit:
      return index;
    case Immediate::kLabels:
      return ListText(module, decoded);
    case Immediate::kFunction:
      return index + Identifier(module.FunctionName(decoded.index));
    case Immediate::kIndirect:
      return OptionalIndex(decoded.second) + " (type" + index + ")";
    case Immediate::kLocal:
      return index + Identifier(module.LocalName(function, decoded.index));
    case Immediate::kGlobal:
      return index + Identifier(module.GlobalName(decoded.index));
    case Immediate::kTable:
      return OptionalIndex(decoded.index);
    case Immediate::kTableInit:
      return OptionalIndex(decoded.second) + index;
    case Immediate::kTableCopy:
      if (decoded.index == 0 && decoded.second == 0) return {};
      return index + " " + std::to_string(decoded.second);
    case Immediate::kTypes:
      return TypeListText(module, decoded);
    case Immediate::kReference:
      return decoded.reference == ValueType::kFuncref ? " func" : " extern";
    case Immediate::kI32:
      return " " + std::to_string(static_cast<int32_t>(decoded.bits));
    case Immediate::kI64:
      return " " + std::to_string(static_cast<int64_t>(decoded.bits));
    case Immediate::kF32:
      return FloatText<float>(static_cast<uint32_t>(decoded.bits), 23);
    case Immediate::kF64:
      return FloatText<double>(decoded.bits, 52);
    case Immediate::kV128:
      return VectorText(list);
    case Immediate::kShuffle: {
      std::string lanes;
      for (int i = 0; i < 16; ++i) lanes += " " + std::to_string(list[i]);
      return lanes;
    }
    case Immediate::kLane:
      return " " + std::to_string(decoded.second);
    case Immediate::kAccess:
    case Immediate::kAtomicAccess:
      return AccessText(decoded);
    case Immediate::kAccessLane:
      return AccessText(decoded) + " " + std::to_string(decoded.second);
  }
  return {};
}

}  // namespace

std::string Disassemble(const Module& module, uint32_t function, const Instruction& instruction) {
  if (function >= module.functions.size()) return "(no such function)";
  const Function& body = module.functions[function];
  if (instruction.pc >= body.code_end - body.code_start) return "(outside the function)";
  Reader reader(module.bytes->data(), body.code_start + instruction.pc, body.code_end);
  Decoded decoded;
  if (!DecodeInstruction(&reader, &decoded)) return "(no instruction)";
  return decoded.opcode->name + ImmediateText(module, function, decoded);
}

}  // namespace wasmsh::wasm
