#ifndef WASMSH_ENGINE_GUEST_H_
#define WASMSH_ENGINE_GUEST_H_

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/compiled/compiled_instance.h"
#include "engine/compiled/crossing.h"
#include "engine/frames.h"
#include "engine/loaded_module.h"
#include "engine/parked_frames.h"
#include "engine/run_counter.h"
#include "engine/seam.h"
#include "engine/visit_counts.h"
#include "engine/wamr.h"
#include "engine/wasm_stack.h"
#include "hostcalls/host_call.h"
#include "hostcalls/host_state.h"
#include "image/memory_image.h"
#include "image/view.h"
#include "platform/linux/dirty_pages.h"
#include "platform/linux/thread_priority.h"
#include "status.h"

/** One guest: its instance, its thread and its state machine. */
namespace wasmsh::engine {

struct Trap {
  std::string reason;
  /** Not known of some traps in compiled code. */
  std::optional<uint32_t> function;
  std::optional<uint32_t> pc;
  /** A trap in compiled code, whose frames are gone: the calls that were in progress, innermost
   *  first. */
  std::vector<TrapFrame> callers;
};

/** kNoCode: only machine code can run the guest, and what it needs to go on could not be made. */
enum class ParkKind : uint8_t { kPause, kStep, kPosition, kEntry, kTrap, kNoCode };

/** What passed from a request to pause until the guest stood still. */
struct PauseTime {
  uint64_t elapsed_ns = 0;
  uint64_t cpu_ns = 0;  // of its thread
};

enum class GuestState : uint8_t { kStarting, kRunning, kParked, kEnded };

struct GuestInfo {
  GuestState state = GuestState::kStarting;
  std::optional<ParkKind> parked;
  Trap trap;
  std::string host_call;  // empty outside
  uint64_t memory_bytes = 0;
  std::optional<uint64_t> position;
  uint64_t monotonic_ns = 0;
  uint64_t cpu_ns = 0;
  std::optional<PauseTime> pause;  // the latest
  uint64_t host_calls = 0;
  uint64_t stdout_bytes = 0;
  uint64_t stderr_bytes = 0;
  uint32_t frame_count = 0;
  bool in_compiled = false;
};

/** News, in the order in which it happened. */
struct Event {
  enum class Kind : uint8_t {
    kStarted,
    kParked,
    kEnded,
    kKilled,
    kFailed,
    kChanges,
    kRequest,
    kTwins,
    kCrossed
  };
  uint32_t guest = 0;
  Kind kind = Kind::kStarted;
  ParkKind park = ParkKind::kPause;
  Trap trap;
  uint32_t exit_code = 0;
  std::vector<view::Value> results;  // of the entry export, kEnded
  std::optional<uint64_t> position;  // kEnded: instructions of the whole run, where counted
  Status error;                      // kFailed
  uint64_t request_id = 0;           // kRequest, to be answered by Guest::Answer
  hostcalls::PluginRequest request;
  /** kTwins, to be answered by Guest::Offer: where its frames stand, each place once, the innermost
   *  first; and how many frames there are. */
  std::vector<FramePoint> frames;
  uint32_t depth = 0;
  /** kEnded, kKilled, kFailed: the figures that it ended with. */
  std::optional<GuestInfo> last;
};
using EventSink = std::function<void(Event)>;

/** What a stored memory is recovered from. */
struct StoredMemory {
  image::MemoryImage image;
  std::vector<std::string> paths;
};

/** What to recover; validated against the module before the guest's thread is made. */
struct Recovery {
  view::View view;
  std::vector<StoredMemory> memories;
  bool verify = true;  // check every block against its checksum first
  std::string token;   // names the snapshot, for children of it
};

struct GuestOptions {
  hostcalls::HostConfig host;
  std::string entry = "_start";
  std::vector<uint64_t> entry_arguments;  // by their bits
  uint32_t stack_bytes = 0;               // of the wasm stack
  uint64_t memory_limit_pages = 65536;
  bool paused = false;
  std::optional<uint64_t> pause_at;
  bool counting = false;
  std::unique_ptr<Recovery> recovery;
  /** Machine code to run in; null for the interpreter alone. */
  std::shared_ptr<const CompiledCode> compiled;
  /** It may be offered machine code later on. */
  bool may_cross = false;
  /** Stands still, rather than go on in the interpreter, until twins of its frames are there. */
  bool awaits_twins = false;
  /** Where visits are counted, in the interpreter; null without. One guest's only. */
  std::shared_ptr<VisitCounts> visits;
};

/** One change of a parked guest; see native.ts for the meaning of each. */
struct Edit {
  enum class Kind : uint8_t { kLocal, kOperand, kGlobal, kTable, kMemory, kPc };
  Kind kind = Kind::kLocal;
  uint32_t frame = 0;  // 0 is the innermost
  uint32_t index = 0;  // local, operand, global, element; or the new pc
  uint32_t table = 0;
  uint32_t memory = 0;
  uint64_t address = 0;
  std::array<uint64_t, 2> bits = {0, 0};
  std::vector<uint8_t> bytes;
};

/** What was there before an edit. */
struct EditResult {
  std::array<uint64_t, 2> old_bits = {0, 0};
  std::vector<uint8_t> old_bytes;
};

/**
 * A guest and its thread. The engine's and the JavaScript thread call the public functions; all of
 * them return at once. Frames, instance and view are read only while the guest is parked, under
 * `mutex_`, so that it cannot go on meanwhile.
 */
class Guest final : private hostcalls::ThreadControl {
 public:
  Guest(uint32_t id, std::shared_ptr<LoadedModule> module, GuestOptions options, EventSink sink);
  ~Guest();

