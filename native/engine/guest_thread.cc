// What runs on a guest's own thread: instantiation, the entries, stops, traps and recovery.

#include <endian.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "engine/guest.h"
#include "engine/instance_state.h"
#include "engine/trap_reason.h"

namespace wasmsh::engine {

namespace {

// Only address space: pages that are not touched cost nothing.
constexpr size_t kNativeStackBytes = 512 * 1024;
// Compiled code keeps its frames on the native stack, and larger ones while it is rebuilt.
constexpr size_t kCompiledStackBytes = 8 * 1024 * 1024;
constexpr size_t kCompiledStackFactor = 2;
// How much more room frames of compiled code may take in the interpreter.
constexpr uint64_t kInterpretedFactor = 16;
// A compiled frame may be large (50,000 locals): it must not jump over the guard.
constexpr size_t kGuardBytes = 8 * 1024 * 1024;
constexpr size_t kAlternateStackBytes = 64 * 1024;
constexpr uint64_t kWasmPage = 65536;
// What WAMR's own checks keep free at the end of the native stack.
constexpr size_t kNativeStackReserve = 32 * 1024;

/** Native stack of a guest with compiled code. */
size_t CompiledStackBytes(size_t wasm_stack_bytes) {
  return kCompiledStackBytes + kCompiledStackFactor * wasm_stack_bytes;
}

/** The guest thread's signals: faults and the kick; Node's stay with Node. */
void OpenSignals() {
  sigset_t blocked;
  sigfillset(&blocked);
  for (int open : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, KickSignal()}) {
    sigdelset(&blocked, open);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, nullptr);
}

/** Runs the fault handler on a stack of its own, since a guest may have used up the thread's. */
class AlternateStack {
 public:
  AlternateStack() {
    stack_.ss_size = kAlternateStackBytes;
    stack_.ss_sp = mmap(nullptr, kAlternateStackBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack_.ss_sp != MAP_FAILED) sigaltstack(&stack_, nullptr);
  }
  ~AlternateStack() {
    if (stack_.ss_sp == MAP_FAILED) return;
    stack_t off = {};
    off.ss_flags = SS_DISABLE;
    sigaltstack(&off, nullptr);
    munmap(stack_.ss_sp, kAlternateStackBytes);
  }
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  stack_t stack_ = {};
};

/** Lowest usable address of this thread's native stack; below it lies the guard. */
uintptr_t StackLow() {
  pthread_attr_t attributes;
  void* low = nullptr;
  size_t bytes = 0;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getstack(&attributes, &low, &bytes);
    pthread_attr_destroy(&attributes);
  }
  return uintptr_t(low);
}

std::vector<uint32_t> ToCells(const std::vector<view::ValueType>& types,
                              const std::vector<uint64_t>& bits) {
  std::vector<uint32_t> cells(CellCount(types, types.size()));
  uint32_t* to = cells.data();
  for (size_t i = 0; i < types.size(); i++) {
    view::Value value;
    value.type = types[i];
    value.bits[0] = bits[i];
    WriteCells(value, to);
    to += wasm::ValueTypeCells(types[i]);
  }
  return cells;
}

}  // namespace

int KickSignal() { return SIGRTMIN + 4; }

Guest::Guest(uint32_t id, std::shared_ptr<LoadedModule> module, GuestOptions options,
             EventSink sink)
    : id_(id),
      module_(std::move(module)),
      options_(std::move(options)),
      sink_(std::move(sink)),
      runs_(module_->analysis()),
      code_(options_.compiled) {
  seam_.owner = this;
  seam_.interpreter = options_.visits ? &counting_interpreter : &plain_interpreter;
  if (options_.visits) {
    seam_.visits = options_.visits->counts();
    seam_.code = options_.visits->code();
  }
  if (options_.recovery) recovering_ = &options_.recovery->view.threads[0];
  if (options_.paused) {
    stop_ = true;
    stop_kind_ = ParkKind::kEntry;
  }
  // One that starts parked knows where it stands, and may be told to go on from there.
  if (module_->is_compiled_only()) {
    // Nothing counts.
  } else if (options_.pause_at || options_.counting || options_.paused) {
    const auto stored = recovering_ ? recovering_->position : std::nullopt;
    position_known_ = !recovering_ || stored.has_value();
    counter_.Start(stored.value_or(0));
    counter_.SetTarget(options_.pause_at);
    seam_.stop_at_every_instruction = true;
  }
  if (recovering_) LookForCompiled();
  Arm();
}

