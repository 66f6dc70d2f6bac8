#include "wasm/function_body.h"

#include <algorithm>
#include <cstdio>

namespace wasmsh::wasm {
namespace {

/** A checkpoint takes about as much memory as the code in front of it: at least so many
 *  instructions, and one more for every so many bytes of state. */
constexpr uint32_t kCheckpointInstructions = 256;
constexpr uint32_t kStateBytesPerInstruction = 8;

Label ToLabel(const ControlFrame& frame, const Validator& validator,
              const std::vector<BlockPlace>& blocks) {
  Label label;
  label.kind = frame.kind;
  label.opcode_pc = frame.opcode_pc;
  label.body_pc = frame.body_pc;
  label.else_pc = blocks[frame.block].else_pc;
  label.end_pc = blocks[frame.block].end_pc;
  label.height = frame.height;
  const TypeList params = validator.ParamsOf(frame);
  const TypeList results = validator.ResultsOf(frame);
  label.type.params.assign(params.types, params.types + params.size);
  label.type.results.assign(results.types, results.types + results.size);
  return label;
}

}  // namespace

uint32_t StartSet::AtOrBelow(uint32_t pc) const {
  if (size_ == 0) return 0;
  pc = std::min(pc, size_ - 1);
  uint32_t word = pc / 64;
  uint64_t bits = words_[word] << (63 - pc % 64) >> (63 - pc % 64);
  while (bits == 0 && word > 0) bits = words_[--word];
  return bits == 0 ? 0 : word * 64 + 63 - static_cast<uint32_t>(__builtin_clzll(bits));
}

FunctionAnalysis::Body::Body(std::shared_ptr<const Module> the_module, uint32_t the_function)
    : module(std::move(the_module)),
      function(the_function),
      begin(module->functions[function].code_start),
      end(module->functions[function].code_end),
      starts(end - begin) {}

Status FunctionAnalysis::Body::Analyse() {
  Validator validator(*module, function);
  Reader reader(module->bytes->data(), begin, end);
  Decoded decoded;
  uint32_t since_checkpoint = 0;
  bool was_reachable = true;
  while (!validator.done()) {
    const uint32_t pc = reader.offset() - begin;
    if (!DecodeInstruction(&reader, &decoded)) return Invalid(pc, reader.error());
    starts.Add(pc);
    MaybeCheckpoint(pc, validator, &since_checkpoint);
    NoteReachability(pc, validator.Reachable(decoded), &was_reachable);
    if (!validator.Step(decoded, pc)) return Invalid(pc, validator.error());
    ++instruction_count;
  }
  if (!reader.at_end()) return Invalid(reader.offset() - begin, "instructions follow the end");
  blocks = validator.blocks();
  return Status::Ok();
}

void FunctionAnalysis::Body::MaybeCheckpoint(uint32_t pc, const Validator& validator,
                                             uint32_t* since) {
  const size_t due =
      kCheckpointInstructions + validator.state().Bytes() / kStateBytesPerInstruction;
  if (pc != 0 && ++*since < due) return;
  checkpoints.emplace_back(pc, validator.state());
  *since = 0;
}

void FunctionAnalysis::Body::NoteReachability(uint32_t pc, bool reachable, bool* was_reachable) {
  if (!reachable && *was_reachable) unreachable.emplace_back(pc, end - begin);
  if (reachable && !*was_reachable) unreachable.back().second = pc;
  *was_reachable = reachable;
}

Status FunctionAnalysis::Body::Invalid(uint32_t offset, const std::string& why) const {
  char place[16];
  std::snprintf(place, sizeof(place), "+0x%x", offset);
  return Status::Error("MODULE_INVALID", "Function " + std::to_string(function) +
                                             " of the module is invalid at " + place + ": " + why);
}

bool FunctionAnalysis::Body::IsReachable(uint32_t pc) const {
  const auto after =
      std::upper_bound(unreachable.begin(), unreachable.end(), pc,
                       [](uint32_t at, const auto& range) { return at < range.first; });
  return after == unreachable.begin() || pc >= std::prev(after)->second;
}

bool FunctionAnalysis::Body::DecodeAt(uint32_t pc, Decoded* out) const {
  if (!starts.Has(pc)) return false;
  Reader reader(module->bytes->data(), begin + pc, end);
  return DecodeInstruction(&reader, out);
}

Instruction FunctionAnalysis::Body::ToInstruction(const Decoded& decoded) const {
  Instruction instruction;
  instruction.pc = decoded.begin - begin;
  instruction.length = decoded.end - decoded.begin;
  instruction.opcode = decoded.first;
  instruction.sub_opcode = decoded.sub_opcode;
  instruction.immediate = decoded.index;
  instruction.reachable = IsReachable(instruction.pc);
  return instruction;
}

PointState FunctionAnalysis::Body::Replay(uint32_t pc) const {
  const auto after =
      std::upper_bound(checkpoints.begin(), checkpoints.end(), pc,
                       [](uint32_t at, const auto& point) { return at < point.first; });
  const auto& checkpoint = *std::prev(after);
  Validator validator(*module, function);
  validator.set_state(checkpoint.second);
  Reader reader(module->bytes->data(), begin + checkpoint.first, end);
  Decoded decoded;
  // The body has passed Analyse, so neither of the two can fail.
  while (reader.offset() - begin < pc && DecodeInstruction(&reader, &decoded) &&
         validator.Step(decoded, decoded.begin - begin)) {
  }
  DecodeAt(pc, &decoded);

  PointState point;
  const ValidatorState& state = validator.state();
  for (const ControlFrame& frame : state.controls) {
    point.labels.push_back(ToLabel(frame, validator, blocks));
  }
  std::vector<OperandType> operands = state.operands;
  if (decoded.first == kOpEnd) {
    // Branches arrive at `end` with just the results, also where the code above cannot be reached
    // and validation's own stack holds anything.
    const ControlFrame& frame = state.controls.back();
    const TypeList results = validator.ResultsOf(frame);
    operands.resize(frame.height);
    for (uint32_t i = 0; i < results.size; ++i) {
      operands.push_back(static_cast<OperandType>(results.types[i]));
    }
  }
  point.operands.reserve(operands.size());
  for (const OperandType type : operands) point.operands.push_back(static_cast<ValueType>(type));
  return point;
}

}  // namespace wasmsh::wasm
