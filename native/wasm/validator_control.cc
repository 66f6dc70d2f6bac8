#include "wasm/reader.h"
#include "wasm/validator.h"

// Structured control instructions and calls (core specification, 3.3.8).

namespace wasmsh::wasm {
namespace {

TypeList ListOf(const std::vector<ValueType>& types) {
  return {types.data(), static_cast<uint32_t>(types.size())};
}

}  // namespace

bool Validator::StepControl(const Decoded& decoded, uint32_t pc) {
  switch (decoded.first) {
    case kOpUnreachable:
      SetUnreachable();
      return true;
    case kOpBlock:
    case kOpLoop:
    case kOpIf:
      return StepBlock(decoded, pc);
    case kOpElse:
      return StepElse(pc);
    case kOpEnd:
      return StepEnd(pc);
    case kOpBr: {
      const ControlFrame* label = Label(decoded.index);
      if (label == nullptr || !PopList(LabelTypes(*label))) return false;
      SetUnreachable();
      return true;
    }
    case kOpBrIf: {
      if (!Pop(ValueType::kI32)) return false;
      const ControlFrame* label = Label(decoded.index);
      return label != nullptr && PopList(LabelTypes(*label)) && PushList(LabelTypes(*label));
    }
    case kOpBrTable:
      return StepBrTable(decoded);
    case kOpReturn:
      if (!PopList(ListOf(type_.results))) return false;
      SetUnreachable();
      return true;
    case kOpCall:
    case kOpCallIndirect:
    case kOpReturnCall:
    case kOpReturnCallIndirect:
      return StepCall(decoded);
    default:  // nop
      return true;
  }
}

bool Validator::StepBlock(const Decoded& decoded, uint32_t pc) {
  const BlockType& type = decoded.block;
  if (type.form == BlockType::Form::kIndex && type.index >= module_.types.size()) {
    return Fail("unknown type " + std::to_string(type.index));
  }
  if (decoded.first == kOpIf && !Pop(ValueType::kI32)) return false;
  LabelKind kind = LabelKind::kBlock;
  if (decoded.first == kOpLoop) kind = LabelKind::kLoop;
  if (decoded.first == kOpIf) kind = LabelKind::kIf;
  if (type.form == BlockType::Form::kIndex && !PopList(ListOf(module_.types[type.index].params))) {
    return false;
  }
  const uint32_t block = state_.next_block++;
  // A validator that replays from a later point knows nothing of the blocks before.
  if (block == blocks_.size()) blocks_.push_back({pc, 0, 0});
  return PushControl(kind, type, pc, pc + (decoded.end - decoded.begin), block);
}

bool Validator::StepElse(uint32_t pc) {
  if (state_.controls.back().kind != LabelKind::kIf) return Fail("else without if");
  ControlFrame frame;
  if (!PopControl(&frame)) return false;
  if (frame.block < blocks_.size()) blocks_[frame.block].else_pc = pc;
  return PushControl(LabelKind::kElse, frame.type, frame.opcode_pc, pc + 1, frame.block);
}

bool Validator::StepEnd(uint32_t pc) {
  ControlFrame frame;
  if (!PopControl(&frame)) return false;
  if (frame.kind == LabelKind::kIf) {
    const TypeList params = ParamsOf(frame);
    const TypeList results = ResultsOf(frame);
    bool same = params.size == results.size;
    for (uint32_t i = 0; same && i < params.size; ++i) {
      same = params.types[i] == results.types[i];
    }
    if (!same) return Fail("type mismatch: an if without else must give what it takes");
  }
  if (frame.block < blocks_.size()) blocks_[frame.block].end_pc = pc;
  return PushList(ResultsOf(frame));
}

bool Validator::StepBrTable(const Decoded& decoded) {
  if (!Pop(ValueType::kI32)) return false;
  Reader reader(module_.bytes->data(), decoded.list_offset, decoded.end);
  // The default comes last, but decides how many values every target takes.
  std::vector<uint32_t> depths(decoded.list_count);
  for (uint32_t& depth : depths) depth = reader.U32();
  const ControlFrame* fallback = Label(depths.back());
  if (fallback == nullptr) return false;
  const uint32_t arity = LabelTypes(*fallback).size;
  std::vector<OperandType> popped;
  // Each label is compared once, however often the table names it: the cost stays linear.
  std::vector<bool> seen(state_.controls.size());
  for (const uint32_t depth : depths) {
    const ControlFrame* label = Label(depth);
    if (label == nullptr) return false;
    if (seen[depth]) continue;
    seen[depth] = true;
    const TypeList types = LabelTypes(*label);
    if (types.size != arity) return Fail("type mismatch: br_table targets differ in arity");
    popped.clear();
    for (uint32_t i = arity; i > 0; --i) {
      OperandType found = kUnknownType;
      if (!PopAny(&found)) return false;
      if (found != kUnknownType && found != static_cast<OperandType>(types.types[i - 1])) {
        return Mismatch(types.types[i - 1], found);
      }
      popped.push_back(found);
    }
    for (uint32_t i = arity; i > 0; --i) {
      if (!PushOperand(popped[i - 1])) return false;
    }
  }
  SetUnreachable();
  return true;
}

bool Validator::ReturnCallMatches(const FunctionType& callee) {
  if (callee.results == type_.results) return true;
  return Fail("type mismatch: a tail call must give what its function gives");
}

bool Validator::StepCall(const Decoded& decoded) {
  const bool indirect = decoded.first == kOpCallIndirect || decoded.first == kOpReturnCallIndirect;
  const FunctionType* callee = nullptr;
  if (indirect) {
    if (decoded.second >= module_.tables.size()) {
      return Fail("unknown table " + std::to_string(decoded.second));
    }
    if (module_.tables[decoded.second].element != ValueType::kFuncref) {
      return Fail("type mismatch: an indirect call needs a table of funcref");
    }
    if (decoded.index >= module_.types.size()) {
      return Fail("unknown type " + std::to_string(decoded.index));
    }
    callee = &module_.types[decoded.index];
    if (!Pop(ValueType::kI32)) return false;
  } else {
    if (decoded.index >= module_.functions.size()) {
      return Fail("unknown function " + std::to_string(decoded.index));
    }
    callee = &module_.TypeOf(decoded.index);
  }
  if (!PopList(ListOf(callee->params))) return false;
  if (decoded.first == kOpCall || decoded.first == kOpCallIndirect) {
    return PushList(ListOf(callee->results));
  }
  if (!ReturnCallMatches(*callee)) return false;
  SetUnreachable();
  return true;
}

}  // namespace wasmsh::wasm
