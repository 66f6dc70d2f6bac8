#include <wasm_export.h>

#include <cstring>
#include <new>

#include "hostcalls/handlers.h"
#include "hostcalls/op_recorder.h"

namespace wasmsh::hostcalls {
namespace {

constexpr size_t kMaxArguments = 16;

/** WAMR passes i32 arguments as the first four bytes of a slot; handlers get them as numbers. */
void KeepArguments(const CallSpec& spec, const uint64_t* args, uint64_t* kept) {
  for (uint32_t i = 0; i < spec.argument_count; ++i) {
    uint32_t low = 0;
    memcpy(&low, &args[i], sizeof low);
    kept[i] = (spec.wide_arguments >> i & 1) != 0 ? args[i] : low;
  }
}

/** Leaves the result where WAMR takes it from. */
void Return(const Call& call, uint64_t* args) {
  if (!call.spec.has_result) return;
  if (!call.spec.is_plugin) {
    memcpy(args, &call.result, sizeof call.result);
  } else if (call.spec.has_wide_result) {
    *args = call.value;
  } else {
    const auto low = static_cast<uint32_t>(call.value);
    memcpy(args, &low, sizeof low);
  }
}

/** Keeps count of where the descriptor of a read, write or seek stands; `followed` are the bytes of
 *  the call that are counted already. */
void Follow(const Call& call, uint64_t* followed) {
  FollowedOffsets& offsets = call.host.p().offsets;
  const uint32_t fd = Arg32(call, 0);
  const uint64_t moved = call.progress.transferred - *followed;
  *followed = call.progress.transferred;
  switch (call.spec.offset_effect) {
    case OffsetEffect::kReads:
      return offsets.Read(fd, moved);
    case OffsetEffect::kWrites:
      return offsets.Written(fd, moved);
    case OffsetEffect::kTells: {
      uint64_t offset = 0;
      const uint32_t result = Arg32(call, call.spec.argument_count - 1);
      if (call.result == 0 && call.memory.Load(result, &offset)) offsets.Set(fd, offset);
      return;
    }
    case OffsetEffect::kNone:
      return;
  }
}

void Raise(WASMExecEnv* exec_env, const char* text) {
  wasm_runtime_set_exception(wasm_runtime_get_module_inst(exec_env), text);
}

Outcome Perform(Call& call) {
  // Nothing of a guest may run before Attach; without a table there is nothing to answer from.
  if (call.host.p().table == nullptr) return Finish(call, wasi::kNosys);
  try {
    return call.spec.handler(call);
  } catch (const std::bad_alloc&) {
    return Finish(call, wasi::kNomem);
  }
}

}  // namespace

void CallSpec::ReadSignature() {
  const auto is_wide = [](char type) { return type == 'I' || type == 'F'; };
  const char* type = signature + 1;
  for (; *type != ')'; ++type) {
    if (is_wide(*type)) wide_arguments |= 1u << argument_count;
    argument_count++;
  }
  has_result = type[1] != '\0';
  has_wide_result = is_wide(type[1]);
}

void Call::ReserveOp() {
  if (host.log() != nullptr) reserved_op = host.log()->Reserve();
}

void RunOn(ThreadControl& control, const CallSpec& spec, WASMExecEnv* exec_env, uint64_t* args) {
  uint64_t kept[kMaxArguments];  // not cleared: handlers look at no more than the call has
  KeepArguments(spec, args, kept);
  Call call(spec, exec_env, control.host(), kept);
  call.thread = &control;
  call.stop_requested = [](void* thread) {
    return static_cast<ThreadControl*>(thread)->StopRequested();
  };
  control.TakeRecoveredProgress(&call.progress);
  uint64_t followed = call.progress.transferred;
  OpRecorder recorder(control, call);
  // The log counts what it is given.
  if (!recorder.is_on()) call.host.counters().calls.fetch_add(1, std::memory_order_relaxed);
  for (;;) {
    control.EnterHostCall(spec);
    Outcome outcome = Perform(call);
    control.LeaveHostCall();
    if (spec.offset_effect != OffsetEffect::kNone) Follow(call, &followed);
    switch (outcome) {
      case Outcome::kDone:
        recorder.Finish();
        Return(call, args);
        return;
      case Outcome::kInterrupted:
        if (control.LeaveInstead(call.progress)) {
          call.host.counters().calls.fetch_sub(1, std::memory_order_relaxed);
          return;
        }
        if (control.ParkPending(spec, kept, call.progress)) continue;
        return Raise(exec_env, "killed");
      case Outcome::kExit:
        recorder.Finish();
        control.Exit(call.exit_code);
        return Raise(exec_env, "wasi proc exit");
      case Outcome::kTrap:
        if (control.ParkTrapped(call.trap)) continue;
        return Raise(exec_env, call.trap.c_str());
    }
  }
}

void Run(const CallSpec& spec, WASMExecEnv* exec_env, uint64_t* args) {
  ThreadControl* control = ThreadControlOf(exec_env);
  if (control == nullptr) return Raise(exec_env, "host call outside of a guest's thread");
  RunOn(*control, spec, exec_env, args);
}

}  // namespace wasmsh::hostcalls
