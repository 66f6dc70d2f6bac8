#include "engine/frames.h"

#include <cstddef>
#include <cstring>

namespace wasmsh::engine {

namespace {

using view::Value;
using view::ValueType;
using wasm::FunctionAnalysis;
using wasm::Label;
using wasm::LabelKind;
using wasm::PointState;

/** A null reference in a cell of WAMR without GC. */
constexpr uint32_t kNullCell = UINT32_MAX;

uint8_t* CodeOf(const WASMInterpFrame* frame) { return frame->function->u.func->code; }

uint32_t LocalCells(const WASMFunctionInstance* function) {
  return uint32_t{function->param_cell_num} + function->local_cell_num;
}

Status Internal(const std::string& what, uint32_t function, uint32_t pc) {
  return Status::Error("INTERNAL", what + " in function " + std::to_string(function) + " at pc " +
                                       std::to_string(pc));
}

WASMBranchBlock ToBranchBlock(const Label& label, const PointState& state, uint8_t* code,
                              uint32_t* operands) {
  const bool is_loop = label.kind == LabelKind::kLoop;
  const auto& carried = is_loop ? label.type.params : label.type.results;
  WASMBranchBlock block = {};
  block.begin_addr = code + label.body_pc;
  block.target_addr = code + (is_loop ? label.body_pc : label.end_pc);
  block.frame_sp = operands + CellCount(state.operands, label.height);
  block.cell_num = CellCount(carried, carried.size());
  return block;
}

/** Labels may be misaligned after an odd number of cells: by memcpy, never by assignment. */
void WriteLabels(const PointState& state, WASMInterpFrame* frame) {
  auto* to = reinterpret_cast<uint8_t*>(frame->csp_bottom);
  for (const Label& label : state.labels) {
    const WASMBranchBlock block = ToBranchBlock(label, state, CodeOf(frame), frame->sp_bottom);
    std::memcpy(to, &block, sizeof block);
    to += sizeof block;
  }
  frame->csp = reinterpret_cast<WASMBranchBlock*>(to);
}

Status StateAt(wasm::ModuleAnalysis* analysis, uint32_t function, uint32_t pc, PointState* state) {
  std::shared_ptr<const FunctionAnalysis> body;
  if (Status status = analysis->Of(function, &body); !status.ok()) return status;
  return body->At(pc, state);
}

}  // namespace

uint32_t CellCount(const std::vector<ValueType>& types, size_t count) {
  uint32_t cells = 0;
  for (size_t i = 0; i < count && i < types.size(); i++) cells += wasm::ValueTypeCells(types[i]);
  return cells;
}

void WriteCells(const Value& value, uint32_t* cells) {
  switch (value.type) {
    case ValueType::kFuncref:
    case ValueType::kExternref:
      cells[0] = value.bits[0] == view::kNullReference ? kNullCell : uint32_t(value.bits[0]);
      return;
    case ValueType::kV128:
      std::memcpy(cells, value.bits.data(), 16);
      return;
    case ValueType::kI64:
    case ValueType::kF64:
      std::memcpy(cells, value.bits.data(), 8);
      return;
    default:
      cells[0] = uint32_t(value.bits[0]);
  }
}

Value ReadCells(ValueType type, const uint32_t* cells) {
  Value value;
  value.type = type;
  switch (type) {
    case ValueType::kFuncref:
    case ValueType::kExternref:
      value.bits[0] = cells[0] == kNullCell ? view::kNullReference : cells[0];
      break;
    case ValueType::kV128:
      std::memcpy(value.bits.data(), cells, 16);
      break;
    case ValueType::kI64:
    case ValueType::kF64:
      std::memcpy(value.bits.data(), cells, 8);
      break;
    default:
      value.bits[0] = cells[0];
  }
  return value;
}

bool WalkFrames(WASMInterpFrame* top, std::vector<WASMInterpFrame*>* frames) {
  for (WASMInterpFrame* frame = top; frame; frame = frame->prev_frame) {
    // The glue frame of the outermost call has no function; one further in is the host's.
    if (!frame->function) return frame->prev_frame == nullptr;
    if (frame->function->is_import_func || !frame->ip) return false;
    frames->push_back(frame);
  }
  return false;
}

uint32_t FunctionIndex(WASMModuleInstance* instance, const WASMInterpFrame* frame) {
  return uint32_t(frame->function - instance->e->functions);
}

Status FramePc(WASMModuleInstance* instance, const WASMInterpFrame* frame, FramePlace place,
               wasm::ModuleAnalysis* analysis, uint32_t* pc) {
  const uint32_t function = FunctionIndex(instance, frame);
  const WASMFunction* code = frame->function->u.func;
  if (frame->ip < code->code || frame->ip > code->code + code->code_size) {
    return Internal("ip outside the body", function, 0);
  }
  uint32_t at = uint32_t(frame->ip - code->code);
  std::shared_ptr<const FunctionAnalysis> body;
  if (Status status = analysis->Of(function, &body); !status.ok()) return status;
  if (place == FramePlace::kTrapped) {
    if (at == 0) return Internal("trap in front of the body", function, at);
    *pc = body->InstructionStartBelow(at);
    return Status::Ok();
  }
  while (at < code->code_size && !body->IsInstructionStart(at)) {
    if (code->code[at] != 0x01 /* nop */) return Internal("ip inside an instruction", function, at);
    at++;
  }
  *pc = at;
  return Status::Ok();
}

Status ReadFrame(WASMModuleInstance* instance, const WASMInterpFrame* frame, FramePlace place,
                 wasm::ModuleAnalysis* analysis, view::Frame* out) {
  const wasm::Module& module = *analysis->module();
  out->function = FunctionIndex(instance, frame);
  if (Status s = FramePc(instance, frame, place, analysis, &out->pc); !s.ok()) return s;

  out->locals.clear();
  const uint32_t local_count = module.LocalCount(out->function);
  out->locals.reserve(local_count);
  const uint32_t* cells = frame->lp;
  for (uint32_t i = 0; i < local_count; i++) {
    const ValueType type = module.LocalType(out->function, i);
    out->locals.push_back(ReadCells(type, cells));
    cells += wasm::ValueTypeCells(type);
  }

  std::vector<ValueType> types;
  const bool in_call = place == FramePlace::kInCall;
  Status status = view::OperandTypes(analysis, out->function, out->pc, in_call, &types);
  if (!status.ok()) return status;
  const uint32_t height = CellCount(types, types.size());
  if (place != FramePlace::kTrapped && height != uint32_t(frame->sp - frame->sp_bottom)) {
    return Internal("operand stack of " + std::to_string(frame->sp - frame->sp_bottom) +
                        " cells where validation says " + std::to_string(height),
                    out->function, out->pc);
  }
  out->operands.clear();
  out->operands.reserve(types.size());
  cells = frame->sp_bottom;
  for (const ValueType type : types) {
    out->operands.push_back(ReadCells(type, cells));
    cells += wasm::ValueTypeCells(type);
  }
  return Status::Ok();
}

Status BuildFrame(WASMModuleInstance* instance, WASMExecEnv* exec_env, WASMInterpFrame* previous,
                  const view::Frame& frame, bool in_call, wasm::ModuleAnalysis* analysis,
                  WASMInterpFrame** out) {
  PointState state;
  if (Status s = StateAt(analysis, frame.function, frame.pc, &state); !s.ok()) return s;

  WASMFunctionInstance* function = instance->e->functions + frame.function;
  const WASMFunction* code = function->u.func;
  const uint32_t local_cells = LocalCells(function);
  std::vector<ValueType> held;
  if (Status s = view::OperandTypes(analysis, frame.function, frame.pc, in_call, &held); !s.ok()) {
    return s;
  }
  // The view has been validated; this guards the wasm stack all the same.
  if (state.labels.size() > code->max_block_num ||
      CellCount(held, held.size()) > code->max_stack_cell_num ||
      held.size() != frame.operands.size()) {
    return Status::Error("SNAPSHOT_INVALID",
                         "Frame does not fit function " + std::to_string(frame.function));
  }
  const uint32_t cells = local_cells + code->max_stack_cell_num +
                         code->max_block_num * uint32_t(sizeof(WASMBranchBlock)) / 4;
  auto* made = static_cast<WASMInterpFrame*>(
      wasm_exec_env_alloc_wasm_frame(exec_env, wasm_interp_interp_frame_size(cells)));
  if (!made) {
    return Status::Error("STACK_EXHAUSTED",
                         "The frames of the snapshot need a larger stack than this guest has");
  }
  made->prev_frame = previous;
  made->function = function;
  made->ip = code->code + frame.pc;
  made->sp_bottom = made->lp + local_cells;
  made->sp_boundary = made->sp_bottom + code->max_stack_cell_num;
  made->csp_bottom = reinterpret_cast<WASMBranchBlock*>(made->sp_boundary);
  made->csp_boundary = made->csp_bottom + code->max_block_num;

  uint32_t* to = made->lp;
  for (const Value& value : frame.locals) {
    WriteCells(value, to);
    to += wasm::ValueTypeCells(value.type);
  }
  to = made->sp_bottom;
  for (const Value& value : frame.operands) {
    WriteCells(value, to);
    to += wasm::ValueTypeCells(value.type);
  }
  made->sp = to;
  WriteLabels(state, made);
  wasm_exec_env_set_cur_frame(exec_env, made);
  *out = made;
  return Status::Ok();
}

Status PlaceFrame(WASMModuleInstance* instance, WASMInterpFrame* frame, uint32_t pc,
                  wasm::ModuleAnalysis* analysis) {
  PointState state;
  Status status = StateAt(analysis, FunctionIndex(instance, frame), pc, &state);
  if (!status.ok()) return status;
  frame->ip = CodeOf(frame) + pc;
  frame->sp = frame->sp_bottom + CellCount(state.operands, state.operands.size());
  WriteLabels(state, frame);
  return Status::Ok();
}

}  // namespace wasmsh::engine