Guest::~Guest() = default;

Status Guest::Launch(std::function<void()> on_exit) {
  on_exit_ = std::move(on_exit);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  const size_t stack_bytes = options_.compiled || options_.may_cross
                                 ? CompiledStackBytes(options_.stack_bytes)
                                 : kNativeStackBytes;
  pthread_attr_setstacksize(&attributes, stack_bytes);
  pthread_attr_setguardsize(&attributes, kGuardBytes);
  pthread_t thread = {};
  const int failed = pthread_create(
      &thread, &attributes,
      [](void* self) -> void* {
        static_cast<Guest*>(self)->ThreadMain();
        return nullptr;
      },
      this);
  pthread_attr_destroy(&attributes);
  if (failed) {
    return Status::Error("GUEST_THREAD", "The system gives no further thread for a guest", failed);
  }
  std::lock_guard<std::mutex> lock(mutex_);
  thread_ = thread;
  launched_ = true;
  return Status::Ok();
}

void Guest::Join() {
  if (launched_) pthread_join(thread_, nullptr);
  launched_ = false;
  on_exit_ = nullptr;  // it holds this guest
}

void Guest::Emit(Event event) {
  event.guest = id_;
  sink_(std::move(event));
}

void Guest::ThreadMain() {
  OpenSignals();
  const auto log = options_.host.log;
  if (log) {
    log->OnChanges([this] {
      Event event;
      event.kind = Event::Kind::kChanges;
      Emit(std::move(event));
    });
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    thread_ = pthread_self();  // Launch may be behind
    launched_ = true;
    priority_.GiveWay();  // or the JavaScript thread gets no turn when many guests compute
    if (stop_ || killed_) priority_.Hurry();
  }
  pthread_setname_np(pthread_self(), ("guest " + std::to_string(id_)).c_str());
  guest_guard_to = StackLow();
  guest_guard_from = guest_guard_to - kGuardBytes;
  {
    AlternateStack alternate;
    guest_seam = &seam_;
    if (!wasm_runtime_init_thread_env()) {
      failure_ = Status::Error("INTERNAL", "WAMR refuses this thread");
    } else {
      failure_ = Instantiate();
      if (failure_.ok()) RunEntries();
      TearDown();
      wasm_runtime_destroy_thread_env();
    }
    guest_seam = nullptr;
  }
  if (log) log->OnChanges(nullptr);  // it outlives us
  Event event;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    state_ = GuestState::kEnded;
    event.kind = killed_                      ? Event::Kind::kKilled
                 : !failure_.ok() && !exited_ ? Event::Kind::kFailed
                                              : Event::Kind::kEnded;
  }
  event.exit_code = exit_code_;
  event.results = std::move(results_);
  event.position = KnownPosition(counter_.next_position());
  event.error = failure_;
  event.last = Info();
  Emit(std::move(event));
  on_exit_();
}

Status Guest::Instantiate() {
  Recovery* recovery = options_.recovery.get();
  if (recovery) {
    options_.host.arguments = recovery->view.environment.arguments;
    options_.host.environment = recovery->view.environment.environment;
    options_.entry = recovery->view.environment.entry_export;
    for (const view::Value& value : recovery->view.environment.entry_arguments) {
      options_.entry_arguments.push_back(value.bits[0]);
    }
  }
  // First of all, so that the streams are closed whatever fails below.
  std::unique_ptr<hostcalls::HostState> host;
  if (Status s = hostcalls::HostState::Create(options_.host, &host); !s.ok()) return s;

  if (recovery) {
    for (const StoredMemory& memory : recovery->memories) {
      if (!recovery->verify) break;
      if (Status s = image::VerifyImage(memory.image, memory.paths); !s.ok()) return s;
    }
  }
  const wasm::Module& module = module_->module();
  if (!module.memories.empty() && module.memories[0].min > options_.memory_limit_pages) {
    return Status::Error("MEMORY_LIMIT", "The module needs " +
                                             std::to_string(module.memories[0].min) +
                                             " pages of memory, over the limit of " +
                                             std::to_string(options_.memory_limit_pages));
  }
  InstantiationArgs2* args = nullptr;
  if (!wasm_runtime_instantiation_args_create(&args)) {
    return Status::Error("INTERNAL", "Out of memory");
  }
  wasm_runtime_instantiation_args_set_default_stack_size(args, options_.stack_bytes);
  wasm_runtime_instantiation_args_set_max_memory_pages(args, uint32_t(options_.memory_limit_pages));
  Status filled = host->FillArgs(args);
  char error[192] = "";
  wasm_module_inst_t made = nullptr;
  if (filled.ok()) {
    // Start functions are run by RunEntries, where they can be paused and recovered.
    seam_.suppress_calls = true;
    made = wasm_runtime_instantiate_ex2(module_->wamr(), args, error, sizeof error);
    seam_.suppress_calls = false;
  }
  wasm_runtime_instantiation_args_destroy(args);
  if (!filled.ok()) return filled;
  if (!made) {
    return Status::Error("INSTANTIATE",
                         std::string("The module cannot be instantiated: ") + TrapReason(error));
  }
  auto* instance = reinterpret_cast<WASMModuleInstance*>(made);
  Status attached = host->Attach(instance);
  WASMExecEnv* exec_env = wasm_runtime_create_exec_env(made, options_.stack_bytes);
  if (exec_env) {
    wasm_runtime_set_native_stack_boundary(
        exec_env, reinterpret_cast<uint8_t*>(guest_guard_to + kNativeStackReserve));
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    host_ = std::move(host);
    instance_ = instance;
    exec_env_ = exec_env;
    seam_.exec_env = exec_env;
  }
  if (!attached.ok()) return attached;
  if (!exec_env) {
    return Status::Error("STACK_EXHAUSTED", "No memory for a stack of " +
                                                std::to_string(options_.stack_bytes) + " bytes");
  }
  Status placed = recovery ? RestoreInstance() : host_->PlaceGiven();
  if (!placed.ok()) return placed;
  return options_.compiled ? InstantiateCompiled() : Status::Ok();
}