  uint32_t id() const { return id_; }
  const std::shared_ptr<LoadedModule>& module() const { return module_; }

  /** Makes the thread; `on_exit` is called on it as the last thing. Engine thread. */
  Status Launch(std::function<void()> on_exit);
  /** Waits for the thread. Engine thread, after `on_exit`. */
  void Join();

  void RequestPause();
  /** Takes a pause back that has not stopped the guest yet; false when it has. */
  bool WithdrawPause();
  /** Answers a request; one that nobody waits for any more is dropped. */
  void Answer(uint64_t request_id, hostcalls::PluginAnswer answer);
  /** Machine code to move over to as soon as it can, or twins for the frames that it asked about;
   *  neither when there are none to be had. */
  void Offer(std::shared_ptr<const CompiledCode> code, std::shared_ptr<const Twins> twins);
  Status Resume(std::optional<uint64_t> pause_at);
  Status Step(uint64_t count);
  void Kill();
  /** Sends the kick if a stop is wanted and the thread may be blocked. True while one is wanted. */
  bool KickIfNeeded();

  GuestInfo Info();
  Status Frames(uint32_t first, uint32_t count, std::vector<view::Frame>* out, uint32_t* total);
  Status FrameValues(uint32_t frame, view::Frame* out);
  Status Globals(std::vector<view::Value>* out);
  Status TableSizes(std::vector<uint32_t>* out);
  Status TableElements(uint32_t table, uint32_t first, uint32_t count, std::vector<uint64_t>* out);
  /** Works on running guests too. */
  Status ReadMemory(uint32_t memory, uint64_t address, uint64_t length, std::vector<uint8_t>* out);
  Status Apply(const Edit& edit, EditResult* result);
  Status Blockers(std::vector<hostcalls::Blocker>* out);
  /** As HostState::Disagreements. */
  Status Disagreements(std::vector<hostcalls::Disagreement>* out);
  Status CopyDescriptor(uint32_t fd, int* host_fd);
  Status SharesOpenFile(uint32_t fd, uint32_t other, bool* shares);
  /** Owns `host_fd`. */
  Status PutDescriptor(const view::Descriptor& wanted, int host_fd);
  Status CloseDescriptor(uint32_t fd);
  /** Without memories, instances and frames unless it is to be whole. */
  Status ReadView(bool is_whole, view::View* out);

