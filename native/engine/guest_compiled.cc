// A guest's stays in compiled code. Whoever looks at a guest looks at the interpreter: when
// compiled code stops, its frames are rebuilt there, and carried back at the next stable point.

#include <cstring>

#include "engine/guest.h"
#include "engine/instance_state.h"
#include "engine/trap_reason.h"

namespace wasmsh::engine {

Status Guest::InstantiateCompiled() {
  if (instance_->memory_count > 0 && shared_memory_is_shared(instance_->memories[0])) {
    return Status::Error("UNSUPPORTED_FEATURE", "Compiled code has no shared memories");
  }
  std::unique_ptr<CompiledInstance> compiled;
  Status status = CompiledInstance::Create(options_.compiled, module_->module(), instance_,
                                           exec_env_->native_stack_boundary, &compiled);
  if (!status.ok()) return status;
  // A stand-in does not know what vectors begin with.
  if (module_->is_compiled_only() && !options_.recovery) compiled->Leave();
  std::lock_guard<std::mutex> lock(mutex_);
  compiled_ = std::move(compiled);
  return Status::Ok();
}

bool Guest::WantsCompiled() const {
  return compiled_ && !counter_.active() && !attention_ && !stop_;
}

bool Guest::CanMove(const WASMInterpFrame* frame, uint32_t pc) const {
  if (!WantsCompiled()) return false;
  const FunctionPoints* points = nullptr;
  const Status read = compiled_->code().points().Of(FunctionIndex(instance_, frame), &points);
  return read.ok() && points != nullptr && points->At(pc).has_value();
}

void Guest::EnterCompiled() {
  compiled_->Enter();
  std::lock_guard<std::mutex> lock(mutex_);
  in_compiled_ = true;
  if (stop_ || killed_) compiled_->RequestLeave();
}

std::string Guest::EntryExport() const {
  if (entry_ == view::Entry::kStart) return "wasmsh:start";
  return entry_ == view::Entry::kInitialize ? "_initialize" : options_.entry;
}

bool Guest::CallCompiled(WASMFunctionInstance* function, uint32_t* cells) {
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  EnterCompiled();
  return AfterCompiled(compiled_->Call(EntryExport(), type, cells));
}

bool Guest::MoveToCompiled(WASMExecEnv* exec_env, WASMInterpFrame* glue,
                           WASMFunctionInstance* function, uint32_t* cells) {
  moving_ = false;
  wasm_set_exception(instance_, nullptr);
  seam_.trap_text[0] = '\0';
  seam_.trap_frame = nullptr;
  std::vector<WASMInterpFrame*> frames;
  view::Thread thread;
  WASMInterpFrame* top = wasm_exec_env_get_cur_frame(exec_env);
  if (!WalkFrames(top, &frames)) {
    failure_ = Status::Error("INTERNAL", "A frame of the host lies between the guest's");
    return true;
  }
  thread.frames.resize(frames.size());
  for (size_t i = 0; i < frames.size(); i++) {
    const FramePlace place = i == 0 ? FramePlace::kAtInstruction : FramePlace::kInCall;
    failure_ = ReadFrame(instance_, frames[i], place, module_->analysis(),
                         &thread.frames[frames.size() - 1 - i]);
    if (!failure_.ok()) return true;
  }
  // The interpreter's frames are done with: they lie above the glue frame.
  exec_env->wasm_stack.top = glue_end_;
  wasm_exec_env_set_cur_frame(exec_env, glue);
  glue->sp = glue->lp;

  failure_ =
      compiled_->stack().Put(thread, compiled_->code().points(), compiled_->code().build().twins);
  if (!failure_.ok()) return true;
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  EnterCompiled();
  return AfterCompiled(compiled_->Resume(type.results, cells));
}

bool Guest::AfterCompiled(CompiledEnd end) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    in_compiled_ = false;
  }
  compiled_->Leave();
  if (end == CompiledEnd::kReturned) return true;
  if (end == CompiledEnd::kStopped) {
    const std::string reason = TrapReason(compiled_->TakeException().c_str());
    if (killed_ || exited_) return true;
    if (IsMemoryLost(reason)) {
      failure_ = MemoryLost();
    } else {
      ParkWithoutFrames(reason);
    }
    return true;
  }
  if (killed_ || exited_) return true;
  left_ = view::Thread();
  failure_ = compiled_->stack().Take(compiled_->code().points(), module_->module(), &left_);
  if (!failure_.ok()) return true;
  if (left_.call) {
    left_.call->transferred = undone_progress_.transferred;
    left_.call->deadline_ns = undone_progress_.deadline_ns;
    left_.call->phase = undone_progress_.phase;
  }
  recovering_ = &left_;
  return false;
}

bool Guest::LeaveInstead(const hostcalls::CallProgress& progress) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!in_compiled_ || killed_ || !stop_) return false;
  undone_progress_ = progress;
  compiled_->UndoHostCall();
  return true;
}

/** A trap in compiled code: its frames are gone, memory, globals and tables are not. */
void Guest::ParkWithoutFrames(const std::string& reason) {
  Parked parked;
  parked.kind = ParkKind::kTrap;
  parked.status = view::ThreadStatus::kTrapped;
  parked.trap.reason = reason;
  parked.top = wasm_exec_env_get_cur_frame(exec_env_);
  std::unique_lock<std::mutex> lock(mutex_);
  stop_ = true;
  if (!Park(lock, std::move(parked))) return;
  failure_ = Status::Error("COMPILED_TRAP",
                           "The guest trapped in compiled code, where nothing can be tried again");
}

}  // namespace wasmsh::engine
