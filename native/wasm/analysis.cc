#include "wasm/analysis.h"

#include <algorithm>
#include <cstdio>

#include "wasm/function_body.h"

namespace wasmsh::wasm {
namespace {

/** Points remembered per function. A deep stack of recursive calls stands at few places. */
constexpr size_t kMaxPoints = 64;

Status PcError(const char* code, uint32_t function, uint32_t pc, const char* why) {
  char place[16];
  std::snprintf(place, sizeof(place), "+0x%x", pc);
  return Status::Error(code,
                       "Function " + std::to_string(function) + " has " + why + " at " + place);
}

}  // namespace

Status FunctionAnalysis::Make(std::shared_ptr<const Module> module, uint32_t function,
                              std::shared_ptr<const FunctionAnalysis>* out) {
  if (function >= module->functions.size() || module->functions[function].imported) {
    return Status::Error("MODULE_INVALID",
                         "Function " + std::to_string(function) + " has no body in this module");
  }
  auto analysis = std::make_shared<FunctionAnalysis>();
  analysis->body_ = std::make_shared<Body>(std::move(module), function);
  Status status = analysis->body_->Analyse();
  if (status.ok()) *out = std::move(analysis);
  return status;
}

bool FunctionAnalysis::IsInstructionStart(uint32_t pc) const { return body_->starts.Has(pc); }

uint32_t FunctionAnalysis::InstructionStartBelow(uint32_t pc) const {
  return pc == 0 ? 0 : body_->starts.AtOrBelow(pc - 1);
}

uint32_t FunctionAnalysis::InstructionStartAtOrBelow(uint32_t pc) const {
  return body_->starts.AtOrBelow(pc);
}

const std::vector<Instruction>& FunctionAnalysis::instructions() const {
  const std::lock_guard<std::mutex> lock(body_->mutex);
  std::vector<Instruction>& list = body_->instructions;
  if (list.empty()) {
    list.reserve(body_->instruction_count);
    Reader reader(body_->module->bytes->data(), body_->begin, body_->end);
    Decoded decoded;
    while (!reader.at_end() && DecodeInstruction(&reader, &decoded)) {
      list.push_back(body_->ToInstruction(decoded));
    }
  }
  return list;
}

const Instruction* FunctionAnalysis::InstructionAt(uint32_t pc) const {
  if (!IsInstructionStart(pc)) return nullptr;
  const std::vector<Instruction>& list = instructions();
  return &*std::lower_bound(list.begin(), list.end(), pc,
                            [](const Instruction& entry, uint32_t at) { return entry.pc < at; });
}

bool FunctionAnalysis::Decode(uint32_t pc, Instruction* out) const {
  Decoded decoded;
  if (!body_->DecodeAt(pc, &decoded)) return false;
  *out = body_->ToInstruction(decoded);
  return true;
}

Status FunctionAnalysis::PointAt(uint32_t pc, std::shared_ptr<const PointState>* out) const {
  if (!IsInstructionStart(pc)) {
    return PcError("PC_INVALID", body_->function, pc, "no instruction that starts");
  }
  if (!body_->IsReachable(pc)) {
    return PcError("PC_UNREACHABLE", body_->function, pc, "code that cannot be reached");
  }
  const std::lock_guard<std::mutex> lock(body_->mutex);
  auto known = body_->points.find(pc);
  if (known == body_->points.end()) {
    if (body_->points.size() >= kMaxPoints) body_->points.clear();
    auto point = std::make_shared<const PointState>(body_->Replay(pc));
    known = body_->points.emplace(pc, std::move(point)).first;
  }
  *out = known->second;
  return Status::Ok();
}

Status FunctionAnalysis::At(uint32_t pc, PointState* out) const {
  std::shared_ptr<const PointState> point;
  Status status = PointAt(pc, &point);
  if (status.ok()) *out = *point;
  return status;
}

ModuleAnalysis::ModuleAnalysis(std::shared_ptr<const Module> module) : module_(std::move(module)) {}

Status ModuleAnalysis::Of(uint32_t function, std::shared_ptr<const FunctionAnalysis>* out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  auto known = functions_.find(function);
  if (known == functions_.end()) {
    std::shared_ptr<const FunctionAnalysis> made;
    Status status = FunctionAnalysis::Make(module_, function, &made);
    if (!status.ok()) return status;
    known = functions_.emplace(function, std::move(made)).first;
  }
  *out = known->second;
  return Status::Ok();
}

}  // namespace wasmsh::wasm