  /** Keeps the guest parked while a snapshot is written: resume, step and kill are refused with
   *  GUEST_BUSY until Release. Codes: GUEST_NOT_PAUSED, GUEST_BUSY. */
  Status Hold();
  void Release();
  /** While held: the memory's base, for readers that go through the kernel. */
  uint8_t* HeldMemory(uint32_t memory, uint64_t* bytes);
  /** While held: pages written since the snapshot `token` was taken; empty when that is unknown. */
  std::vector<uint8_t> ChangedPagesSince(const std::string& token);
  /** While held: the snapshot `token` is safely stored; later ones may be children of it. With
   *  `track`, what the guest writes from now on is followed (a page fault a page written). */
  void SetBase(const std::string& token, bool track);
  std::string BaseToken();

  // Entered from the interpreter, on the guest's thread.
  bool AtInstruction(WASMInterpFrame* frame);
  uint32_t AtomicWait(WASMModuleInstance* instance, void* address, uint64_t expected,
                      int64_t timeout_ns, bool is_64_bit);
  void CallWasm(WASMExecEnv* exec_env, WASMFunctionInstance* function, uint32_t argument_cells,
                uint32_t* cells);
  void LockTable() { mutex_.lock(); }
  void UnlockTable() { mutex_.unlock(); }
  hostcalls::ThreadControl* control() { return this; }

 private:
  /** What a parked thread waits in; view::Thread needs no more than this and the frames. */
  struct Parked {
    ParkKind kind = ParkKind::kPause;
    view::ThreadStatus status = view::ThreadStatus::kRunning;
    WASMInterpFrame* top = nullptr;
    view::Thread* in_view = nullptr;       // holds the frames of a guest in compiled code only
    uint32_t import = 0;                   // kHostCall
    std::vector<uint64_t> arguments;       // kHostCall, one slot each
    hostcalls::CallProgress progress;      // kHostCall
    std::optional<view::AtomicWait> wait;  // kAtomicWait
    Trap trap;                             // kTrapped
    std::optional<uint64_t> position;
  };

  /** By the clock, and by the CPU time of the guest's thread. */
  struct Moment {
    uint64_t at_ns = 0;
    uint64_t cpu_ns = 0;
  };

  /** How the guest's thread is to count from its next instruction on. */
  struct CountRequest {
    std::optional<uint64_t> steps;     // from there
    std::optional<uint64_t> position;  // absolute
    bool from_call = false;            // it was parked in a call, whose end is the first step
  };

  // hostcalls::ThreadControl
  hostcalls::HostState& host() override { return *host_; }
  bool StopRequested() const override { return stop_ || killed_; }
  bool ParkPending(const hostcalls::CallSpec& spec, const uint64_t* args,
                   const hostcalls::CallProgress& progress) override;
  const hostcalls::PluginAnswer* AskPlugin(hostcalls::PluginRequest request) override;
  bool LeaveInstead(const hostcalls::CallProgress& progress) override;
  bool ParkTrapped(const std::string& reason) override;
  uint64_t Position() override { return KnownPosition(counter_.next_position()).value_or(0); }
  size_t CallStack(oplog::OpFrame* frames, size_t most) override;
  void Exit(uint32_t exit_code) override;

