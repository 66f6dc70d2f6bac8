#include "wasm/reader.h"
#include "wasm/validator.h"

// Instructions other than control whose typing depends on their immediates, and the checks of the
// immediates of all others (core specification, 3.3.1 to 3.3.7).

namespace wasmsh::wasm {
namespace {

bool IsReference(OperandType type) {
  return type == static_cast<OperandType>(ValueType::kFuncref) ||
         type == static_cast<OperandType>(ValueType::kExternref);
}

}  // namespace

bool Validator::StepSpecial(const Decoded& decoded, uint32_t pc) {
  if (decoded.first < kOpDrop) return StepControl(decoded, pc);
  switch (decoded.first) {
    case kOpDrop: {
      OperandType dropped = kUnknownType;
      return PopAny(&dropped);
    }
    case kOpSelect:
    case kOpSelectTyped:
      return StepSelect(decoded);
    case kOpLocalGet:
    case kOpLocalSet:
    case kOpLocalTee:
    case kOpGlobalGet:
    case kOpGlobalSet:
      return StepVariable(decoded);
    case kOpTableGet:
    case kOpTableSet:
    case kMiscPrefix:
      return StepTable(decoded);
    default:
      return StepReference(decoded);
  }
}

bool Validator::StepSelect(const Decoded& decoded) {
  if (!Pop(ValueType::kI32)) return false;
  if (decoded.first == kOpSelectTyped) {
    if (decoded.list_count != 1) return Fail("a typed select must name one type");
    Reader reader(module_.bytes->data(), decoded.list_offset, decoded.end);
    const char* unsupported = nullptr;
    const ValueType type = ReadValueType(&reader, &unsupported);
    return Pop(type) && Pop(type) && Push(type);
  }
  OperandType second = kUnknownType;
  OperandType first = kUnknownType;
  if (!PopAny(&second) || !PopAny(&first)) return false;
  if (IsReference(first) || IsReference(second)) {
    return Fail("type mismatch: select without a type takes no references");
  }
  if (first != second && first != kUnknownType && second != kUnknownType) {
    return Mismatch(static_cast<ValueType>(first), second);
  }
  return PushOperand(first == kUnknownType ? second : first);
}

bool Validator::StepVariable(const Decoded& decoded) {
  if (decoded.first == kOpGlobalGet || decoded.first == kOpGlobalSet) {
    if (decoded.index >= module_.globals.size()) {
      return Fail("unknown global " + std::to_string(decoded.index));
    }
    const GlobalType& global = module_.globals[decoded.index];
    if (decoded.first == kOpGlobalGet) return Push(global.type);
    if (global.is_mutable) return Pop(global.type);
    return Fail("global " + std::to_string(decoded.index) + " is immutable");
  }
  if (decoded.index >= local_count_) return Fail("unknown local " + std::to_string(decoded.index));
  const ValueType type = decoded.index < param_count_
                             ? type_.params[decoded.index]
                             : function_.locals[decoded.index - param_count_];
  if (decoded.first == kOpLocalGet) return Push(type);
  if (!Pop(type)) return false;
  return decoded.first == kOpLocalSet || Push(type);
}

bool Validator::StepTable(const Decoded& decoded) {
  if (decoded.index >= module_.tables.size()) {
    return Fail("unknown table " + std::to_string(decoded.index));
  }
  const ValueType element = module_.tables[decoded.index].element;
  if (decoded.first == kOpTableGet) return Pop(ValueType::kI32) && Push(element);
  if (decoded.first == kOpTableSet) return Pop(element) && Pop(ValueType::kI32);
  if (decoded.sub_opcode == kMiscTableGrow) {
    return Pop(ValueType::kI32) && Pop(element) && Push(ValueType::kI32);
  }
  return Pop(ValueType::kI32) && Pop(element) && Pop(ValueType::kI32);  // table.fill
}

bool Validator::StepReference(const Decoded& decoded) {
  if (decoded.first == kOpRefNull) return Push(decoded.reference);
  if (decoded.first == kOpRefFunc) {
    if (decoded.index >= module_.functions.size()) {
      return Fail("unknown function " + std::to_string(decoded.index));
    }
    if (!module_.declared_references[decoded.index]) return Fail("undeclared function reference");
    return Push(ValueType::kFuncref);
  }
  OperandType found = kUnknownType;  // ref.is_null
  if (!PopAny(&found)) return false;
  if (found != kUnknownType && !IsReference(found)) return Mismatch(ValueType::kFuncref, found);
  return Push(ValueType::kI32);
}

bool Validator::CheckImmediate(const Decoded& decoded) {
  const Opcode& opcode = *decoded.opcode;
  const auto memory = [this] {
    return !module_.memories.empty() || Fail("the module has no memory");
  };
  switch (opcode.immediate) {
    case Immediate::kAccess:
    case Immediate::kAccessLane:
      if (!memory()) return false;
      if (decoded.align > opcode.detail) return Fail("alignment larger than natural");
      return opcode.immediate == Immediate::kAccess || decoded.second <= HighestLane(opcode) ||
             Fail("invalid lane index");
    case Immediate::kAtomicAccess:
      if (!memory()) return false;
      return decoded.align == opcode.detail || Fail("atomic alignment must be natural");
    case Immediate::kMemory:
    case Immediate::kMemoryCopy:
      return memory();
    case Immediate::kMemoryInit:
      if (!memory()) return false;
      return decoded.index < module_.data_segments || Fail("unknown data segment");
    case Immediate::kData:
      return decoded.index < module_.data_segments || Fail("unknown data segment");
    case Immediate::kElement:
      return decoded.index < module_.element_segments || Fail("unknown element segment");
    case Immediate::kTable:
      return decoded.index < module_.tables.size() || Fail("unknown table");
    case Immediate::kTableInit:
      if (decoded.second >= module_.tables.size()) return Fail("unknown table");
      if (decoded.index >= module_.element_segments) return Fail("unknown element segment");
      return module_.tables[decoded.second].element ==
                 module_.element_segment_types[decoded.index] ||
             Fail("type mismatch between an element segment and a table");
    case Immediate::kTableCopy:
      if (decoded.index >= module_.tables.size() || decoded.second >= module_.tables.size()) {
        return Fail("unknown table");
      }
      return module_.tables[decoded.index].element == module_.tables[decoded.second].element ||
             Fail("type mismatch between two tables");
    case Immediate::kLane:
      return decoded.second <= HighestLane(opcode) || Fail("invalid lane index");
    case Immediate::kShuffle: {
      const uint8_t* lanes = module_.bytes->data() + decoded.list_offset;
      for (uint32_t i = 0; i < 16; ++i) {
        if (lanes[i] >= 32) return Fail("invalid lane index");
      }
      return true;
    }
    default:
      return true;
  }
}

}  // namespace wasmsh::wasm
