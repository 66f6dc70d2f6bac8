// What other threads ask of a guest: requests, looks and edits, all under its mutex.

#include <unistd.h>

#include <signal.h>
#include <time.h>

#include <algorithm>

#include "engine/guest.h"
#include "engine/instance_state.h"
#include "platform/linux/guest_memory.h"

namespace wasmsh::engine {

namespace {

constexpr uint64_t kWasmPage = 65536;
constexpr uint64_t kAtOnceNs = 20'000;
constexpr int kClockTries = 4;

Status OutOfRange(const std::string& what, uint64_t index, uint64_t count) {
  return Status::Error("EDIT_RANGE", what + " " + std::to_string(index) +
                                         " does not exist: there " +
                                         (count == 1 ? "is 1" : "are " + std::to_string(count)));
}

/** Checks a value that is to be written where a value of `type` stands. */
Status CheckBits(view::ValueType type, const std::array<uint64_t, 2>& bits, size_t functions) {
  const bool is_reference =
      type == view::ValueType::kFuncref || type == view::ValueType::kExternref;
  if (!is_reference) {
    if (wasm::ValueTypeCells(type) == 1 && bits[0] > UINT32_MAX) {
      return Status::Error("EDIT_TYPE",
                           std::string("The value does not fit an ") + wasm::ValueTypeName(type));
    }
    return Status::Ok();
  }
  if (bits[0] == view::kNullReference) return Status::Ok();
  if (type == view::ValueType::kExternref) {
    return Status::Error("EDIT_TYPE", "An externref can only be set to null");
  }
  if (bits[0] >= functions) return OutOfRange("Function", bits[0], functions);
  return Status::Ok();
}

/** Nanoseconds; 0 when there is no such clock. */
uint64_t ReadClock(clockid_t clock) {
  timespec now = {};
  if (clock_gettime(clock, &now) != 0) return 0;
  return uint64_t(now.tv_sec) * 1'000'000'000u + uint64_t(now.tv_nsec);
}

std::string TypeNames(const std::vector<view::ValueType>& types) {
  std::string names = "[";
  for (size_t i = 0; i < types.size(); i++) {
    names += (i ? " " : "") + std::string(wasm::ValueTypeName(types[i]));
  }
  return names + "]";
}

}  // namespace

// ---- requests ----

void Guest::Arm() {
  seam_.armed_at_run_ends =
      counter_.active() || count_request_.steps || count_request_.position || options_.counting;
  __atomic_store_n(&seam_.armed, stop_ || killed_ || attention_ || offered_, __ATOMIC_RELAXED);
  seam_.interpreter->arm(&seam_);
  if (compiled_ && (stop_ || killed_)) compiled_->RequestLeave();
}

void Guest::RequestPause() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (state_ == GuestState::kEnded || stop_ || killed_) return;
  stop_kind_ = ParkKind::kPause;
  stop_ = true;
  pause_begun_ = Now();
  Arm();
  priority_.Hurry();
  wake_.notify_all();
}

bool Guest::WithdrawPause() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (state_ == GuestState::kParked || killed_) return false;
  if (stop_ && stop_kind_ == ParkKind::kPause) {
    stop_ = false;
    pause_begun_.reset();
    Arm();
    priority_.Relax();
  }
  return true;
}

void Guest::Answer(uint64_t request_id, hostcalls::PluginAnswer answer) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (open_request_ != request_id || is_answered_) return;
  answer_ = std::move(answer);
  is_answered_ = true;
  wake_.notify_all();
}

bool Guest::IsInCall() const {
  return parked_.status == view::ThreadStatus::kHostCall ||
         parked_.status == view::ThreadStatus::kAtomicWait;
}

Status Guest::CheckCounting() const {
  if (!module_->is_compiled_only()) return Status::Ok();
  return Status::Error("NEEDS_INTERPRETER",
                       "Only the interpreter counts instructions, and it cannot run this module, "
                       "which uses SIMD");
}

void Guest::Go(CountRequest request) {
  request.from_call = IsInCall();
  count_request_ = request;
  attention_ = counter_.active() || request.steps || request.position || options_.counting;
  stop_ = false;
  stop_kind_ = ParkKind::kPause;
  resumes_++;
  state_ = GuestState::kRunning;
  Arm();
  wake_.notify_all();
}

Status Guest::CheckParked() const {
  if (state_ == GuestState::kEnded) {
    return Status::Error("GUEST_ENDED", "The guest has ended");
  }
  if (state_ != GuestState::kParked) {
    return Status::Error("GUEST_NOT_PAUSED", "The guest is running");
  }
  return Status::Ok();
}