Status Guest::RestoreInstance() {
  Recovery& recovery = *options_.recovery;
  if (!recovery.view.memories.empty()) {
    const uint64_t pages = recovery.view.memories[0].pages;
    if (Status s = GrowMemory(instance_, pages); !s.ok()) return s;
    if (MemoryBytes(instance_, 0) != pages * kWasmPage ||
        recovery.memories[0].image.bytes != pages * kWasmPage) {
      return Status::Error("SNAPSHOT_INVALID", "The stored memory has another size than the view");
    }
    // The kernel refuses more than 65,530 mappings a process; many guests share that.
    constexpr uint32_t kMappedExtents = 1000;
    Status mapped = image::MapImage(recovery.memories[0].image, recovery.memories[0].paths,
                                    MemoryBase(instance_, 0), kMappedExtents);
    if (!mapped.ok()) return mapped;
  }
  if (Status s = WriteInstance(instance_, module_->module(), recovery.view.instances[0]); !s.ok())
    return s;
  if (Status s = host_->Restore(recovery.view); !s.ok()) return s;
  host_->clock().Set(recovery.view.monotonic_ns);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    cpu_base_ns_ = recovering_->cpu_ns;
  }
  SetBase(recovery.token, true);
  return Status::Ok();
}

void Guest::RunEntries() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    state_ = GuestState::kRunning;
    // One that is to stand still before it does anything begins when it is told to go on.
    if (!stop_) ThawClock();
  }
  Event started;
  started.kind = Event::Kind::kStarted;
  Emit(std::move(started));

  const view::Entry first = recovering_ ? recovering_->entry : view::Entry::kStart;
  auto* common = reinterpret_cast<wasm_module_inst_t>(instance_);
  for (const view::Entry entry :
       {view::Entry::kStart, view::Entry::kInitialize, view::Entry::kMain}) {
    if (entry < first) continue;
    WASMFunctionInstance* function = nullptr;
    if (entry == view::Entry::kStart) {
      function = instance_->e->start_function;
    } else if (entry == view::Entry::kMain || options_.entry != "_initialize") {
      const char* name = entry == view::Entry::kInitialize ? "_initialize" : options_.entry.c_str();
      function = static_cast<WASMFunctionInstance*>(wasm_runtime_lookup_function(common, name));
    }
    if (!function && entry != view::Entry::kMain) continue;
    if (!RunEntry(entry, options_.entry.c_str(), function)) return;
  }
}

