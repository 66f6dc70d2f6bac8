// A guest's stays in compiled code. Whoever looks at a guest looks at the interpreter: when
// compiled code stops, its frames are rebuilt there, and carried back at the next stable point.

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "engine/guest.h"
#include "engine/instance_state.h"
#include "engine/trap_reason.h"

namespace wasmsh::engine {

namespace {

/** What a local that is no parameter begins with. */
bool IsDefault(const view::Value& local) {
  const bool is_reference =
      local.type == view::ValueType::kFuncref || local.type == view::ValueType::kExternref;
  return local.bits[0] == (is_reference ? view::kNullReference : 0) && local.bits[1] == 0;
}

}  // namespace

Status Guest::InstantiateCompiled() {
  if (instance_->memory_count > 0 && shared_memory_is_shared(instance_->memories[0])) {
    return Status::Error("UNSUPPORTED_FEATURE", "Compiled code has no shared memories");
  }
  std::unique_ptr<CompiledInstance> compiled;
  Status status = CompiledInstance::Create(code_, module_->module(), instance_,
                                           exec_env_->native_stack_boundary, &compiled);
  if (!status.ok()) return status;
  // A stand-in does not know what vectors begin with.
  if (module_->is_compiled_only() && !options_.recovery) compiled->Leave();
  std::lock_guard<std::mutex> lock(mutex_);
  compiled_ = std::move(compiled);
  return Status::Ok();
}

bool Guest::WantsCompiled() const { return code_ && !counter_.active() && !attention_ && !stop_; }

void Guest::LookForCompiled() {
  if (!code_) return;
  crossing_.Restart();
  seam_.stop_at_every_instruction = true;
}

bool Guest::IsFresh(const view::Thread& thread) const {
  if (thread.status != view::ThreadStatus::kRunning || thread.frames.size() != 1) return false;
  const view::Frame& frame = thread.frames[0];
  if (frame.function != entry_function_ || frame.pc != 0) return false;
  const size_t params = module_->module().TypeOf(frame.function).params.size();
  return std::all_of(frame.locals.begin() + ptrdiff_t(params), frame.locals.end(), IsDefault);
}

bool Guest::CanMove(WASMInterpFrame* frame, uint32_t pc) {
  if (WantsCompiled() && crossing_.steps() && pc == 0 && !frame->prev_frame->function) {
    view::Thread thread;
    thread.frames.resize(1);
    const FramePlace place = FramePlace::kAtInstruction;
    const Status read = ReadFrame(instance_, frame, place, module_->analysis(), &thread.frames[0]);
    if (read.ok() && IsFresh(thread)) return true;
  }
  while (WantsCompiled() && crossing_.steps()) {
    std::vector<FramePoint> points;
    const bool is_stable = FramePoints(frame, pc, &points);
    if (is_stable && CanEnterWith(points)) return true;
    crossing_.Miss(1 + points.size());
    if (!is_stable || !crossing_.is_to_ask()) return false;
    AskForTwins(std::move(points));
    if (!options_.awaits_twins) return false;
    WaitForOffer();
    if (offered_) TakeOffer();
  }
  return false;
}

bool Guest::FramePoints(WASMInterpFrame* top, uint32_t pc, std::vector<FramePoint>* points) const {
  const StablePoints& stable = code_->points();
  const auto add = [&](uint32_t function, uint32_t at) {
    std::optional<uint32_t> point;
    if (!stable.At(function, at, &point).ok()) return false;
    if (point) points->push_back({function, *point});
    return point.has_value();
  };
  // Most instructions are at no stable point: nothing else is looked at there.
  if (!add(FunctionIndex(instance_, top), pc)) return false;
  std::vector<WASMInterpFrame*> frames;
  if (!WalkFrames(top, &frames)) return false;
  for (size_t i = 1; i < frames.size(); i++) {
    uint32_t behind = 0;
    const Status read =
        FramePc(instance_, frames[i], FramePlace::kInCall, module_->analysis(), &behind);
    if (!read.ok() || !add(FunctionIndex(instance_, frames[i]), behind)) return false;
  }
  return true;
}

bool Guest::CanEnterWith(const std::vector<FramePoint>& points) const {
  if (!code_->build().twins.empty()) return true;
  const auto has_twin = [&](const FramePoint& at) { return twins_->Has(at); };
  return twins_ && std::all_of(points.begin(), points.end(), has_twin);
}

void Guest::WaitForOffer() {
  std::unique_lock<std::mutex> lock(mutex_);
  wake_.wait(lock, [&] { return offered_ || stop_ || killed_; });
}

void Guest::AskForTwins(std::vector<FramePoint> points) {
  crossing_.Asked();
  Event event;
  event.kind = Event::Kind::kTwins;
  event.depth = uint32_t(points.size());
  std::set<std::pair<uint32_t, uint32_t>> known;
  for (const FramePoint& at : points) {
    if (known.insert({at.function, at.point}).second) event.frames.push_back(at);
  }
  Emit(std::move(event));
}

void Guest::TakeOffer() {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::optional<Offered> taken = std::exchange(offer_, std::nullopt);
  offered_ = false;
  Arm();
  if (!taken) return;
  if (taken->code && taken->code != code_) {
    code_ = taken->code;
    twins_ = nullptr;
    crossing_.Restart();
  }
  if (taken->twins) {
    twins_ = taken->twins;
    crossing_.Try();
  } else if (!taken->code) {
    crossing_.GiveUp();
  }
}

void Guest::EnterCompiled() {
  compiled_->Enter();
  std::lock_guard<std::mutex> lock(mutex_);
  in_compiled_ = true;
  if (stop_ || killed_ || (offered_ && LeavesForOffer())) compiled_->RequestLeave();
}

bool Guest::LeavesForOffer() const {
  // Without an interpreter it would stand still when the new twins do not fit.
  return offer_ && offer_->twins && !module_->is_compiled_only();
}

std::string Guest::EntryExport() const {
  if (entry_ == view::Entry::kStart) return "wasmsh:start";
  return entry_ == view::Entry::kInitialize ? "_initialize" : options_.entry;
}

void Guest::CrossToCompiled() {
  EnterCompiled();
  Event event;
  event.kind = Event::Kind::kCrossed;
  Emit(std::move(event));
}

bool Guest::CallCompiled(WASMFunctionInstance* function, uint32_t* cells) {
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  EnterCompiled();
  return AfterCompiled(compiled_->Call(EntryExport(), type, cells));
}

bool Guest::CallWithLocals(const view::Frame& frame, uint32_t* cells) {
  const auto& type = module_->module().TypeOf(frame.function);
  uint32_t* to = cells;
  for (size_t i = 0; i < type.params.size(); i++) {
    WriteCells(frame.locals[i], to);
    to += wasm::ValueTypeCells(type.params[i]);
  }
  return AfterCompiled(compiled_->Call(EntryExport(), type, cells));
}

Status Guest::HaveInstance() { return compiled_ ? Status::Ok() : InstantiateCompiled(); }

/** Makes all ready to rebuild the frames of a thread in compiled code. */
Status Guest::ReadyCompiled(const view::Thread& thread) {
  if (Status s = HaveInstance(); !s.ok()) return s;
  const std::vector<uint32_t>* functions = &code_->build().twins;
  if (functions->empty()) {
    if (Status s = compiled_->UseTwins(twins_); !s.ok()) return s;
    functions = &twins_->functions();
  }
  return compiled_->stack().Put(thread, code_->points(), *functions);
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
  wasm_stack_.Empty();
  wasm_exec_env_set_cur_frame(exec_env, glue);
  glue->sp = glue->lp;

  const bool is_fresh = IsFresh(thread);
  const Status ready = is_fresh ? HaveInstance() : ReadyCompiled(thread);
  if (!ready.ok()) {  // it goes on as it did
    crossing_.GiveUp();
    left_ = std::move(thread);
    recovering_ = &left_;
    return false;
  }
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  CrossToCompiled();
  if (is_fresh) return CallWithLocals(thread.frames[0], cells);
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
      ParkWithoutFrames(reason, compiled_->TrapFrames());
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
  LookForCompiled();
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
void Guest::ParkWithoutFrames(const std::string& reason, std::vector<TrapFrame> frames) {
  Parked parked;
  parked.kind = ParkKind::kTrap;
  parked.status = view::ThreadStatus::kTrapped;
  parked.trap.reason = reason;
  if (!frames.empty()) {
    parked.trap.function = frames[0].function;
    parked.trap.pc = frames[0].pc;
    frames.erase(frames.begin());
    parked.trap.callers = std::move(frames);
  }
  parked.top = wasm_exec_env_get_cur_frame(exec_env_);
  std::unique_lock<std::mutex> lock(mutex_);
  stop_ = true;
  if (!Park(lock, std::move(parked))) return;
  failure_ = Status::Error("COMPILED_TRAP",
                           "The guest trapped in compiled code, where nothing can be tried again");
}

}  // namespace wasmsh::engine
