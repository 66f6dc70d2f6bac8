#include "engine/parked_frames.h"

#include <string>

namespace wasmsh::engine {

Status ParkedFrames::OnStack(WASMModuleInstance* instance, WASMInterpFrame* top,
                             view::ThreadStatus status, wasm::ModuleAnalysis* analysis,
                             ParkedFrames* out) {
  out->instance_ = instance;
  out->analysis_ = analysis;
  out->is_in_call_ =
      status == view::ThreadStatus::kHostCall || status == view::ThreadStatus::kAtomicWait;
  if (WalkFrames(top, &out->stack_)) return Status::Ok();
  return Status::Error("INTERNAL", "A frame of the host lies between the guest's");
}

ParkedFrames ParkedFrames::InView(view::Thread* thread, const StablePoints* points) {
  ParkedFrames frames;
  frames.thread_ = thread;
  frames.points_ = points;
  return frames;
}

FramePlace ParkedFrames::PlaceOf(size_t frame) const {
  // A trapped frame has been put back to its instruction.
  return frame > 0 || is_in_call_ ? FramePlace::kInCall : FramePlace::kAtInstruction;
}

Status ParkedFrames::Read(size_t frame, view::Frame* out) const {
  if (thread_ == nullptr) {
    return ReadFrame(instance_, stack_[frame], PlaceOf(frame), analysis_, out);
  }
  *out = thread_->frames[thread_->frames.size() - 1 - frame];
  return Status::Ok();
}

Status ParkedFrames::Write(size_t frame, bool is_local, uint32_t index, const view::Value& value) {
  if (thread_ != nullptr) {
    view::Frame& held = thread_->frames[thread_->frames.size() - 1 - frame];
    view::Value& slot = (is_local ? held.locals : held.operands)[index];
    if (!slot.available) {
      return Status::Error("EDIT_RANGE", "Local " + std::to_string(index) +
                                             " is not kept here: nothing reads it before it is "
                                             "set again");
    }
    slot = value;
    return Status::Ok();
  }
  view::Frame values;
  if (Status s = Read(frame, &values); !s.ok()) return s;
  const auto& list = is_local ? values.locals : values.operands;
  uint32_t* cells = is_local ? stack_[frame]->lp : stack_[frame]->sp_bottom;
  for (uint32_t i = 0; i < index; i++) cells += wasm::ValueTypeCells(list[i].type);
  WriteCells(value, cells);
  return Status::Ok();
}

Status ParkedFrames::Place(uint32_t pc) {
  if (thread_ == nullptr) return PlaceFrame(instance_, stack_[0], pc, analysis_);
  view::Frame& frame = thread_->frames.back();
  const FunctionPoints* function = nullptr;
  std::optional<uint32_t> point;
  if (Status s = points_->At(frame.function, pc, &point, &function); !s.ok()) return s;
  if (!point) {
    return Status::Error("PC_INVALID", "Compiled code can only go on at a stable point, and pc " +
                                           std::to_string(pc) + " is none");
  }
  frame.pc = pc;
  // What is read from here on was dropped, and is zero.
  for (const uint32_t local : function->points[*point].live) frame.locals[local].available = true;
  return Status::Ok();
}

}  // namespace wasmsh::engine