bool Guest::RunEntry(view::Entry entry, const char* export_name, WASMFunctionInstance* function) {
  if (!function) {
    failure_ = Status::Error("EXPORT_MISSING",
                             std::string("The module exports no function \"") + export_name + "\"");
    return false;
  }
  const auto& type = module_->module().TypeOf(uint32_t(function - instance_->e->functions));
  std::vector<uint64_t> arguments;
  if (entry == view::Entry::kMain) arguments = options_.entry_arguments;
  if (arguments.size() != type.params.size()) {
    failure_ =
        Status::Error("ARGUMENT_COUNT", std::string("The export \"") + export_name + "\" takes " +
                                            std::to_string(type.params.size()) +
                                            " arguments, not " + std::to_string(arguments.size()));
    return false;
  }
  std::vector<uint32_t> cells = ToCells(type.params, arguments);
  const uint32_t argument_cells = uint32_t(cells.size());
  cells.resize(
      std::max<size_t>({cells.size(), CellCount(type.results, type.results.size()), size_t{2}}));
  {
    std::lock_guard<std::mutex> lock(mutex_);
    entry_ = entry;
    entry_function_ = uint32_t(function - instance_->e->functions);
  }
  const bool returned = wasm_runtime_call_wasm(exec_env_, function, argument_cells, cells.data());
  recovering_ = nullptr;
  if (killed_ || exited_ || !failure_.ok()) return false;
  if (!returned) {
    const char* text = wasm_runtime_get_exception(reinterpret_cast<wasm_module_inst_t>(instance_));
    const std::string reason = TrapReason(text ? text : "unknown");
    failure_ = IsMemoryLost(reason)
                   ? MemoryLost()
                   : Status::Error("INTERNAL", "The guest could not go on: " + reason);
    return false;
  }
  if (entry == view::Entry::kMain) {
    const uint32_t* from = cells.data();
    for (const auto result : type.results) {
      results_.push_back(ReadCells(result, from));
      from += wasm::ValueTypeCells(result);
    }
  }
  return true;
}

void Guest::TearDown() {
  WASMModuleInstance* instance = nullptr;
  WASMExecEnv* exec_env = nullptr;
  std::unique_ptr<hostcalls::HostState> host;
  std::unique_ptr<CompiledInstance> compiled;
  GuestInfo last = Info();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    last_info_ = std::move(last);
    std::swap(instance, instance_);
    std::swap(exec_env, exec_env_);
    std::swap(host, host_);
    std::swap(compiled, compiled_);
    tracker_.reset();
    seam_.ready = false;  // nobody arms the table of a dead thread
    seam_.exec_env = nullptr;
  }
  if (host) host->Detach();
  compiled.reset();
  if (exec_env) wasm_runtime_destroy_exec_env(exec_env);
  if (instance) wasm_runtime_deinstantiate(reinterpret_cast<wasm_module_inst_t>(instance));
}

bool Guest::Park(std::unique_lock<std::mutex>& lock, Parked parked) {
  if (killed_) return false;
  parked_ = std::move(parked);
  do {  // again: paused anew before this thread woke up from the last resume
    state_ = GuestState::kParked;
    stop_ = true;
    Arm();
    FreezeClock();
    EndPause();
    Event event;
    event.kind = Event::Kind::kParked;
    event.park = parked_.kind;
    event.trap = parked_.trap;
    Emit(std::move(event));
    priority_.Relax();
    const uint64_t seen = resumes_;
    wake_.wait(lock, [&] { return resumes_ != seen || killed_; });
    ThawClock();
    parked_.kind = stop_kind_;
  } while (stop_ && !killed_);
  parked_.top = nullptr;
  state_ = GuestState::kRunning;
  LookForCompiled();
  return !killed_;
}

void Guest::FreezeClock() {
  if (clock_runs_) host_->clock().Freeze();
  clock_runs_ = false;
}

void Guest::ThawClock() {
  host_->clock().Thaw();
  clock_runs_ = true;
}

void Guest::Unwind(const char* text) { wasm_set_exception(instance_, text); }

std::optional<uint64_t> Guest::KnownPosition(uint64_t position) const {
  return counter_.active() && position_known_ ? std::optional<uint64_t>(position) : std::nullopt;
}

void Guest::TakeCountRequest() {
  std::lock_guard<std::mutex> lock(mutex_);
  attention_ = false;
  const CountRequest request = count_request_;
  const uint64_t position = counter_.active() ? counter_.position() : 0;
  if (request.steps || request.position || options_.counting) {
    if (!counter_.active()) position_known_ = false;
    counter_.Start(position);
    counter_.SetTarget(request.steps ? std::optional<uint64_t>(position + *request.steps -
                                                               (request.from_call ? 1 : 0))
                                     : request.position);
    target_is_step_ = request.steps.has_value();
  } else {
    counter_.Stop();
    position_known_ = false;
  }
  Arm();
}

