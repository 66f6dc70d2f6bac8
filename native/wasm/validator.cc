#include "wasm/validator.h"

#include <cstring>
#include <utility>

namespace wasmsh::wasm {
namespace {

/** Far above what WAMR accepts (65535 cells and 65535 labels in one function); they keep a hostile
 *  function from taking memory out of proportion to its size. */
constexpr size_t kMaxOperands = 1 << 20;
constexpr size_t kMaxLabels = 1 << 17;
constexpr uint64_t kMaxLabelValues = 1 << 22;

const char* OperandName(OperandType type) {
  return type == kUnknownType ? "unknown" : ValueTypeName(static_cast<ValueType>(type));
}

}  // namespace

Validator::Validator(const Module& module, uint32_t function)
    : module_(module),
      function_(module.functions[function]),
      type_(module.TypeOf(function)),
      param_count_(static_cast<uint32_t>(type_.params.size())),
      local_count_(module.LocalCount(function)) {
  ControlFrame frame;
  frame.kind = LabelKind::kFunction;
  state_.controls.push_back(frame);
  state_.label_values = type_.results.size();
  blocks_.emplace_back();
}

bool Validator::Fail(std::string message) {
  if (error_.empty()) error_ = std::move(message);
  return false;
}

bool Validator::Mismatch(ValueType expected, OperandType found) {
  return Fail(std::string("type mismatch: expected ") + ValueTypeName(expected) + ", found " +
              OperandName(found));
}

bool Validator::Reachable(const Decoded& decoded) const {
  const ControlFrame& frame = state_.controls.back();
  return !frame.dead && (!frame.unreachable || decoded.first == kOpEnd);
}

bool Validator::PushOperand(OperandType type) {
  if (state_.operands.size() >= kMaxOperands) return Fail("too many operands");
  state_.operands.push_back(type);
  return true;
}

bool Validator::PushList(TypeList list) {
  std::vector<OperandType>& operands = state_.operands;
  if (list.size > kMaxOperands - operands.size()) return Fail("too many operands");
  const size_t height = operands.size();
  operands.resize(height + list.size);
  // A ValueType is one byte, and the same byte is the OperandType.
  if (list.size > 0) std::memcpy(&operands[height], list.types, list.size);
  return true;
}

bool Validator::PopAny(OperandType* out) {
  const ControlFrame& frame = state_.controls.back();
  if (state_.operands.size() == frame.height) {
    if (!frame.unreachable) return Fail("type mismatch: the block has no operand left");
    *out = kUnknownType;
    return true;
  }
  *out = state_.operands.back();
  state_.operands.pop_back();
  return true;
}

bool Validator::Pop(ValueType expected) {
  OperandType found = kUnknownType;
  if (!PopAny(&found)) return false;
  if (found == static_cast<OperandType>(expected) || found == kUnknownType) return true;
  return Mismatch(expected, found);
}

bool Validator::PopList(TypeList list) {
  std::vector<OperandType>& operands = state_.operands;
  const size_t own = operands.size() - state_.controls.back().height;
  if (list.size == 0) return true;
  // The common case at once: all there, all known.
  if (own >= list.size &&
      std::memcmp(&operands[operands.size() - list.size], list.types, list.size) == 0) {
    operands.resize(operands.size() - list.size);
    return true;
  }
  for (uint32_t i = list.size; i > 0; --i) {
    if (!Pop(list.types[i - 1])) return false;
  }
  return true;
}

void Validator::SetUnreachable() {
  ControlFrame& frame = state_.controls.back();
  state_.operands.resize(frame.height);
  frame.unreachable = true;
}

TypeList Validator::ParamsOf(const ControlFrame& frame) const {
  if (frame.type.form != BlockType::Form::kIndex) return {};
  const std::vector<ValueType>& params = module_.types[frame.type.index].params;
  return {params.data(), static_cast<uint32_t>(params.size())};
}

TypeList Validator::ResultsOf(const ControlFrame& frame) const {
  if (frame.kind == LabelKind::kFunction) {
    return {type_.results.data(), static_cast<uint32_t>(type_.results.size())};
  }
  switch (frame.type.form) {
    case BlockType::Form::kEmpty:
      return {};
    case BlockType::Form::kValue:
      return {&frame.type.value, 1};
    case BlockType::Form::kIndex:
      break;
  }
  const std::vector<ValueType>& results = module_.types[frame.type.index].results;
  return {results.data(), static_cast<uint32_t>(results.size())};
}

TypeList Validator::LabelTypes(const ControlFrame& frame) const {
  return frame.kind == LabelKind::kLoop ? ParamsOf(frame) : ResultsOf(frame);
}

const ControlFrame* Validator::Label(uint32_t depth) {
  if (depth < state_.controls.size()) return &state_.controls[state_.controls.size() - 1 - depth];
  Fail("unknown label " + std::to_string(depth));
  return nullptr;
}

bool Validator::PushControl(LabelKind kind, const BlockType& type, uint32_t opcode_pc,
                            uint32_t body_pc, uint32_t block) {
  if (state_.controls.size() >= kMaxLabels) return Fail("too many nested blocks");
  const ControlFrame& outer = state_.controls.back();
  ControlFrame frame;
  frame.kind = kind;
  frame.dead = outer.dead || outer.unreachable;
  frame.type = type;
  frame.opcode_pc = opcode_pc;
  frame.body_pc = body_pc;
  frame.height = static_cast<uint32_t>(state_.operands.size());
  frame.block = block;
  state_.label_values += ParamsOf(frame).size + uint64_t{ResultsOf(frame).size};
  if (state_.label_values > kMaxLabelValues) return Fail("too many values of nested blocks");
  state_.controls.push_back(frame);
  return PushList(ParamsOf(frame));
}

bool Validator::PopControl(ControlFrame* out) {
  *out = state_.controls.back();
  if (!PopList(ResultsOf(*out))) return false;
  if (state_.operands.size() != out->height) {
    return Fail("type mismatch: operands are left over at the block's end");
  }
  state_.label_values -= ParamsOf(*out).size + uint64_t{ResultsOf(*out).size};
  state_.controls.pop_back();
  return true;
}

bool Validator::Step(const Decoded& decoded, uint32_t pc) {
  const Opcode& opcode = *decoded.opcode;
  if (!opcode.typed) return StepSpecial(decoded, pc);
  if (opcode.immediate != Immediate::kNone && !CheckImmediate(decoded)) return false;
  for (uint8_t i = opcode.param_count; i > 0; --i) {
    if (!Pop(opcode.params[i - 1])) return false;
  }
  return opcode.result_count == 0 || Push(opcode.result);
}

}  // namespace wasmsh::wasm
