#include "engine/run_counter.h"

namespace wasmsh::engine {

namespace {

/** Behind these opcodes execution may go on elsewhere; the same list as in wamr_interpreter.c, in
 *  terms of the original bytecode. */
bool EndsRun(uint8_t opcode, bool is_last) {
  switch (opcode) {
    case 0x00:  // unreachable
    case 0x04:  // if
    case 0x05:  // else
    case 0x0c:  // br
    case 0x0d:  // br_if
    case 0x0e:  // br_table
    case 0x0f:  // return
    case 0x10:  // call
    case 0x11:  // call_indirect
    case 0x12:  // return_call
    case 0x13:  // return_call_indirect
      return true;
    default:
      return is_last;  // the function's own end
  }
}

}  // namespace

RunTable::RunTable(wasm::ModuleAnalysis* analysis)
    : analysis_(analysis), functions_(analysis->module()->functions.size()) {}

const FunctionRuns* RunTable::Of(uint32_t function) {
  if (function >= functions_.size()) return nullptr;
  if (functions_[function]) return functions_[function].get();
  std::shared_ptr<const wasm::FunctionAnalysis> body;
  if (!analysis_->Of(function, &body).ok()) return nullptr;

  const auto& instructions = body->instructions();
  const auto& code = analysis_->module()->functions[function];
  auto runs = std::make_unique<FunctionRuns>();
  runs->ordinal_at.assign(code.code_end - code.code_start, FunctionRuns::kNoInstruction);
  runs->run_end.resize(instructions.size());
  runs->pc_of.resize(instructions.size());
  uint32_t end = 0;
  for (size_t i = instructions.size(); i-- > 0;) {
    if (EndsRun(instructions[i].opcode, i + 1 == instructions.size())) end = uint32_t(i);
    runs->ordinal_at[instructions[i].pc] = uint32_t(i);
    runs->run_end[i] = end;
    runs->pc_of[i] = instructions[i].pc;
  }
  functions_[function] = std::move(runs);
  return functions_[function].get();
}

void RunCounter::Arrive(const FunctionRuns& runs, uint32_t pc) {
  ordinal_ = runs.ordinal_at[pc];
  position_ = in_run_ ? run_position_ + (ordinal_ - run_ordinal_) : next_position_;
}

RunCounter::Next RunCounter::Leave(const FunctionRuns& runs, uint32_t* run_end_pc) {
  const uint32_t end = runs.run_end[ordinal_];
  run_position_ = position_;
  run_ordinal_ = ordinal_;
  next_position_ = position_ + (end - ordinal_) + 1;
  const bool target_in_run = target_ && *target_ > position_ && *target_ < next_position_;
  if (end == ordinal_ || target_in_run) {
    in_run_ = end != ordinal_;
    return Next::kEveryInstruction;
  }
  in_run_ = true;
  *run_end_pc = runs.pc_of[end];
  return Next::kRunEnd;
}

uint64_t RunCounter::PositionInRun(const FunctionRuns& runs, uint32_t pc) const {
  const uint32_t ordinal = pc < runs.ordinal_at.size() ? runs.ordinal_at[pc] : run_ordinal_;
  return run_position_ + (ordinal - run_ordinal_);
}

}  // namespace wasmsh::engine