void Guest::PrepareSeam(const WASMInterpFrame* frame, const FunctionRuns* runs) {
  seam_.stop_at_every_instruction = false;
  seam_.run_end = nullptr;
  if (WantsCompiled() && crossing_.steps()) {  // at the next stable point
    seam_.stop_at_every_instruction = true;
    return;
  }
  if (!counter_.active() || !runs) return;
  uint32_t run_end_pc = 0;
  if (counter_.Leave(*runs, &run_end_pc) == RunCounter::Next::kEveryInstruction) {
    seam_.stop_at_every_instruction = true;
  } else {
    seam_.run_end = frame->function->u.func->code + run_end_pc;
  }
}

bool Guest::IsInstruction(uint32_t function, uint32_t pc) const {
  std::shared_ptr<const wasm::FunctionAnalysis> body;
  return module_->analysis()->Of(function, &body).ok() && body->IsInstructionStart(pc);
}

bool Guest::AtInstruction(WASMInterpFrame* frame) {
  const FunctionRuns* runs = nullptr;
  for (;;) {
    if (killed_) {
      Unwind("killed");
      return true;
    }
    const uint32_t function = FunctionIndex(instance_, frame);
    const uint32_t pc = uint32_t(frame->ip - frame->function->u.func->code);
    // A table of runs takes long to make for a large function: whoever but stops does without.
    const bool only_stops = stop_ && !counter_.active() && !attention_ && !runs_.Has(function);
    runs = only_stops ? nullptr : runs_.Of(function);
    if (only_stops ? !IsInstruction(function, pc) : !runs || !runs->IsInstruction(pc)) return false;
    if (counter_.active()) counter_.Arrive(*runs, pc);
    if (offered_) TakeOffer();
    if (attention_) {
      TakeCountRequest();
      if (counter_.active()) counter_.Arrive(*runs, pc);
    }
    const bool at_target = counter_.active() && counter_.AtTarget();
    if (!stop_ && !at_target) {
      if (!CanMove(frame, pc)) break;
      moving_ = true;
      Unwind("moving");
      return true;
    }

    std::unique_lock<std::mutex> lock(mutex_);
    if (!stop_ && !at_target) continue;
    Parked parked;
    parked.kind =
        at_target ? (target_is_step_ ? ParkKind::kStep : ParkKind::kPosition) : stop_kind_;
    parked.top = frame;
    parked.position = KnownPosition(counter_.position());
    if (at_target) counter_.SetTarget(std::nullopt);
    Park(lock, std::move(parked));
  }
  PrepareSeam(frame, runs);
  return false;
}

// ---- host calls ----

bool Guest::ParkPending(const hostcalls::CallSpec&, const uint64_t* args,
                        const hostcalls::CallProgress& progress) {
  WASMInterpFrame* native = wasm_exec_env_get_cur_frame(exec_env_);
  const uint32_t import = FunctionIndex(instance_, native);
  std::unique_lock<std::mutex> lock(mutex_);
  if (!stop_ && !killed_) return true;
  Parked parked;
  parked.kind = stop_kind_;
  parked.status = view::ThreadStatus::kHostCall;
  parked.top = native->prev_frame;
  parked.import = import;
  parked.arguments.assign(args, args + module_->module().TypeOf(import).params.size());
  parked.progress = progress;
  parked.position = KnownPosition(counter_.next_position());
  return Park(lock, std::move(parked));
}

const hostcalls::PluginAnswer* Guest::AskPlugin(hostcalls::PluginRequest request) {
  std::unique_lock<std::mutex> lock(mutex_);
  open_request_ = ++last_request_;
  is_answered_ = false;
  Event event;
  event.kind = Event::Kind::kRequest;
  event.request_id = open_request_;
  event.request = std::move(request);
  Emit(std::move(event));
  wake_.wait(lock, [&] { return is_answered_ || killed_; });
  open_request_ = 0;
  return is_answered_ ? &answer_ : nullptr;
}

bool Guest::ParkTrapped(const std::string& reason) {
  // Parked by AfterInterpreter, once the interpreter has unwound to it.
  std::snprintf(seam_.trap_text, sizeof seam_.trap_text, "%s", reason.c_str());
  seam_.trap_frame = nullptr;
  return false;
}

void Guest::Exit(uint32_t exit_code) {
  std::lock_guard<std::mutex> lock(mutex_);
  exited_ = true;
  exit_code_ = exit_code;
}

// ---- memory.atomic.wait ----

