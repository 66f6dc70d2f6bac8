#include <algorithm>
#include <utility>

#include "image/view_validate.h"
#include "wasm/opcodes.h"

namespace wasmsh::view {
namespace {

constexpr size_t kMaxThreads = 4096;
/** Of all threads; a wasm stack for so many would take over 64 MiB. */
constexpr size_t kMaxFrames = 1 << 20;
constexpr uint64_t kPageBytes = 65536;
constexpr const char* kThreadEntry = "wasi_thread_start";  // wasi-threads proposal

std::string FunctionText(uint32_t function) { return "function " + std::to_string(function); }

/** Checks one thread; holds what its steps share. */
class ThreadCheck {
 public:
  ThreadCheck(const View& view, const Thread& thread, wasm::ModuleAnalysis* analysis,
              const std::string& place)
      : view_(view),
        thread_(thread),
        analysis_(analysis),
        module_(*analysis->module()),
        place_(place) {}

  Status Run() {
    Status status = CheckStatus();
    if (status.ok()) status = FindEntry();
    if (status.ok()) status = CheckBottom();
    for (size_t i = 0; i < thread_.frames.size() && status.ok(); ++i) status = CheckFrame(i);
    if (!status.ok()) return status;
    if (thread_.status == ThreadStatus::kHostCall) return CheckPendingCall();
    if (thread_.status == ThreadStatus::kAtomicWait) return CheckWait();
    return status;
  }

 private:
  /** Exactly the record that the status asks for must be there. */
  Status CheckStatus() const {
    if (thread_.call.has_value() != (thread_.status == ThreadStatus::kHostCall) ||
        thread_.wait.has_value() != (thread_.status == ThreadStatus::kAtomicWait) ||
        thread_.trap.has_value() != (thread_.status == ThreadStatus::kTrapped)) {
      return Invalid(place_, "has a status that its records do not match");
    }
    if (thread_.instance >= view_.instances.size()) {
      return Invalid(place_, "belongs to instance " + std::to_string(thread_.instance) +
                                 ", which the snapshot does not have");
    }
    if (thread_.frames.empty() && thread_.status != ThreadStatus::kHostCall) {
      return Invalid(place_, "has no frame");
    }
    return Status::Ok();
  }

  /** Finds the function that the host has called. */
  Status FindEntry() {
    if (thread_.id == 0 && thread_.entry == Entry::kStart) {
      if (!module_.start) return Invalid(place_, "is in a start function; the module has none");
      entry_ = *module_.start;
      return Status::Ok();
    }
    std::string name = view_.environment.entry_export;
    if (thread_.entry == Entry::kInitialize) name = "_initialize";
    if (thread_.id != 0) name = kThreadEntry;
    if (thread_.id != 0 && thread_.entry != Entry::kMain) {
      return Invalid(place_, "is in a start function, which only thread 0 runs");
    }
    const wasm::Export* entry = module_.FindExport(name, wasm::ExternalKind::kFunction);
    if (entry == nullptr) {
      return Invalid(place_, "was entered by an export that the module does not have");
    }
    entry_ = entry->index;
    const wasm::FunctionType& type = module_.TypeOf(entry_);
    const wasm::FunctionType thread_type = {{ValueType::kI32, ValueType::kI32}, {}};
    if (thread_.id != 0 && !(type == thread_type)) {
      return Invalid(
          place_, std::string("cannot be entered by ") + kThreadEntry + ", which has another type");
    }
    if (thread_.id == 0 && thread_.entry == Entry::kInitialize && !(type == wasm::FunctionType())) {
      return Invalid(place_, "cannot be entered by _initialize, which has another type");
    }
    return Status::Ok();
  }

  /** Whether `above` may run where `called` was called: it is the same, or `called` ends in a tail
   *  call, which leaves only the results in common. */
  bool MayStandFor(uint32_t called, uint32_t above) const {
    if (called == above) return true;
    return module_.functions[called].has_tail_calls &&
           module_.TypeOf(called).results == module_.TypeOf(above).results;
  }

  bool MayBeCalledAt(const CallSite& site, uint32_t above) const {
    if (site.is_wait) return false;
    if (site.instruction.opcode == wasm::kOpCall) {
      return MayStandFor(site.instruction.immediate, above);
    }
    const wasm::FunctionType& type = module_.TypeOf(above);
    if (type == site.type) return true;
    // Which function the table named is not known any more.
    return module_.uses_tail_calls && type.results == site.type.results;
  }

  Status CheckBottom() const {
    const bool in_frame = !thread_.frames.empty();
    const uint32_t above = in_frame ? thread_.frames[0].function : thread_.call->import;
    if (above >= module_.functions.size() || !MayStandFor(entry_, above)) {
      return Invalid(place_, "has " + FunctionText(above) + " outermost, but the host called " +
                                 FunctionText(entry_));
    }
    return Status::Ok();
  }