void Guest::Offer(std::shared_ptr<const CompiledCode> code, std::shared_ptr<const Twins> twins) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (state_ == GuestState::kEnded) return;
  offer_ = Offered{std::move(code), std::move(twins)};
  offered_ = true;
  if (in_compiled_ && LeavesForOffer()) compiled_->RequestLeave();
  Arm();
  wake_.notify_all();
}

Status Guest::Resume(std::optional<uint64_t> pause_at) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  if (held_) return Status::Error("GUEST_BUSY", "A snapshot of the guest is being written");
  if (pause_at) {
    if (Status s = CheckCounting(); !s.ok()) return s;
    if (!parked_.position) {
      return Status::Error("POSITION_UNKNOWN",
                           "The guest's instructions have not been counted from its start");
    }
    if (*pause_at <= *parked_.position) {
      return Status::Error("POSITION_PASSED", "The guest stands at position " +
                                                  std::to_string(*parked_.position) + " already");
    }
  }
  CountRequest request;
  request.position = pause_at;
  Go(request);
  return Status::Ok();
}

Status Guest::Step(uint64_t count) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  if (held_) return Status::Error("GUEST_BUSY", "A snapshot of the guest is being written");
  if (Status s = CheckCounting(); !s.ok()) return s;
  CountRequest request;
  request.steps = std::max<uint64_t>(count, 1);
  Go(request);
  return Status::Ok();
}

void Guest::Kill() {
  std::lock_guard<std::mutex> lock(mutex_);
  killed_ = true;
  Arm();
  if (state_ != GuestState::kEnded) priority_.Hurry();
  wake_.notify_all();
}

bool Guest::KickIfNeeded() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (state_ == GuestState::kEnded || !launched_) return false;
  const bool wanted = killed_ || (stop_ && state_ != GuestState::kParked);
  if (wanted && current_call() != nullptr) pthread_kill(thread_, KickSignal());
  return wanted;
}

// ---- looks ----

uint64_t Guest::ThreadCpuNs() {
  clockid_t clock;
  if (!launched_ || pthread_getcpuclockid(thread_, &clock) != 0) return 0;
  return ReadClock(clock);
}

uint64_t Guest::CpuNs() { return cpu_base_ns_ + ThreadCpuNs(); }

Guest::Moment Guest::Now() {
  // Both clocks are to be of one moment: whoever asks may lose its core in between.
  for (int tries = kClockTries;; --tries) {
    const uint64_t before = ReadClock(CLOCK_MONOTONIC);
    const uint64_t cpu_ns = ThreadCpuNs();
    const uint64_t at_ns = ReadClock(CLOCK_MONOTONIC);
    if (at_ns - before <= kAtOnceNs || tries == 1) return {at_ns, cpu_ns};
  }
}

void Guest::EndPause() {
  if (!pause_begun_) return;
  const Moment now = Now();
  const uint64_t elapsed_ns = now.at_ns - pause_begun_->at_ns;
  // What the guest has used between both clocks of a moment is none of it.
  pause_ = PauseTime{elapsed_ns, std::min(now.cpu_ns - pause_begun_->cpu_ns, elapsed_ns)};
  pause_begun_.reset();
}

GuestInfo Guest::Info() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (last_info_) {
    GuestInfo info = *last_info_;
    info.state = state_;
    return info;
  }
  GuestInfo info;
  info.state = state_;
  info.in_compiled = in_compiled_;
  if (instance_) info.memory_bytes = MemoryBytes(instance_, 0);
  if (const auto* call = current_call()) {
    info.host_call = std::string(call->module) + "." + call->name;
  }
  if (host_) {
    info.monotonic_ns = host_->clock().Now();
    info.host_calls = host_->Calls();
    info.stdout_bytes = host_->counters().stdout_bytes;
    info.stderr_bytes = host_->counters().stderr_bytes;
  }
  info.cpu_ns = CpuNs();
  info.pause = pause_;
  if (state_ == GuestState::kParked) {
    info.parked = parked_.kind;
    info.trap = parked_.trap;
    info.position = parked_.position;
    if (parked_.status == view::ThreadStatus::kHostCall) {
      const wasm::Module& module = module_->module();
      const wasm::Import& import = module.imports[module.function_imports[parked_.import]];
      info.host_call = import.module + "." + import.name;
    }
    if (parked_.in_view != nullptr) info.frame_count = uint32_t(parked_.in_view->frames.size());
    for (WASMInterpFrame* f = parked_.top; f && f->function; f = f->prev_frame) info.frame_count++;
  }
  return info;
}