  // The thread, guest_thread.cc
  void ThreadMain();
  Status Instantiate();
  Status RestoreInstance();
  void RunEntries();
  bool RunEntry(view::Entry entry, const char* export_name, WASMFunctionInstance* function);
  void TearDown();
  /** Parks until resumed; `lock` holds mutex_. False when killed. */
  bool Park(std::unique_lock<std::mutex>& lock, Parked parked);
  bool AfterInterpreter(WASMExecEnv* exec_env, WASMInterpFrame** top);
  bool EnterRecovered(WASMExecEnv* exec_env, WASMInterpFrame** top);
  Status BuildStack(WASMExecEnv* exec_env, const view::Thread& thread, WASMInterpFrame** top);
  Status BuildFrames(WASMExecEnv* exec_env, const view::Thread& thread, WASMInterpFrame** top);
  /** Waits in memory.atomic.wait; the wasm result, or UINT32_MAX when killed. */
  uint32_t WaitForNotify(view::AtomicWait wait, WASMInterpFrame* top);
  void TakeCountRequest();

  // Compiled code, guest_compiled.cc
  Status InstantiateCompiled();
  /** Whether the guest is to be in compiled code as soon as it can: nothing is counted. */
  bool WantsCompiled() const;
  /** Whether it can go on there from this instruction; asks for twins where they are missing. */
  bool CanMove(WASMInterpFrame* frame, uint32_t pc);
  /** Where its frames stand, the innermost first; false when one is at no stable point. */
  bool FramePoints(WASMInterpFrame* top, uint32_t pc, std::vector<FramePoint>* points) const;
  /** Whether there is a way into compiled code for frames at these points. */
  bool CanEnterWith(const std::vector<FramePoint>& points) const;
  /** Returns too when the guest is to stop. */
  void WaitForOffer();
  void AskForTwins(std::vector<FramePoint> points);
  void TakeOffer();
  /** Whether twins were offered to a guest in compiled code: it comes out, to go on in these. Under
   *  mutex_. */
  bool LeavesForOffer() const;
  /** The next instruction is looked at, if there is compiled code to go to. */
  void LookForCompiled();
  /** Begins a call in compiled code. True when it is over, whatever the end; false when it goes on
   * in the interpreter, as `recovering_` says. */
  bool CallCompiled(WASMFunctionInstance* function, uint32_t* cells);
  /** The same for a call that has not run any instruction: arguments are the locals of its frame.
   */
  bool CallWithLocals(const view::Frame& frame, uint32_t* cells);
  /** Whether a thread is as it was when the host had called, but for parameters. */
  bool IsFresh(const view::Thread& thread) const;
  /** Carries the interpreter's frames above `glue` over to compiled code. As CallCompiled. */
  bool MoveToCompiled(WASMExecEnv* exec_env, WASMInterpFrame* glue, WASMFunctionInstance* function,
                      uint32_t* cells);
  Status HaveInstance();
  Status ReadyCompiled(const view::Thread& thread);
  bool AfterCompiled(CompiledEnd end);
  /** Runs a function of a module that only compiled code can run, from its beginning or as
   *  `recovering_` says: frames are kept in the view while the guest is parked. */
  void RunCompiledOnly(WASMFunctionInstance* function, uint32_t* cells);
  /** Parks with the frames of `left_` if a stop is wanted. False when killed. */
  bool ParkInView();
  /** Twins for the frames of `left_`: a guest without an interpreter waits for them. False when it
   * is to stop instead, or there are none. */
  bool AwaitTwins();
  /** Goes on with the frames of `left_`. True when they have come out again. */
  bool GoOnInView(WASMFunctionInstance* function, uint32_t* cells);
  std::string EntryExport() const;
  void EnterCompiled();
  /** The same with frames that come from the interpreter or a snapshot; says so. */
  void CrossToCompiled();
  void ParkWithoutFrames(const std::string& reason, std::vector<TrapFrame> frames);
  /** Whether an instruction of the module begins there: NOPs that WAMR's loader writes over padded
   *  LEBs are none. */
  bool IsInstruction(uint32_t function, uint32_t pc) const;
  void PrepareSeam(const WASMInterpFrame* frame, const FunctionRuns* runs);
  std::optional<uint64_t> KnownPosition(uint64_t position) const;
  void Unwind(const char* text);
  /** Guest time stands still while the guest does; under mutex_. */
  void FreezeClock();
  void ThawClock();
  void Emit(Event event);