  Status CheckFrame(size_t index) const {
    const Frame& frame = thread_.frames[index];
    const std::string place = place_ + ", frame " + std::to_string(index);
    if (frame.function >= module_.functions.size() || module_.functions[frame.function].imported) {
      return Invalid(place, "is in " + FunctionText(frame.function) + ", which has no body");
    }
    const bool innermost = index + 1 == thread_.frames.size();
    const bool in_call = !innermost || thread_.status == ThreadStatus::kHostCall ||
                         thread_.status == ThreadStatus::kAtomicWait;
    Status status = CheckLocals(frame, place);
    if (!status.ok()) return status;
    std::vector<ValueType> types;
    status = OperandTypes(analysis_, frame.function, frame.pc, in_call, &types);
    if (!status.ok()) return Invalid(place, "has a wrong pc: " + status.message);
    status = CheckValues(module_, frame.operands, types, "operand", false, place);
    if (!status.ok() || innermost) return status;

    CallSite site;
    status = FindCallSite(analysis_, frame.function, frame.pc, &site);
    if (!status.ok()) return Invalid(place, "has a wrong pc: " + status.message);
    const uint32_t above = thread_.frames[index + 1].function;
    if (above >= module_.functions.size() || !MayBeCalledAt(site, above)) {
      return Invalid(place, "does not call " + FunctionText(above) + ", the next frame's");
    }
    return Status::Ok();
  }

  Status CheckLocals(const Frame& frame, const std::string& place) const {
    std::vector<ValueType> types = module_.TypeOf(frame.function).params;
    const std::vector<ValueType>& locals = module_.functions[frame.function].locals;
    types.insert(types.end(), locals.begin(), locals.end());
    return CheckValues(module_, frame.locals, types, "local", true, place);
  }

  Status CheckPendingCall() const {
    const PendingCall& call = *thread_.call;
    const std::string place = place_ + ", host call";
    if (call.import >= module_.imported_functions) {
      return Invalid(place, "is of " + FunctionText(call.import) + ", which is no import");
    }
    Status status = CheckValues(module_, call.arguments, module_.TypeOf(call.import).params,
                                "argument", false, place);
    if (!status.ok() || thread_.frames.empty()) return status;
    const Frame& caller = thread_.frames.back();
    CallSite site;
    status = FindCallSite(analysis_, caller.function, caller.pc, &site);
    if (!status.ok() || !MayBeCalledAt(site, call.import)) {
      return Invalid(place, "is not what the innermost frame calls");
    }
    return Status::Ok();
  }

  Status CheckWait() const {
    const AtomicWait& wait = *thread_.wait;
    const std::string place = place_ + ", wait";
    CallSite site;
    Status status =
        FindCallSite(analysis_, thread_.frames.back().function, thread_.frames.back().pc, &site);
    const uint32_t width = site.instruction.sub_opcode == wasm::kAtomicWait32 ? 32 : 64;
    if (!status.ok() || !site.is_wait || wait.width != width) {
      return Invalid(place, "is not what the innermost frame does");
    }
    const uint64_t bytes = view_.memories.empty() ? 0 : view_.memories[0].pages * kPageBytes;
    const uint64_t span = width / 8;
    if (bytes < span || wait.address > bytes - span || wait.address % span != 0) {
      return Invalid(place, "is at address " + std::to_string(wait.address) +
                                ", which is outside the memory or not aligned");
    }
    if (!module_.memories[0].shared) return Invalid(place, "is in a memory that is not shared");
    return Status::Ok();
  }

  const View& view_;
  const Thread& thread_;
  wasm::ModuleAnalysis* analysis_;
  const wasm::Module& module_;
  const std::string& place_;
  uint32_t entry_ = 0;
};

/** Whether a list has an entry twice. */
template <typename T>
bool HasDuplicate(std::vector<T> list) {
  std::sort(list.begin(), list.end());
  return std::adjacent_find(list.begin(), list.end()) != list.end();
}

}  // namespace

Status CheckThread(const View& view, const Thread& thread, wasm::ModuleAnalysis* analysis,
                   const std::string& place) {
  return ThreadCheck(view, thread, analysis, place).Run();
}

Status CheckThreads(const View& view, wasm::ModuleAnalysis* analysis) {
  const size_t count = view.threads.size();
  if (count == 0 || count > kMaxThreads) {
    return Invalid("the state", "has " + std::to_string(count) + " threads; 1 to " +
                                    std::to_string(kMaxThreads) + " are possible");
  }
  std::vector<uint32_t> ids;
  std::vector<uint32_t> instances;
  std::vector<std::pair<uint64_t, uint32_t>> queues;
  size_t frames = 0;
  for (const Thread& thread : view.threads) {
    frames += thread.frames.size();
    ids.push_back(thread.id);
    instances.push_back(thread.instance);
    if (thread.wait) queues.emplace_back(thread.wait->address, thread.wait->queue_position);
  }
  if (frames > kMaxFrames) {
    return Invalid("the state", "has " + std::to_string(frames) + " frames; " +
                                    std::to_string(kMaxFrames) + " are possible");
  }
  if (std::find(ids.begin(), ids.end(), 0u) == ids.end()) {
    return Invalid("the state", "has no thread 0");
  }
  if (HasDuplicate(ids)) return Invalid("the state", "has two threads of one id");
  if (HasDuplicate(instances)) return Invalid("the state", "has two threads in one instance");
  if (HasDuplicate(queues)) {
    return Invalid("the state", "has two threads at one place of a wait queue");
  }
  for (const Thread& thread : view.threads) {
    Status status = CheckThread(view, thread, analysis, "thread " + std::to_string(thread.id));
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace wasmsh::view