uint32_t Guest::AtomicWait(WASMModuleInstance* instance, void* address, uint64_t expected,
                           int64_t timeout_ns, bool is_64_bit) {
  if (instance->memory_count == 0 || !shared_memory_is_shared(instance->memories[0])) {
    std::snprintf(seam_.trap_text, sizeof seam_.trap_text, "expected shared memory");
    seam_.trap_frame = nullptr;
    Unwind("expected shared memory");
    return UINT32_MAX;
  }
  const uint64_t found =
      is_64_bit ? le64toh(__atomic_load_n(static_cast<uint64_t*>(address), __ATOMIC_SEQ_CST))
                : le32toh(__atomic_load_n(static_cast<uint32_t*>(address), __ATOMIC_SEQ_CST));
  if (found != (is_64_bit ? expected : uint32_t(expected))) return 1;  // not equal
  view::AtomicWait wait;
  wait.address = uint64_t(static_cast<uint8_t*>(address) - MemoryBase(instance, 0));
  wait.width = is_64_bit ? 64 : 32;
  if (timeout_ns >= 0) wait.deadline_ns = host_->clock().Now() + uint64_t(timeout_ns);
  return WaitForNotify(wait, wasm_exec_env_get_cur_frame(exec_env_));
}

uint32_t Guest::WaitForNotify(view::AtomicWait wait, WASMInterpFrame* top) {
  // One thread a guest so far: nobody can notify it, only time can end the wait.
  constexpr uint32_t kTimedOut = 2;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (stop_ || killed_) {
      Parked parked;
      parked.kind = stop_kind_;
      parked.status = view::ThreadStatus::kAtomicWait;
      parked.top = top;
      parked.wait = wait;
      if (counter_.active()) {
        const FunctionRuns* runs = runs_.Of(FunctionIndex(instance_, top));
        uint32_t pc = 0;
        if (runs && FramePc(instance_, top, FramePlace::kTrapped, module_->analysis(), &pc).ok()) {
          parked.position = KnownPosition(counter_.PositionInRun(*runs, pc) + 1);
        }
      }
      if (!Park(lock, std::move(parked))) {
        lock.unlock();
        Unwind("killed");
        return UINT32_MAX;
      }
    }
    if (!wait.deadline_ns) {
      wake_.wait(lock, [&] { return stop_ || killed_; });
      continue;
    }
    // In virtual time nobody waits for a clock.
    if (host_->clock().IsVirtual()) host_->clock().AdvanceTo(*wait.deadline_ns);
    const uint64_t now = host_->clock().Now();
    if (now >= *wait.deadline_ns) return kTimedOut;
    wake_.wait_for(lock, std::chrono::nanoseconds(*wait.deadline_ns - now),
                   [&] { return stop_ || killed_; });
  }
}

// ---- entering, trapping and recovering ----

void Guest::CallWasm(WASMExecEnv* exec_env, WASMFunctionInstance* function, uint32_t argument_cells,
                     uint32_t* cells) {
  WASMInterpFrame* previous = wasm_exec_env_get_cur_frame(exec_env);
  const uint32_t result_cells = std::max<uint32_t>(function->ret_cell_num, 2);
  auto* glue = static_cast<WASMInterpFrame*>(
      wasm_exec_env_alloc_wasm_frame(exec_env, wasm_interp_interp_frame_size(result_cells)));
  auto* arguments = static_cast<WASMInterpFrame*>(wasm_exec_env_wasm_stack_top(exec_env));
  if (!glue || reinterpret_cast<uint8_t*>(arguments->lp + argument_cells) >
                   exec_env->wasm_stack.top_boundary) {
    failure_ =
        Status::Error("STACK_EXHAUSTED", "The stack of " + std::to_string(options_.stack_bytes) +
                                             " bytes holds not even the first frame");
    Unwind("stack exhausted");
    return;
  }
  // As WAMR marks the host's frame at the bottom.
  glue->prev_frame = previous;
  glue->function = nullptr;
  glue->ip = nullptr;
  glue->sp = glue->lp;
  wasm_exec_env_set_cur_frame(exec_env, glue);
  wasm_stack_.Begin(exec_env);

  bool is_over = module_->is_compiled_only();
  if (is_over) {
    RunCompiledOnly(function, cells);
  } else if (!recovering_ && WantsCompiled()) {
    is_over = CallCompiled(function, cells);
  } else if (!recovering_) {
    std::memcpy(arguments->lp, cells, argument_cells * sizeof(uint32_t));
  }
  while (!is_over) {
    WASMInterpFrame* top = glue;
    if (!recovering_) {
      seam_.interpreter->call(instance_, exec_env, function, glue);
    } else if (EnterRecovered(exec_env, &top)) {
      seam_.interpreter->resume(instance_, exec_env, top);
    }
    while (!moving_ && AfterInterpreter(exec_env, &top)) {
      seam_.interpreter->resume(instance_, exec_env, top);
    }
    if (moving_) {
      is_over = MoveToCompiled(exec_env, glue, function, cells);
      continue;
    }
    is_over = true;
    if (!wasm_copy_exception(instance_, nullptr)) {
      std::memcpy(cells, glue->sp - function->ret_cell_num,
                  function->ret_cell_num * sizeof(uint32_t));
    }
  }
  wasm_stack_.Empty();
  wasm_exec_env_set_cur_frame(exec_env, previous);
  wasm_exec_env_free_wasm_frame(exec_env, glue);
}