  // Under mutex_, guest_state.cc
  Status CheckParked() const;
  void Arm();
  void Go(CountRequest request);
  bool IsInCall() const;
  /** Whether instructions can be counted. Code: NEEDS_INTERPRETER. */
  Status CheckCounting() const;
  Status FramesOf(ParkedFrames* frames) const;
  /** Outermost first. */
  Status AllFrames(std::vector<view::Frame>* out) const;
  Status ApplyToFrame(const Edit& edit, EditResult* result);
  Status ApplyPc(uint32_t pc, EditResult* result);
  Status ApplyToMemory(const Edit& edit, EditResult* result);
  uint64_t CpuNs();
  uint64_t ThreadCpuNs();
  Moment Now();
  void EndPause();

  const uint32_t id_;
  const std::shared_ptr<LoadedModule> module_;
  GuestOptions options_;
  const EventSink sink_;
  std::unique_ptr<hostcalls::HostState> host_;

  GuestSeam seam_ = {};
  pthread_t thread_ = {};
  bool launched_ = false;
  std::function<void()> on_exit_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  GuestState state_ = GuestState::kStarting;
  Parked parked_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> killed_{false};
  ParkKind stop_kind_ = ParkKind::kPause;
  platform::ThreadPriority priority_;
  std::optional<Moment> pause_begun_;  // a pause is wanted since then
  std::optional<PauseTime> pause_;
  bool held_ = false;
  std::atomic<bool> attention_{false};  // `count_request_` is new
  CountRequest count_request_;
  bool clock_runs_ = false;
  uint64_t resumes_ = 0;  // a pause may follow a resume before the thread has woken
  uint64_t last_request_ = 0;
  uint64_t open_request_ = 0;  // the one that is waited for, 0 without
  bool is_answered_ = false;
  hostcalls::PluginAnswer answer_;  // the guest's thread's, once it is_answered_
  bool exited_ = false;
  uint32_t exit_code_ = 0;
  view::Entry entry_ = view::Entry::kMain;
  uint32_t entry_function_ = 0;  // that the host has called
  uint64_t cpu_base_ns_ = 0;
  std::vector<view::Value> results_;

  // Owned by the guest's thread; instance_ is shared under mutex_ from its publication.
  WASMModuleInstance* instance_ = nullptr;
  WASMExecEnv* exec_env_ = nullptr;
  RunTable runs_;
  RunCounter counter_;
  bool position_known_ = false;
  bool target_is_step_ = false;
  Status failure_;  // why it could not start or go on, when not by its own doing
  const view::Thread* recovering_ = nullptr;

  /** What was offered and has not been taken. */
  struct Offered {
    std::shared_ptr<const CompiledCode> code;
    std::shared_ptr<const Twins> twins;
  };
  std::optional<Offered> offer_;      // under mutex_
  std::atomic<bool> offered_{false};  // there is one
  std::shared_ptr<const CompiledCode> code_;
  std::shared_ptr<const Twins> twins_;
  Crossing crossing_;
  // Compiled code. Under mutex_ for whoever else sets its request word.
  std::unique_ptr<CompiledInstance> compiled_;
  bool in_compiled_ = false;
  WasmStack wasm_stack_;
  bool moving_ = false;  // the interpreter has been left at a stable point
  /** What has come out of compiled code: `recovering_` while the interpreter rebuilds it. The
   * frames of a guest in compiled code only, while it is parked. */
  view::Thread left_;
  hostcalls::CallProgress undone_progress_;

  std::unique_ptr<platform::DirtyTracker> tracker_;
  std::string base_token_;
  std::optional<GuestInfo> last_info_;  // once it is being taken down
};

/** Signal that breaks blocking system calls of guest threads. */
int KickSignal();

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_GUEST_H_