Status Guest::FramesOf(ParkedFrames* frames) const {
  if (Status s = CheckParked(); !s.ok()) return s;
  if (parked_.in_view != nullptr) {
    *frames = ParkedFrames::InView(parked_.in_view, &compiled_->code().points());
    return Status::Ok();
  }
  return ParkedFrames::OnStack(instance_, parked_.top, parked_.status, module_->analysis(), frames);
}

Status Guest::Frames(uint32_t first, uint32_t count, std::vector<view::Frame>* out,
                     uint32_t* total) {
  std::lock_guard<std::mutex> lock(mutex_);
  ParkedFrames frames;
  if (Status s = FramesOf(&frames); !s.ok()) return s;
  *total = uint32_t(frames.count());
  for (uint64_t i = first; i < frames.count() && i < uint64_t{first} + count; i++) {
    view::Frame frame;
    if (Status s = frames.Read(i, &frame); !s.ok()) return s;
    out->push_back(std::move(frame));
  }
  return Status::Ok();
}

Status Guest::FrameValues(uint32_t frame, view::Frame* out) {
  std::vector<view::Frame> frames;
  uint32_t total = 0;
  if (Status s = Frames(frame, 1, &frames, &total); !s.ok()) return s;
  if (frames.empty()) return OutOfRange("Frame", frame, total);
  *out = std::move(frames[0]);
  return Status::Ok();
}

Status Guest::Globals(std::vector<view::Value>* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  const auto& module = module_->module();
  for (uint32_t i = 0; i < module.globals.size(); i++) {
    out->push_back(ReadGlobal(instance_, module, i));
  }
  return Status::Ok();
}

Status Guest::TableSizes(std::vector<uint32_t>* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  for (uint32_t i = 0; i < module_->module().tables.size(); i++) {
    out->push_back(TableSize(instance_, i));
  }
  return Status::Ok();
}

Status Guest::TableElements(uint32_t table, uint32_t first, uint32_t count,
                            std::vector<uint64_t>* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  const size_t tables = module_->module().tables.size();
  if (table >= tables) return OutOfRange("Table", table, tables);
  const uint64_t size = TableSize(instance_, table);
  for (uint64_t i = first; i < size && i < uint64_t{first} + count; i++) {
    out->push_back(ReadTableElement(instance_, table, uint32_t(i)));
  }
  return Status::Ok();
}

Status Guest::ReadMemory(uint32_t memory, uint64_t address, uint64_t length,
                         std::vector<uint8_t>* out) {
  std::lock_guard<std::mutex> lock(mutex_);  // held over take-down, so the memory stays
  if (!instance_) return Status::Error("GUEST_ENDED", "The guest has no memory (any more)");
  const uint64_t bytes = MemoryBytes(instance_, memory);
  if (length > bytes || address > bytes - length) {
    return Status::Error("MEMORY_RANGE", "Address " + std::to_string(address) + " with length " +
                                             std::to_string(length) + " is outside the memory of " +
                                             std::to_string(bytes) + " bytes");
  }
  out->resize(length);
  if (!platform::ReadOwnMemory(MemoryBase(instance_, memory) + address, length, out->data())) {
    return Status::Error("GUEST_MEMORY_LOST",
                         "The snapshot's memory image was changed or cut under the guest");
  }
  return Status::Ok();
}

Status Guest::Blockers(std::vector<hostcalls::Blocker>* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  *out = host_->Blockers();
  return Status::Ok();
}

Status Guest::Disagreements(std::vector<hostcalls::Disagreement>* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  *out = host_->Disagreements();
  return Status::Ok();
}

Status Guest::CopyDescriptor(uint32_t fd, int* host_fd) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  return host_->CopyDescriptor(fd, host_fd);
}

Status Guest::SharesOpenFile(uint32_t fd, uint32_t other, bool* shares) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  return host_->SharesOpenFile(fd, other, shares);
}

Status Guest::PutDescriptor(const view::Descriptor& wanted, int host_fd) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) {
    close(host_fd);
    return s;
  }
  return host_->PutDescriptor(wanted, host_fd);
}

Status Guest::CloseDescriptor(uint32_t fd) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  return host_->CloseDescriptor(fd);
}

Status Guest::AllFrames(std::vector<view::Frame>* out) const {
  ParkedFrames frames;
  if (Status s = FramesOf(&frames); !s.ok()) return s;
  out->resize(frames.count());
  for (size_t i = 0; i < frames.count(); i++) {
    if (Status s = frames.Read(i, &(*out)[frames.count() - 1 - i]); !s.ok()) return s;
  }
  return Status::Ok();
}