bool Guest::AfterInterpreter(WASMExecEnv* exec_env, WASMInterpFrame** top) {
  if (killed_ || exited_ || !failure_.ok() || !wasm_copy_exception(instance_, nullptr)) {
    return false;
  }
  if (!seam_.trap_text[0]) {
    wasm_copy_exception(instance_, seam_.trap_text);  // raised outside the interpreter's file
  }
  WASMInterpFrame* frame = wasm_exec_env_get_cur_frame(exec_env);
  if (seam_.trap_frame) {
    frame = seam_.trap_frame;
    frame->ip = seam_.trap_ip;
    frame->sp = seam_.trap_sp;
    frame->csp = static_cast<WASMBranchBlock*>(seam_.trap_csp);
  } else if (frame->function && frame->function->is_import_func) {
    frame = frame->prev_frame;
  }
  Parked parked;
  parked.kind = ParkKind::kTrap;
  parked.status = view::ThreadStatus::kTrapped;
  parked.trap.reason = TrapReason(seam_.trap_text);
  seam_.trap_text[0] = '\0';
  seam_.trap_frame = nullptr;
  if (!frame->function) {
    failure_ = Status::Error(
        "STACK_EXHAUSTED", "The guest trapped in front of its first frame: " + parked.trap.reason);
    return false;
  }
  // The interpreter has left its frames on the wasm stack; put the innermost back to where it was
  // in front of the instruction, with its operands, which are still in place.
  uint32_t pc = 0;
  Status placed = FramePc(instance_, frame, FramePlace::kTrapped, module_->analysis(), &pc);
  if (placed.ok()) placed = PlaceFrame(instance_, frame, pc, module_->analysis());
  if (!placed.ok()) {
    failure_ = placed;
    return false;
  }
  exec_env->wasm_stack.top = reinterpret_cast<uint8_t*>(frame->csp_boundary);
  wasm_exec_env_set_cur_frame(exec_env, frame);
  wasm_set_exception(instance_, nullptr);

  parked.trap.function = FunctionIndex(instance_, frame);
  parked.trap.pc = pc;
  parked.top = frame;
  uint64_t position = 0;
  if (counter_.active()) {
    const FunctionRuns* runs = runs_.Of(*parked.trap.function);
    if (runs) position = counter_.PositionInRun(*runs, pc);
    counter_.Again(position);
    parked.position = KnownPosition(position);
    seam_.stop_at_every_instruction = true;
    seam_.run_end = nullptr;
  }
  std::unique_lock<std::mutex> lock(mutex_);
  stop_ = true;
  if (!Park(lock, std::move(parked))) {
    lock.unlock();
    Unwind("killed");
    return false;
  }
  *top = frame;
  return true;
}

Status Guest::BuildStack(WASMExecEnv* exec_env, const view::Thread& thread, WASMInterpFrame** top) {
  WASMInterpFrame* const glue = *top;
  // As deep as in compiled code, and then some: the guest goes on here until it can move back.
  if (code_) wasm_stack_.Have(kInterpretedFactor * CompiledStackBytes(options_.stack_bytes));
  while (true) {
    Status status = BuildFrames(exec_env, thread, top);
    if (status.code != "STACK_EXHAUSTED" || !wasm_stack_.Widen()) return status;
    wasm_exec_env_set_cur_frame(exec_env, glue);
    *top = glue;
  }
}

