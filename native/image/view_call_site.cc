#include "image/view_validate.h"
#include "wasm/opcodes.h"

namespace wasmsh::view {
namespace {

Status NotBehindCall(uint32_t function, uint32_t pc) {
  return Status::Error("PC_INVALID", "Function " + std::to_string(function) +
                                         " has no call that ends at +" + std::to_string(pc));
}

bool IsWait(const wasm::Instruction& instruction) {
  return instruction.opcode == wasm::kAtomicPrefix &&
         (instruction.sub_opcode == wasm::kAtomicWait32 ||
          instruction.sub_opcode == wasm::kAtomicWait64);
}

}  // namespace

Status FindCallSite(wasm::ModuleAnalysis* analysis, uint32_t function, uint32_t pc, CallSite* out) {
  std::shared_ptr<const wasm::FunctionAnalysis> body;
  Status status = analysis->Of(function, &body);
  if (!status.ok()) return status;
  if (pc == 0 || !body->IsInstructionStart(pc)) return NotBehindCall(function, pc);
  // Instructions leave no gaps, so the one below ends here.
  body->Decode(body->InstructionStartBelow(pc), &out->instruction);

  const wasm::Module& module = *analysis->module();
  const wasm::Instruction& instruction = out->instruction;
  if (instruction.opcode == wasm::kOpCall) {
    out->type = module.TypeOf(instruction.immediate);
  } else if (instruction.opcode == wasm::kOpCallIndirect) {
    out->type = module.types[instruction.immediate];
  } else if (IsWait(instruction)) {
    const ValueType compared =
        instruction.sub_opcode == wasm::kAtomicWait32 ? ValueType::kI32 : ValueType::kI64;
    out->is_wait = true;
    out->type.params = {ValueType::kI32, compared, ValueType::kI64};
    out->type.results = {ValueType::kI32};
  } else {
    return NotBehindCall(function, pc);
  }
  out->operands_popped = static_cast<uint32_t>(out->type.params.size());
  if (instruction.opcode == wasm::kOpCallIndirect) ++out->operands_popped;
  return Status::Ok();
}

Status OperandTypes(wasm::ModuleAnalysis* analysis, uint32_t function, uint32_t pc, bool in_call,
                    std::vector<ValueType>* out) {
  std::shared_ptr<const wasm::FunctionAnalysis> body;
  Status status = analysis->Of(function, &body);
  if (!status.ok()) return status;
  CallSite site;
  if (in_call) {
    status = FindCallSite(analysis, function, pc, &site);
    if (!status.ok()) return status;
    pc = site.instruction.pc;
  }
  std::shared_ptr<const wasm::PointState> point;
  status = body->PointAt(pc, &point);
  if (!status.ok()) return status;
  // Validation has seen the call's operands on the stack.
  out->assign(point->operands.begin(), point->operands.end() - site.operands_popped);
  return Status::Ok();
}

}  // namespace wasmsh::view