Status Guest::ReadView(bool is_whole, view::View* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  out->module_sha256 = module_->digest();
  view::Thread thread;
  if (is_whole) {
    for (uint32_t i = 0; i < instance_->memory_count; i++) {
      out->memories.push_back({MemoryBytes(instance_, i) / kWasmPage});
    }
    out->instances.resize(1);
    ReadInstance(instance_, module_->module(), &out->instances[0]);
    if (Status s = AllFrames(&thread.frames); !s.ok()) return s;
  }
  thread.entry = entry_;
  thread.status = parked_.status;
  if (thread.status == view::ThreadStatus::kHostCall) {
    view::PendingCall call;
    call.import = parked_.import;
    const auto& params = module_->module().TypeOf(parked_.import).params;
    for (size_t i = 0; i < params.size(); i++) {
      view::Value value;
      value.type = params[i];
      value.bits[0] = wasm::ValueTypeCells(params[i]) == 1 ? uint32_t(parked_.arguments[i])
                                                           : parked_.arguments[i];
      call.arguments.push_back(value);
    }
    call.transferred = parked_.progress.transferred;
    call.deadline_ns = parked_.progress.deadline_ns;
    call.phase = parked_.progress.phase;
    thread.call = call;
  }
  thread.wait = parked_.wait;
  if (thread.status == view::ThreadStatus::kTrapped) thread.trap = view::Trap{parked_.trap.reason};
  thread.cpu_ns = CpuNs();
  thread.position = parked_.position;
  out->threads.push_back(std::move(thread));

  out->monotonic_ns = host_->clock().Now();
  if (Status s = host_->Save(out); !s.ok()) return s;
  out->environment.arguments = options_.host.arguments;
  out->environment.environment = options_.host.environment;
  out->environment.entry_export = options_.entry;
  const wasm::Export* entry =
      module_->module().FindExport(options_.entry, wasm::ExternalKind::kFunction);
  for (size_t i = 0; entry && i < options_.entry_arguments.size(); i++) {
    view::Value value;
    value.type = module_->module().TypeOf(entry->index).params[i];
    value.bits[0] = options_.entry_arguments[i];
    out->environment.entry_arguments.push_back(value);
  }
  return Status::Ok();
}

// ---- edits ----

Status Guest::Apply(const Edit& edit, EditResult* result) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  if (held_) return Status::Error("GUEST_BUSY", "A snapshot of the guest is being written");
  const auto& module = module_->module();
  switch (edit.kind) {
    case Edit::Kind::kLocal:
    case Edit::Kind::kOperand:
      return ApplyToFrame(edit, result);
    case Edit::Kind::kPc:
      return ApplyPc(edit.index, result);
    case Edit::Kind::kMemory:
      return ApplyToMemory(edit, result);
    case Edit::Kind::kGlobal: {
      if (edit.index >= module.globals.size()) {
        return OutOfRange("Global", edit.index, module.globals.size());
      }
      const auto type = module.globals[edit.index].type;
      if (Status s = CheckBits(type, edit.bits, module.functions.size()); !s.ok()) return s;
      result->old_bits = ReadGlobal(instance_, module, edit.index).bits;
      view::Value value;
      value.type = type;
      value.bits = edit.bits;
      WriteGlobal(instance_, module, edit.index, value);
      return Status::Ok();
    }
    case Edit::Kind::kTable: {
      if (edit.table >= module.tables.size()) {
        return OutOfRange("Table", edit.table, module.tables.size());
      }
      const uint32_t size = TableSize(instance_, edit.table);
      if (edit.index >= size) return OutOfRange("Element", edit.index, size);
      Status s = CheckBits(module.tables[edit.table].element, edit.bits, module.functions.size());
      if (!s.ok()) return s;
      result->old_bits[0] = ReadTableElement(instance_, edit.table, edit.index);
      WriteTableElement(instance_, edit.table, edit.index, edit.bits[0]);
      return Status::Ok();
    }
  }
  return Status::Error("INTERNAL", "Unknown edit");
}

