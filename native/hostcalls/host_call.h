#ifndef WASMSH_HOSTCALLS_HOST_CALL_H_
#define WASMSH_HOSTCALLS_HOST_CALL_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hostcalls/guest_memory.h"
#include "hostcalls/plugin_request.h"
#include "oplog/op_codec.h"
#include "status.h"

struct WASMExecEnv;

/** The one boundary between guests and the host, the same for both engines. */
namespace wasmsh::hostcalls {

class HostState;
struct CallSpec;

/** How a call behaves when a pause arrives while it runs; listed for each call in
 *  docs/host-calls.md. */
enum class CallClass : uint8_t {
  kNeverInterrupted,  // returns at once
  kWaitsThenActs,     // undone while waiting, issued again on resume
  kContinues,         // goes on from `transferred` and returns the total
  kMustFinishFirst,   // the pause waits for it
};

enum class OffsetEffect : uint8_t { kNone, kReads, kWrites, kTells };

/** What a call has done so far; kept while it is parked and in a snapshot (view::PendingCall). */
struct CallProgress {
  uint64_t transferred = 0;             // bytes
  std::optional<uint64_t> deadline_ns;  // guest monotonic time
  uint32_t phase = 0;                   // meaning is the call's own
};

enum class Outcome : uint8_t {
  kDone,         // `result` is set
  kInterrupted,  // nothing more can be done now; `progress` says how far it came
  kExit,         // the guest ends with `exit_code`
  kTrap,         // `trap` says why
};

/** One call in progress, on the guest's own thread. */
struct Call {
  // Not an aggregate: clearing the whole of it costs a tenth of a short call.
  Call(const CallSpec& spec_of, WASMExecEnv* env, HostState& state, const uint64_t* arguments)
      : spec(spec_of), exec_env(env), host(state), args(arguments), memory(env) {}

  const CallSpec& spec;
  WASMExecEnv* exec_env;
  HostState& host;
  const uint64_t* args;  // one 64-bit slot per wasm argument, an i32 zero-extended
  GuestMemory memory;
  CallProgress progress;
  uint32_t result = 0;  // WASI errno
  uint64_t value = 0;   // what an import of a plugin returns, by its bits
  /** What the plugin answered; good until the thread asks again. */
  const PluginAnswer* answer = nullptr;
  uint32_t exit_code = 0;
  std::string trap;
  /** Place in the op log that ReserveOp has taken; 0 when the op gets the next one. */
  uint64_t reserved_op = 0;
  /** Takes the op's place in the log now: under the lock under which the call changes the
   * descriptor table, and only when it will finish. */
  void ReserveOp();
  /** True when a pause or kill is wanted: a handler that would wait returns kInterrupted. */
  bool (*stop_requested)(void* thread) = nullptr;
  void* thread = nullptr;
  bool StopRequested() const { return stop_requested(thread); }
};

using Handler = Outcome (*)(Call&);

/** One import that wasmsh provides. */
struct CallSpec {
  const char* module;     // "wasi_snapshot_preview1"
  const char* name;       // "fd_read"
  const char* signature;  // WAMR's, in terms of i, I, f and F: "(iiii)i"
  CallClass call_class;
  Handler handler;
  uint32_t shape = 0;  // among those of the guest's log
  /** Provided by a plugin: returns Call::value, where others return an errno. */
  bool is_plugin = false;

  // What the signature says.
  uint32_t argument_count = 0;
  uint32_t wide_arguments = 0;  // one bit for each that takes 64 bits
  bool has_result = false;
  bool has_wide_result = false;
  /** How it moves the offset of the descriptor in its first argument. */
  OffsetEffect offset_effect = OffsetEffect::kNone;
  /** Fills these in. */
  void ReadSignature();
};

/** What the boundary needs of the guest thread that it runs on; the engine implements it. */
class ThreadControl {
 public:
  virtual HostState& host() = 0;
  /** From here on a pause kicks this thread with a signal, so that blocking system calls return
   *  EINTR. Repeated until the thread parks, so a look that comes too early costs a moment and no
   *  order has to be kept with other memory: that alone would cost a tenth of a short call. */
  void EnterHostCall(const CallSpec& spec) {
    current_call_.store(&spec, std::memory_order_relaxed);
  }
  void LeaveHostCall() { current_call_.store(nullptr, std::memory_order_relaxed); }
  /** The call that the thread is in; nullptr outside of any. From any thread. */
  const CallSpec* current_call() const { return current_call_.load(std::memory_order_relaxed); }
  virtual bool StopRequested() const = 0;
  /** Parks with the call pending. Returns on resume; false when the guest is killed instead. */
  virtual bool ParkPending(const CallSpec& spec, const uint64_t* args,
                           const CallProgress& progress) = 0;
  /** Asks a plugin and waits for JavaScript to answer, which a pause does not cut short: the plugin
   *  is told, and settles. nullptr when the guest is killed meanwhile. */
  virtual const PluginAnswer* AskPlugin(PluginRequest request) = 0;
  /** Asked before ParkPending: true when the thread leaves the call without parking in it, and
   * begins it again later, with this progress. The caller then returns at once; the result is not
   * used. */
  virtual bool LeaveInstead(const CallProgress&) { return false; }
  /** Parks as trapped. Returns true on resume (try the call again), false when killed. */
  virtual bool ParkTrapped(const std::string& reason) = 0;
  /** Progress of the call that a snapshot held pending: for the first call after recovery. */
  void set_recovered_progress(const CallProgress& progress) { recovered_progress_ = progress; }
  /** Moves it into `progress`, once. */
  void TakeRecoveredProgress(CallProgress* progress) {
    if (!recovered_progress_) return;
    *progress = *recovered_progress_;
    recovered_progress_.reset();
  }
  /** Where the call comes from, innermost frame first; returns the number written, `most` at most.
   */
  virtual size_t CallStack(oplog::OpFrame* frames, size_t most) = 0;
  /** Instructions that this thread has executed, the call included; 0 when they are not counted. */
  virtual uint64_t Position() = 0;
  /** Marks the guest as ending with `exit_code`. */
  virtual void Exit(uint32_t exit_code) = 0;

 protected:
  ~ThreadControl() = default;

 private:
  std::atomic<const CallSpec*> current_call_{nullptr};
  std::optional<CallProgress> recovered_progress_;
};

/** Finds the control of the thread that runs this exec_env; nullptr on foreign threads. Implemented
 *  by the engine. */
ThreadControl* ThreadControlOf(WASMExecEnv* exec_env);

/** Registers every CallSpec with WAMR as a raw native. Called once, on the engine thread, after
 *  wasm_runtime_full_init (WAMR finds the newest registration first). */
Status RegisterHostCalls();

/** Every import that wasmsh provides, for the check at load and for docs/host-calls.md. */
const std::vector<CallSpec>& HostCalls();
const CallSpec* FindHostCall(const std::string& module, const std::string& name);

/**
 * Runs one call from beginning to end: keeps the arguments, performs, parks while interrupted and
 * goes on after resume. On a kill, an exit or a refused trap it sets an exception in the instance,
 * so that the engine unwinds. Never throws.
 */
void Run(const CallSpec& spec, WASMExecEnv* exec_env, uint64_t* args);

/** The same on a thread that is known. */
void RunOn(ThreadControl& control, const CallSpec& spec, WASMExecEnv* exec_env, uint64_t* args);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_HOST_CALL_H_
