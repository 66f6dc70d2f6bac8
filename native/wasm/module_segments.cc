#include "wasm/features.h"
#include "wasm/module_parser.h"

namespace wasmsh::wasm {
namespace {

// Bits of an element segment's kind (core specification, 5.5.12).
constexpr uint32_t kNotActive = 1;
constexpr uint32_t kExplicitTable = 2;  // active segments; of others: declarative
constexpr uint32_t kExpressions = 4;

/** Type that the two operands of a constant arithmetic instruction have; false for others. */
bool ConstantArithmetic(uint8_t opcode, ValueType* out) {
  switch (opcode) {
    case kOpI32Add:
    case kOpI32Sub:
    case kOpI32Mul:
      *out = ValueType::kI32;
      return true;
    case kOpI64Add:
    case kOpI64Sub:
    case kOpI64Mul:
      *out = ValueType::kI64;
      return true;
    default:
      return false;
  }
}

}  // namespace

bool ModuleParser::DeclareReference(const Reader& reader, uint32_t function) {
  if (function >= module_->functions.size()) return Fail(reader, "unknown function");
  module_->declared_references.resize(module_->functions.size());
  module_->declared_references[function] = true;
  return true;
}

bool ModuleParser::ConstantStep(Reader* reader, const Decoded& decoded,
                                std::vector<ValueType>* stack) {
  ValueType operands = ValueType::kI32;
  switch (decoded.first) {
    case kOpI32Const:
    case kOpI64Const:
    case kOpF32Const:
    case kOpF64Const:
      stack->push_back(decoded.opcode->result);
      return true;
    case kOpRefNull:
      stack->push_back(decoded.reference);
      return true;
    case kOpRefFunc:
      stack->push_back(ValueType::kFuncref);
      return DeclareReference(*reader, decoded.index);
    case kOpGlobalGet:
      // Only globals before this one are in module_->globals by now.
      if (decoded.index >= module_->globals.size()) return Fail(*reader, "unknown global");
      if (module_->globals[decoded.index].is_mutable) {
        return Fail(*reader, "constant expression required, but the global is mutable");
      }
      stack->push_back(module_->globals[decoded.index].type);
      return true;
    case kVectorPrefix:
      if (decoded.sub_opcode != kVectorConst) break;
      module_->uses_simd = true;
      stack->push_back(ValueType::kV128);
      return true;
    default:
      if (!ConstantArithmetic(decoded.first, &operands)) break;
      for (int i = 0; i < 2; ++i) {
        if (stack->empty() || stack->back() != operands) return Fail(*reader, "type mismatch");
        stack->pop_back();
      }
      stack->push_back(operands);
      return true;
  }
  return Fail(*reader, std::string("constant expression required, found ") + decoded.opcode->name);
}

bool ModuleParser::Constant(Reader* reader, ValueType type) {
  std::vector<ValueType> stack;
  Decoded decoded;
  for (;;) {
    if (!DecodeInstruction(reader, &decoded)) {
      unsupported_ = decoded.unsupported;
      return false;
    }
    if (decoded.first == kOpEnd) break;
    if (!ConstantStep(reader, decoded, &stack)) return false;
  }
  if (stack.size() != 1 || stack.back() != type) {
    return Fail(*reader,
                std::string("type mismatch: the constant must be one ") + ValueTypeName(type));
  }
  return true;
}

bool ModuleParser::Elements(Reader* reader) {
  const uint32_t count = reader->Count(2);
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t kind = reader->U32();
    if (!reader->ok()) return false;
    if (kind > 7) return Fail(*reader, "invalid kind of element segment");
    const bool active = (kind & kNotActive) == 0;
    const bool expressions = (kind & kExpressions) != 0;
    uint32_t table = 0;
    if (active && (kind & kExplicitTable) != 0) table = reader->U32();
    if (active && reader->ok() && table >= module_->tables.size()) {
      return Fail(*reader, "unknown table");
    }
    if (active && !Constant(reader, ValueType::kI32)) return false;
    ValueType type = ValueType::kFuncref;
    if ((kind & (kNotActive | kExplicitTable)) != 0) {
      if (expressions) {
        type = ReadReferenceType(reader, &unsupported_);
      } else if (reader->Byte() != 0) {
        return Fail(*reader, "invalid element kind");
      }
    }
    if (!reader->ok()) return false;
    if (active && module_->tables[table].element != type) {
      return Fail(*reader, "type mismatch between an element segment and its table");
    }
    if (!ElementItems(reader, expressions, type)) return false;
    module_->element_segment_types.push_back(type);
  }
  module_->element_segments = count;
  return reader->ok();
}

bool ModuleParser::ElementItems(Reader* reader, bool expressions, ValueType type) {
  const uint32_t count = reader->Count(expressions ? 2 : 1);
  for (uint32_t i = 0; i < count; ++i) {
    if (expressions) {
      if (!Constant(reader, type)) return false;
      continue;
    }
    const uint32_t function = reader->U32();
    if (!reader->ok() || !DeclareReference(*reader, function)) return false;
  }
  return reader->ok();
}

bool ModuleParser::DataCount(Reader* reader) {
  data_count_ = reader->U32();
  has_data_count_ = true;
  return reader->ok();
}

bool ModuleParser::Data(Reader* reader) {
  const uint32_t count = reader->Count(1);
  if (!reader->ok()) return false;
  if (has_data_count_ && count != data_count_) {
    return Fail(*reader, "data count and data section have inconsistent lengths");
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t kind = reader->U32();
    if (!reader->ok()) return false;
    if (kind > 2) return Fail(*reader, "invalid kind of data segment");
    if (kind != 1) {
      const uint32_t memory = kind == 2 ? reader->U32() : 0;
      if (memory != 0) return Unsupported(*reader, kFeatureMultiMemory);
      if (module_->memories.empty()) return Fail(*reader, "unknown memory");
      if (!Constant(reader, ValueType::kI32)) return false;
    }
    const uint32_t size = reader->U32();
    if (reader->Bytes(size) == nullptr) return false;
  }
  module_->data_segments = count;
  return reader->ok();
}

}  // namespace wasmsh::wasm