Status Guest::ApplyToFrame(const Edit& edit, EditResult* result) {
  ParkedFrames frames;
  if (Status s = FramesOf(&frames); !s.ok()) return s;
  if (edit.frame >= frames.count()) return OutOfRange("Frame", edit.frame, frames.count());
  view::Frame values;
  if (Status read = frames.Read(edit.frame, &values); !read.ok()) return read;

  const bool is_local = edit.kind == Edit::Kind::kLocal;
  const auto& list = is_local ? values.locals : values.operands;
  if (edit.index >= list.size()) {
    return OutOfRange(is_local ? "Local" : "Operand", edit.index, list.size());
  }
  view::Value value = list[edit.index];
  Status s = CheckBits(value.type, edit.bits, module_->module().functions.size());
  if (!s.ok()) return s;
  result->old_bits = value.bits;
  value.bits = edit.bits;
  return frames.Write(edit.frame, is_local, edit.index, value);
}

Status Guest::ApplyPc(uint32_t pc, EditResult* result) {
  if (IsInCall()) {
    return Status::Error("PC_INVALID",
                         "The pc cannot be changed while the guest is in a host call");
  }
  ParkedFrames frames;
  if (Status s = FramesOf(&frames); !s.ok()) return s;
  if (frames.count() == 0) return Status::Error("PC_INVALID", "The guest has no frame");
  view::Frame innermost;
  if (Status s = frames.Read(0, &innermost); !s.ok()) return s;
  const uint32_t function = innermost.function;
  const uint32_t old_pc = innermost.pc;
  std::vector<view::ValueType> have, want;
  Status s = view::OperandTypes(module_->analysis(), function, old_pc, false, &have);
  if (s.ok()) s = view::OperandTypes(module_->analysis(), function, pc, false, &want);
  if (!s.ok()) return s;
  if (have != want) {
    return Status::Error("PC_INVALID", "The instruction at pc " + std::to_string(pc) +
                                           " needs the operands " + TypeNames(want) +
                                           ", but the frame holds " + TypeNames(have));
  }
  if (Status placed = frames.Place(pc); !placed.ok()) return placed;
  if (parked_.status == view::ThreadStatus::kTrapped) parked_.trap.pc = pc;
  result->old_bits[0] = old_pc;
  return Status::Ok();
}

Status Guest::ApplyToMemory(const Edit& edit, EditResult* result) {
  const uint64_t bytes = MemoryBytes(instance_, edit.memory);
  if (edit.bytes.size() > bytes || edit.address > bytes - edit.bytes.size()) {
    return Status::Error("MEMORY_RANGE", "Address " + std::to_string(edit.address) +
                                             " is outside the memory of " + std::to_string(bytes) +
                                             " bytes");
  }
  uint8_t* at = MemoryBase(instance_, edit.memory) + edit.address;
  result->old_bytes.resize(edit.bytes.size());
  if (!platform::ReadOwnMemory(at, edit.bytes.size(), result->old_bytes.data()) ||
      !platform::WriteOwnMemory(at, edit.bytes.size(), edit.bytes.data())) {
    return Status::Error("GUEST_MEMORY_LOST",
                         "The snapshot's memory image was changed or cut under the guest");
  }
  return Status::Ok();
}

// ---- snapshots ----

Status Guest::Hold() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (Status s = CheckParked(); !s.ok()) return s;
  if (held_) return Status::Error("GUEST_BUSY", "A snapshot of the guest is being written");
  held_ = true;
  return Status::Ok();
}

void Guest::Release() {
  std::lock_guard<std::mutex> lock(mutex_);
  held_ = false;
}

uint8_t* Guest::HeldMemory(uint32_t memory, uint64_t* bytes) {
  std::lock_guard<std::mutex> lock(mutex_);
  *bytes = instance_ ? MemoryBytes(instance_, memory) : 0;
  return instance_ ? MemoryBase(instance_, memory) : nullptr;
}

std::vector<uint8_t> Guest::ChangedPagesSince(const std::string& token) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<uint8_t> changed;
  if (!tracker_ || !tracker_->running() || token != base_token_ || !instance_) return changed;
  if (!tracker_->Collect(MemoryBytes(instance_, 0), &changed)) changed.clear();
  return changed;
}

void Guest::SetBase(const std::string& token, bool track) {
  std::lock_guard<std::mutex> lock(mutex_);
  base_token_ = token;
  if (!instance_ || instance_->memory_count == 0) return;
  if (tracker_ && tracker_->running()) {
    tracker_->Rebase();
    return;
  }
  tracker_.reset();
  if (!track || !platform::DirtyTracker::Available()) return;
  tracker_ = std::make_unique<platform::DirtyTracker>();
  if (!tracker_->Start(MemoryBase(instance_, 0), MemoryBytes(instance_, 0))) tracker_.reset();
}

std::string Guest::BaseToken() {
  std::lock_guard<std::mutex> lock(mutex_);
  return base_token_;
}

}  // namespace wasmsh::engine
