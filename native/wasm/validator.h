#ifndef WASMSH_WASM_VALIDATOR_H_
#define WASMSH_WASM_VALIDATOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "wasm/analysis.h"
#include "wasm/decode.h"
#include "wasm/module.h"

namespace wasmsh::wasm {

/** An operand's type as validation knows it: a ValueType's byte, or kUnknownType in code that
 *  cannot be reached. */
using OperandType = uint8_t;
constexpr OperandType kUnknownType = 0;

/** A list of value types that lives as long as the module. */
struct TypeList {
  const ValueType* types = nullptr;
  uint32_t size = 0;
};

/** Where a block's parts are; known once validation has passed its end. */
struct BlockPlace {
  uint32_t opcode_pc = 0;
  uint32_t else_pc = 0;  // 0 without else
  uint32_t end_pc = 0;
};

/** An entry of the control stack (core specification, appendix 7.3). */
struct ControlFrame {
  LabelKind kind = LabelKind::kFunction;
  bool unreachable = false;  // the rest of this block cannot be reached
  bool dead = false;         // the block itself cannot be reached
  BlockType type;
  uint32_t opcode_pc = 0;
  uint32_t body_pc = 0;
  uint32_t height = 0;  // operands below the block's parameters
  uint32_t block = 0;   // number of the block in order of appearance; the function's is 0
};

/** All that validation has to remember between two instructions. */
struct ValidatorState {
  std::vector<OperandType> operands;
  std::vector<ControlFrame> controls;
  uint32_t next_block = 1;
  uint64_t label_values = 0;  // parameters and results of all labels in scope

  size_t Bytes() const { return operands.size() + controls.size() * sizeof(ControlFrame); }
};

/**
 * The validation algorithm of the core specification, appendix 7.3, one instruction at a time:
 * core 2.0 with vectors, tail calls and atomics. `module` and the function must outlive it.
 */
class Validator {
 public:
  Validator(const Module& module, uint32_t function);

  /** Applies one instruction at `pc` (from the function's first one). On failure gives false, and
   *  `error()` says why. Must not be called once `done()`. */
  bool Step(const Decoded& decoded, uint32_t pc);
  /** The function's last `end` has been applied. */
  bool done() const { return state_.controls.empty(); }
  const std::string& error() const { return error_; }

  /**
   * Whether an execution may stand in front of `decoded`, so that the state is that of real
   * operands. The `end` of a block always counts: branches arrive there.
   */
  bool Reachable(const Decoded& decoded) const;

  const ValidatorState& state() const { return state_; }
  void set_state(ValidatorState state) { state_ = std::move(state); }

  /** Blocks by number, the function's own first; filled as instructions are applied. */
  const std::vector<BlockPlace>& blocks() const { return blocks_; }

  TypeList ParamsOf(const ControlFrame& frame) const;
  TypeList ResultsOf(const ControlFrame& frame) const;

 private:
  bool Fail(std::string message);
  bool Mismatch(ValueType expected, OperandType found);

  // Operands.
  bool Push(ValueType type) { return PushOperand(static_cast<OperandType>(type)); }
  bool PushOperand(OperandType type);
  bool PushList(TypeList list);
  bool Pop(ValueType expected);
  bool PopAny(OperandType* out);
  bool PopList(TypeList list);
  void SetUnreachable();

  // Control.
  bool PushControl(LabelKind kind, const BlockType& type, uint32_t opcode_pc, uint32_t body_pc,
                   uint32_t block);
  bool PopControl(ControlFrame* out);
  TypeList LabelTypes(const ControlFrame& frame) const;
  const ControlFrame* Label(uint32_t depth);

  // Instructions with rules of their own.
  bool StepSpecial(const Decoded& decoded, uint32_t pc);
  bool StepControl(const Decoded& decoded, uint32_t pc);
  bool StepBlock(const Decoded& decoded, uint32_t pc);
  bool StepElse(uint32_t pc);
  bool StepEnd(uint32_t pc);
  bool StepBrTable(const Decoded& decoded);
  bool StepCall(const Decoded& decoded);
  bool StepSelect(const Decoded& decoded);
  bool StepVariable(const Decoded& decoded);
  bool StepTable(const Decoded& decoded);
  bool StepReference(const Decoded& decoded);
  /** Indices, alignments and lanes of instructions whose type is in the table. */
  bool CheckImmediate(const Decoded& decoded);
  bool ReturnCallMatches(const FunctionType& callee);

  const Module& module_;
  const Function& function_;
  const FunctionType& type_;
  uint32_t param_count_;
  uint32_t local_count_;
  ValidatorState state_;
  std::vector<BlockPlace> blocks_;
  std::string error_;
};

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_VALIDATOR_H_
