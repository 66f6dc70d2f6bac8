#ifndef WASMSH_WASM_ANALYSIS_H_
#define WASMSH_WASM_ANALYSIS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "status.h"
#include "wasm/module.h"

namespace wasmsh::wasm {

enum class LabelKind : uint8_t { kFunction, kBlock, kLoop, kIf, kElse };

/** A label in scope in front of an instruction, as the interpreter's label stack needs it. All pcs
 *  count from the function's `code_start`. */
struct Label {
  LabelKind kind = LabelKind::kBlock;
  uint32_t opcode_pc = 0;  // of the block, loop or if opcode; 0 for the function's label
  uint32_t body_pc = 0;    // first instruction of the body, behind the block type (or behind else)
  uint32_t else_pc = 0;    // of the else opcode, 0 without one (kIf and kElse)
  uint32_t end_pc = 0;     // of the matching end opcode
  FunctionType type;       // of the block (empty params for the function's label)
  uint32_t height = 0;     // operands below the block's parameters
};

/** What validation knows in front of one instruction (core specification, appendix 7.3). */
struct PointState {
  std::vector<ValueType> operands;
  std::vector<Label> labels;  // outermost (the function's own) first
};

/** One decoded instruction. */
struct Instruction {
  uint32_t pc = 0;
  uint32_t length = 0;      // bytes with immediates
  uint32_t sub_opcode = 0;  // LEB after the 0xfc, 0xfd and 0xfe prefixes
  /** First index among the immediates: the function of call, the type of call_indirect, else a
   *  local, global, table, label or segment; 0 where there is none. */
  uint32_t immediate = 0;
  uint8_t opcode = 0;  // first byte
  /** An execution may stand in front of it; every `end` of a block that can be entered counts,
   *  since branches arrive there. */
  bool reachable = true;
};

/**
 * Validation of one function body, kept so that any pc can be asked about. Costs one pass over the
 * body when made, and about twice its size in memory; asking replays a short stretch, and
 * places asked about again are remembered. Never reads outside the body, whatever the bytes are.
 * Thread-safe.
 */
class FunctionAnalysis {
 public:
  /** Fails with MODULE_INVALID (and where) when the body does not validate, or the function is
   *  imported or none of the module's. */
  static Status Make(std::shared_ptr<const Module> module, uint32_t function,
                     std::shared_ptr<const FunctionAnalysis>* out);

  bool IsInstructionStart(uint32_t pc) const;
  /** Greatest instruction start below `pc`, which must be over 0 (a trap's ip is inside). */
  uint32_t InstructionStartBelow(uint32_t pc) const;
  /** Greatest instruction start not above `pc`. */
  uint32_t InstructionStartAtOrBelow(uint32_t pc) const;
  const Instruction* InstructionAt(uint32_t pc) const;  // nullptr when pc is no start
  /** All instructions in order: 20 bytes each, made when first asked for. */
  const std::vector<Instruction>& instructions() const;
  /** Decodes one instruction without making the list; false when pc is no start. */
  bool Decode(uint32_t pc, Instruction* out) const;

  /**
   * State in front of the instruction at `pc`.
   * Fails with PC_INVALID when no instruction starts there, PC_UNREACHABLE when validation finds
   * the instruction unreachable (no execution can stand there).
   */
  Status At(uint32_t pc, PointState* out) const;
  /** The same without a copy, for stacks of many frames that stand at the same places. */
  Status PointAt(uint32_t pc, std::shared_ptr<const PointState>* out) const;

 private:
  struct Body;
  std::shared_ptr<Body> body_;
};

/** Analyses of one module's functions, made at first use. Thread-safe. */
class ModuleAnalysis {
 public:
  explicit ModuleAnalysis(std::shared_ptr<const Module> module);
  Status Of(uint32_t function, std::shared_ptr<const FunctionAnalysis>* out);
  const std::shared_ptr<const Module>& module() const { return module_; }

 private:
  std::shared_ptr<const Module> module_;
  std::mutex mutex_;
  std::unordered_map<uint32_t, std::shared_ptr<const FunctionAnalysis>> functions_;
};

/** Writes one instruction as the text format spells it: "i32.const 42", "local.get 3 $count". */
std::string Disassemble(const Module& module, uint32_t function, const Instruction& instruction);

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_ANALYSIS_H_
