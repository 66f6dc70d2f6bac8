#include "engine/compiled/suspended_stack.h"

#include <algorithm>
#include <string>

namespace wasmsh::engine {

thread_local SuspendedStack* suspended_stack = nullptr;

namespace {

using view::Value;
using view::ValueType;

/** A null reference in running code. */
constexpr uint32_t kNullFunction = UINT32_MAX;

Status Internal(const std::string& what, uint32_t function) {
  return Status::Error("INTERNAL", "Compiled code and its table of stable points differ: " + what +
                                       " in function " + std::to_string(function));
}

bool IsReference(ValueType type) {
  return type == ValueType::kFuncref || type == ValueType::kExternref;
}

/** As spilled: references are 32 bits, sign-extended, and null is -1. */
Value ToValue(ValueType type, const uint64_t* from) {
  Value value;
  value.type = type;
  if (IsReference(type)) {
    value.bits[0] = int64_t(from[0]) < 0 ? view::kNullReference : from[0];
  } else {
    value.bits[0] = from[0];
    if (type == ValueType::kV128) value.bits[1] = from[1];
  }
  return value;
}

size_t WordsOf(ValueType type) { return type == ValueType::kV128 ? 2 : 1; }

size_t WordsOf(const FunctionPoints& function, const StablePoint& point) {
  size_t words = 0;
  for (const uint32_t local : point.live) words += WordsOf(function.locals[local]);
  for (const ValueType type : point.operands) words += WordsOf(type);
  return words;
}

}  // namespace

void SuspendedStack::BeginFrame(uint32_t function, uint32_t point) {
  // Whatever was to be rebuilt has been: code spills only behind its last frame.
  if (frames_.empty()) Clear();
  frames_.push_back({function, point, values_.size()});
}

void SuspendedStack::Lose() {
  BeginFrame(0, 0);
  has_lost_ = true;
}

uint32_t SuspendedStack::Enter() {
  // Code enters no more frames than Callee has announced.
  return next_ < stored_.size() ? stored_[next_++].point : 0;
}

const SuspendedStack::Slot* SuspendedStack::Find(uint32_t slot) const {
  if (next_ == 0) return nullptr;
  const std::vector<Slot>& slots = stored_[next_ - 1].slots;
  return slot < slots.size() ? &slots[slot] : nullptr;
}

uint64_t SuspendedStack::Reload(uint32_t slot) const {
  const Slot* found = Find(slot);
  return found == nullptr ? 0 : found->low;
}

uint64_t SuspendedStack::ReloadHigh(uint32_t slot) const {
  const Slot* found = Find(slot);
  return found == nullptr ? 0 : found->high;
}

int32_t SuspendedStack::Callee() const { return next_ < stored_.size() ? stored_[next_].twin : -1; }

int32_t SuspendedStack::IndexOfFunction(uint32_t reference) const {
  return reference == kNullFunction ? -1 : int32_t(build_.OriginalFunction(reference));
}

uint32_t SuspendedStack::FunctionAt(int32_t index) const {
  return index < 0 ? kNullFunction : build_.BuiltFunction(uint32_t(index));
}

void SuspendedStack::Clear() {
  frames_.clear();
  values_.clear();
  has_lost_ = false;
  stored_.clear();
  next_ = 0;
}

Status SuspendedStack::Take(const StablePoints& points, const wasm::Module& module,
                            view::Thread* thread) {
  if (has_lost_) return Internal("a frame was lost", frames_[0].function);
  thread->status = view::ThreadStatus::kRunning;
  size_t first = 0;
  if (!frames_.empty() && points.imported_functions() > frames_[0].function) {
    const Frame& call = frames_[0];
    view::PendingCall pending;
    pending.import = call.function;
    const auto& params = module.TypeOf(call.function).params;
    size_t at = call.first;
    for (const ValueType type : params) {
      if (at + WordsOf(type) > values_.size()) return Internal("too few arguments", call.function);
      pending.arguments.push_back(ToValue(type, &values_[at]));
      at += WordsOf(type);
    }
    thread->status = view::ThreadStatus::kHostCall;
    thread->call = std::move(pending);
    first = 1;
  } else if (!frames_.empty() && frames_[0].function >= points.functions()) {
    // Address, expected value and time-out; the engine remembers what it was waiting for.
    thread->status = view::ThreadStatus::kAtomicWait;
    first = 1;
  }
  if (first == frames_.size()) return Internal("no frames", 0);
  thread->frames.resize(frames_.size() - first);
  for (size_t i = first; i < frames_.size(); i++) {
    const size_t end = i + 1 < frames_.size() ? frames_[i + 1].first : values_.size();
    const bool is_innermost = i == 0;
    Status status =
        TakeFrame(frames_[i], end, is_innermost, points, &thread->frames[frames_.size() - 1 - i]);
    if (!status.ok()) return status;
  }
  Clear();
  return Status::Ok();
}

Status SuspendedStack::TakeFrame(const Frame& from, size_t end, bool is_innermost,
                                 const StablePoints& points, view::Frame* frame) const {
  const FunctionPoints* function = nullptr;
  if (Status s = points.Of(from.function, &function); !s.ok()) return s;
  if (function == nullptr || from.point >= function->points.size()) {
    return Internal("no point " + std::to_string(from.point), from.function);
  }
  const StablePoint& point = function->points[from.point];
  if (end - from.first != WordsOf(*function, point)) {
    return Internal("another number of values at point " + std::to_string(from.point),
                    from.function);
  }
  if (!is_innermost && !point.is_call) return Internal("a frame waits at no call", from.function);
  frame->function = from.function;
  frame->pc = point.pc;
  frame->locals.resize(function->locals.size());
  for (size_t i = 0; i < frame->locals.size(); i++) {
    Value& local = frame->locals[i];
    local.type = function->locals[i];
    local.available = false;
    if (IsReference(local.type)) local.bits[0] = view::kNullReference;
  }
  const uint64_t* at = values_.data() + from.first;
  for (const uint32_t local : point.live) {
    frame->locals[local] = ToValue(function->locals[local], at);
    at += WordsOf(function->locals[local]);
  }
  for (const ValueType type : point.operands) {
    frame->operands.push_back(ToValue(type, at));
    at += WordsOf(type);
  }
  // The results of a call in progress are not there yet.
  if (!is_innermost) frame->operands.resize(frame->operands.size() - point.results);
  return Status::Ok();
}

Status SuspendedStack::CheckStable(const view::Thread& thread, const StablePoints& points) {
  const auto unstable = [](const std::string& what) {
    return Status::Error(
        "SNAPSHOT_INVALID",
        "Only compiled code can run the module, and it cannot go on where " + what);
  };
  if (thread.status == view::ThreadStatus::kAtomicWait)
    return unstable("the guest waits on memory");
  if (thread.status == view::ThreadStatus::kTrapped) return unstable("the guest has trapped");
  for (size_t i = 0; i < thread.frames.size(); i++) {
    const view::Frame& frame = thread.frames[i];
    const FunctionPoints* function = nullptr;
    std::optional<uint32_t> point;
    if (Status s = points.At(frame.function, frame.pc, &point, &function); !s.ok()) return s;
    const bool is_in_call =
        i + 1 < thread.frames.size() || thread.status == view::ThreadStatus::kHostCall;
    if (point && (!is_in_call || function->points[*point].is_call)) continue;
    return unstable("a frame of function " + std::to_string(frame.function) + " stands, at pc " +
                    std::to_string(frame.pc));
  }
  return Status::Ok();
}

Status SuspendedStack::Put(const view::Thread& thread, const StablePoints& points,
                           const std::vector<uint32_t>& twins) {
  Clear();
  const auto add = [&](uint32_t function, uint32_t point) {
    const auto twin = std::lower_bound(twins.begin(), twins.end(), function);
    if (twin == twins.end() || *twin != function) return false;
    stored_.push_back({point, int32_t(twin - twins.begin()), {}});
    return true;
  };
  const auto put = [&](const Value& value) {
    stored_.back().slots.push_back({value.bits[0], value.bits[1]});
  };
  for (const view::Frame& frame : thread.frames) {
    std::optional<uint32_t> point;
    if (Status s = points.At(frame.function, frame.pc, &point); !s.ok()) return s;
    if (!point || !add(frame.function, *point)) {
      return Internal("nothing to go on from at pc " + std::to_string(frame.pc), frame.function);
    }
    for (const Value& value : frame.locals) put(value);
    for (const Value& value : frame.operands) put(value);
  }
  if (thread.status == view::ThreadStatus::kHostCall) {
    if (!add(thread.call->import, 0)) return Internal("no twin", thread.call->import);
    for (const Value& value : thread.call->arguments) put(value);
  }
  return Status::Ok();
}

}  // namespace wasmsh::engine