Status Guest::BuildFrames(WASMExecEnv* exec_env, const view::Thread& thread,
                          WASMInterpFrame** top) {
  for (size_t i = 0; i < thread.frames.size(); i++) {
    const bool innermost = i + 1 == thread.frames.size();
    const bool in_call = !innermost || thread.status == view::ThreadStatus::kHostCall ||
                         thread.status == view::ThreadStatus::kAtomicWait;
    Status status =
        BuildFrame(instance_, exec_env, *top, thread.frames[i], in_call, module_->analysis(), top);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

bool Guest::EnterRecovered(WASMExecEnv* exec_env, WASMInterpFrame** top) {
  const view::Thread& thread = *recovering_;
  failure_ = BuildStack(exec_env, thread, top);
  if (!failure_.ok()) {
    Unwind("not recovered");
    return false;
  }
  if (thread.status == view::ThreadStatus::kRunning) return true;

  const FunctionRuns* runs = runs_.Of(FunctionIndex(instance_, *top));
  const uint32_t pc = thread.frames.back().pc;
  if (counter_.active() && runs && pc < runs->ordinal_at.size()) counter_.Arrive(*runs, pc);
  if (thread.status == view::ThreadStatus::kAtomicWait) {
    const uint32_t result = WaitForNotify(*thread.wait, *top);
    if (result == UINT32_MAX) return false;
    *(*top)->sp++ = result;
    return true;
  }
  if (thread.status == view::ThreadStatus::kTrapped) {
    Parked parked;
    parked.kind = ParkKind::kTrap;
    parked.status = view::ThreadStatus::kTrapped;
    parked.top = *top;
    parked.trap = {thread.trap->reason, FunctionIndex(instance_, *top), pc, {}};
    parked.position = thread.position;
    std::unique_lock<std::mutex> lock(mutex_);
    stop_ = true;
    if (Park(lock, std::move(parked))) return true;
    lock.unlock();
    Unwind("killed");
    return false;
  }

  // A host call: show it as it was if the guest is to stay parked, then issue it again.
  std::vector<uint64_t> arguments;
  for (const view::Value& value : thread.call->arguments) arguments.push_back(value.bits[0]);
  hostcalls::CallProgress progress;
  progress.transferred = thread.call->transferred;
  progress.deadline_ns = thread.call->deadline_ns;
  progress.phase = thread.call->phase;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    if (stop_) {
      Parked parked;
      parked.kind = stop_kind_;
      parked.status = view::ThreadStatus::kHostCall;
      parked.top = *top;
      parked.import = thread.call->import;
      parked.arguments = arguments;
      parked.progress = progress;
      parked.position = thread.position;
      if (!Park(lock, std::move(parked))) {
        lock.unlock();
        Unwind("killed");
        return false;
      }
    }
  }
  set_recovered_progress(progress);
  WASMFunctionInstance* import = instance_->e->functions + thread.call->import;
  const auto& params = module_->module().TypeOf(thread.call->import).params;
  const std::vector<uint32_t> cells = ToCells(params, arguments);
  auto* outs = static_cast<WASMInterpFrame*>(wasm_exec_env_wasm_stack_top(exec_env));
  std::memcpy(outs->lp, cells.data(), cells.size() * sizeof(uint32_t));
  seam_.interpreter->call(instance_, exec_env, import, *top);
  return !wasm_copy_exception(instance_, nullptr);
}

}  // namespace wasmsh::engine

// ---- the seam ----

using wasmsh::engine::Guest;

extern "C" {

bool SeamAtInstruction(GuestSeam* seam, WASMInterpFrame* frame) {
  return static_cast<Guest*>(seam->owner)->AtInstruction(frame);
}

uint32_t SeamAtomicWait(GuestSeam* seam, WASMModuleInstance* instance, void* address,
                        uint64_t expected, int64_t timeout_ns, bool is_64_bit) {
  return static_cast<Guest*>(seam->owner)
      ->AtomicWait(instance, address, expected, timeout_ns, is_64_bit);
}

void SeamCallWasm(GuestSeam* seam, WASMModuleInstance*, WASMExecEnv* exec_env,
                  WASMFunctionInstance* function, uint32_t argument_cells, uint32_t* cells) {
  static_cast<Guest*>(seam->owner)->CallWasm(exec_env, function, argument_cells, cells);
}

void SeamLockTable(GuestSeam* seam) { static_cast<Guest*>(seam->owner)->LockTable(); }
void SeamUnlockTable(GuestSeam* seam) { static_cast<Guest*>(seam->owner)->UnlockTable(); }
}

namespace wasmsh::hostcalls {

ThreadControl* ThreadControlOf(WASMExecEnv*) {
  return guest_seam ? static_cast<engine::Guest*>(guest_seam->owner)->control() : nullptr;
}

}  // namespace wasmsh::hostcalls
