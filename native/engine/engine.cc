#include "engine/engine.h"

#include <signal.h>

#include <chrono>

#include "engine/compiled/suspend_calls.h"

namespace wasmsh::engine {

namespace {

// How often a blocked guest is kicked again while it is to stop: a kick that arrives just in front
// of the blocking call is lost.
constexpr auto kKickPeriod = std::chrono::milliseconds(2);

void BlockAllSignals(sigset_t* old) {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, old);
}

/** WAMR's start belongs to the process; Node's workers may each open an engine. */
std::mutex& RuntimeMutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}
int runtime_users = 0;

Status StartRuntime() {
  std::lock_guard<std::mutex> lock(RuntimeMutex());
  if (runtime_users > 0) {
    runtime_users++;
    return Status::Ok();
  }
  RuntimeInitArgs args = {};
  args.mem_alloc_type = Alloc_With_System_Allocator;
  if (!wasm_runtime_full_init(&args)) return Status::Error("INTERNAL", "WAMR cannot start");
  wasm_runtime_set_log_level(WASM_LOG_LEVEL_FATAL);
  if (Status s = hostcalls::RegisterHostCalls(); !s.ok()) return s;
  if (Status s = RegisterSuspendCalls(); !s.ok()) return s;
  runtime_users++;
  return Status::Ok();
}

void EndRuntime() {
  std::lock_guard<std::mutex> lock(RuntimeMutex());
  if (runtime_users > 0 && --runtime_users == 0) wasm_runtime_destroy();
}

}  // namespace

std::string WamrVersion() {
  uint32_t major = 0, minor = 0, patch = 0;
  wasm_runtime_get_version(&major, &minor, &patch);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch) + " (" +
         WASMSH_WAMR_COMMIT + ")";
}

Engine::Engine(EventSink sink) : sink_(std::move(sink)) {}

Engine* Engine::Open(EventSink sink) {
  auto* engine = new Engine(std::move(sink));
  struct sigaction action = {};
  action.sa_handler = [](int) {};  // without SA_RESTART: all it does is EINTR
  sigaction(KickSignal(), &action, nullptr);
  sigset_t old;
  BlockAllSignals(&old);  // Node's signals stay with Node
  engine->thread_ = std::thread([engine] { engine->Loop(); });
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return engine;
}

void Engine::Post(std::function<void()> job) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_all();
}

Status Engine::Do(const std::function<Status()>& job) {
  struct Done {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_done = false;
    Status status;
  };
  auto done = std::make_shared<Done>();
  {
    // The engine thread ends only when it has seen that it is to, and that there are no jobs.
    std::lock_guard<std::mutex> lock(mutex_);
    if (quit_) return Status::Error("SHELL_CLOSED", "The engine has been stopped");
    jobs_.push_back([this, done, &job] {
      std::lock_guard<std::mutex> lock(done->mutex);
      done->status = init_.ok() ? job() : init_;
      done->is_done = true;
      done->changed.notify_all();
    });
  }
  wake_.notify_all();
  std::unique_lock<std::mutex> lock(done->mutex);
  done->changed.wait(lock, [&] { return done->is_done; });
  return done->status;
}

Status Engine::LoadCompiled(CompiledFiles files, BuildDescription build,
                            std::shared_ptr<const CompiledCode>* out) {
  std::unique_ptr<CompiledCode> loaded;
  Status status =
      Do([&] { return CompiledCode::Load(std::move(files), std::move(build), &loaded); });
  if (!status.ok()) return status;
  *out = std::shared_ptr<const CompiledCode>(
      loaded.release(), [this](const CompiledCode* unused) { Post([unused] { delete unused; }); });
  return Status::Ok();
}

Status Engine::LoadTwins(std::vector<uint8_t> bytes, TwinDescription description,
                         std::shared_ptr<const CompiledCode> code,
                         std::shared_ptr<const Twins>* out) {
  std::unique_ptr<Twins> loaded;
  Status status =
      Do([&] { return Twins::Load(std::move(bytes), std::move(description), *code, &loaded); });
  if (!status.ok()) return status;
  *out = std::shared_ptr<const Twins>(
      loaded.release(), [this](const Twins* unused) { Post([unused] { delete unused; }); });
  return Status::Ok();
}

Status Engine::Load(const std::string& sha256, std::shared_ptr<const std::vector<uint8_t>> bytes,
                    std::shared_ptr<LoadedModule>* out) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (auto loaded = modules_[sha256].lock()) {
      *out = std::move(loaded);
      return Status::Ok();
    }
  }
  std::shared_ptr<const wasm::Module> module;
  if (Status s = wasm::Module::Parse(std::move(bytes), &module); !s.ok()) return s;

  std::unique_ptr<LoadedModule> loaded;
  Status status = Do([&] { return LoadedModule::Load(sha256, module, &loaded); });
  if (!status.ok()) return status;
  // WAMR's unloading belongs to the engine thread, wherever the last reference is dropped.
  *out = std::shared_ptr<LoadedModule>(
      loaded.release(), [this](LoadedModule* unused) { Post([unused] { delete unused; }); });
  std::lock_guard<std::mutex> own(mutex_);
  modules_[sha256] = *out;
  return Status::Ok();
}

Status Engine::Start(std::shared_ptr<LoadedModule> module, GuestOptions options, uint32_t* guest) {
  if (module->is_compiled_only()) {
    if (!options.compiled) {
      return Status::Error("NEEDS_COMPILED_CODE",
                           "The module uses SIMD, which the interpreter cannot run");
    }
    if (options.pause_at || options.counting) {
      return Status::Error("NEEDS_INTERPRETER",
                           "Only the interpreter counts instructions, and it cannot run this "
                           "module, which uses SIMD");
    }
  }
  if (options.recovery) {
    view::View& view = options.recovery->view;
    if (view.module_sha256 != module->digest()) {
      return Status::Error("SNAPSHOT_MODULE", "The snapshot belongs to another module");
    }
    if (Status s = view::Validate(view, module->analysis()); !s.ok()) return s;
    if (view.threads.size() != 1) {
      return Status::Error("UNSUPPORTED_FEATURE", "Guests with several threads are not supported");
    }
    if (view.memories.size() != options.recovery->memories.size()) {
      return Status::Error("SNAPSHOT_INVALID", "A memory of the snapshot has no image");
    }
    const auto& position = view.threads[0].position;
    if (options.pause_at && !position) {
      return Status::Error("POSITION_UNKNOWN",
                           "The snapshot was taken without counting instructions");
    }
    if (options.pause_at && *options.pause_at < *position) {
      return Status::Error("POSITION_PASSED",
                           "The snapshot stands at position " + std::to_string(*position));
    }
  }
  std::shared_ptr<Guest> made;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (quit_) return Status::Error("SHELL_CLOSED", "The engine has been stopped");
    made = std::make_shared<Guest>(next_id_++, std::move(module), std::move(options),
                                   [this](Event event) { Tell(std::move(event)); });
    guests_[made->id()] = made;
  }
  *guest = made->id();
  Post([this, made] {
    Status launched = made->Launch([this, made] {
      Post([this, made] {
        made->Join();
        std::lock_guard<std::mutex> lock(mutex_);
        guests_.erase(made->id());
      });
    });
    if (launched.ok()) return;
    Event event;
    event.guest = made->id();
    event.kind = Event::Kind::kFailed;
    event.error = launched;
    event.last = made->Info();
    Tell(std::move(event));
    std::lock_guard<std::mutex> lock(mutex_);
    guests_.erase(made->id());
  });
  return Status::Ok();
}

std::shared_ptr<Guest> Engine::Find(uint32_t guest) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = guests_.find(guest);
  return found == guests_.end() ? nullptr : found->second;
}

bool Engine::Info(uint32_t guest, GuestInfo* out) {
  // Found first: its record is there before it goes.
  if (auto found = Find(guest)) {
    *out = found->Info();
    return true;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  auto record = last_infos_.find(guest);
  if (record == last_infos_.end()) return false;
  *out = record->second;
  return true;
}

bool Engine::TakeLastInfo(uint32_t guest, GuestInfo* out) {
  std::lock_guard<std::mutex> lock(mutex_);
  auto record = last_infos_.find(guest);
  if (record == last_infos_.end()) return false;
  *out = std::move(record->second);
  last_infos_.erase(record);
  return true;
}

void Engine::Tell(Event event) {
  if (event.last) {
    event.last->state = GuestState::kEnded;
    std::lock_guard<std::mutex> lock(mutex_);
    last_infos_[event.guest] = *event.last;
  }
  sink_(std::move(event));
}

void Engine::Watch(const std::vector<std::shared_ptr<Guest>>& guests) {
  for (auto& guest : guests) guest->KickIfNeeded();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    to_kick_.insert(to_kick_.end(), guests.begin(), guests.end());
  }
  wake_.notify_all();
}

void Engine::Pause(const std::vector<uint32_t>& guests) {
  std::vector<std::shared_ptr<Guest>> found;
  found.reserve(guests.size());
  {
    std::lock_guard<std::mutex> lock(mutex_);
    for (uint32_t id : guests) {
      if (auto one = guests_.find(id); one != guests_.end()) found.push_back(one->second);
    }
  }
  // A guest that is armed leaves its core: what comes after this does not wait for any of them.
  for (auto& guest : found) guest->RequestPause();
  if (!found.empty()) Watch(found);
}

bool Engine::WithdrawPause(uint32_t guest) {
  auto found = Find(guest);
  return found && found->WithdrawPause();
}

void Engine::Answer(uint32_t guest, uint64_t request_id, hostcalls::PluginAnswer answer) {
  if (auto found = Find(guest)) found->Answer(request_id, std::move(answer));
}

void Engine::Kill(uint32_t guest) {
  if (auto found = Find(guest)) {
    found->Kill();
    Watch({found});
  }
}

void Engine::Stop() {
  std::map<uint32_t, std::shared_ptr<Guest>> all;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (stopped_) return;
    stopped_ = true;
    quit_ = true;
    all = guests_;
  }
  for (auto& [id, guest] : all) {
    guest->Kill();
    Watch({guest});
  }
  all.clear();
  wake_.notify_all();
  thread_.join();
}

bool Engine::RunJobs(std::unique_lock<std::mutex>& lock) {
  if (jobs_.empty()) return false;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  lock.unlock();
  job();
  job = nullptr;  // what it holds may post again
  lock.lock();
  return true;
}

void Engine::Kick(std::unique_lock<std::mutex>& lock) {
  auto list = std::move(to_kick_);
  to_kick_.clear();
  lock.unlock();
  std::vector<std::shared_ptr<Guest>> still;
  for (auto& guest : list) {
    if (guest->KickIfNeeded()) still.push_back(guest);
  }
  list.clear();
  lock.lock();
  to_kick_.insert(to_kick_.end(), still.begin(), still.end());
}

void Engine::Loop() {
  pthread_setname_np(pthread_self(), "wasmsh engine");
  Status started = StartRuntime();
  std::unique_lock<std::mutex> lock(mutex_);
  init_ = started;
  for (;;) {
    if (RunJobs(lock)) continue;
    if (quit_ && guests_.empty()) break;
    if (to_kick_.empty()) {
      wake_.wait(lock,
                 [&] { return !jobs_.empty() || !to_kick_.empty() || (quit_ && guests_.empty()); });
      continue;
    }
    wake_.wait_for(lock, kKickPeriod, [&] { return !jobs_.empty(); });
    Kick(lock);
  }
  modules_.clear();
  lock.unlock();
  if (started.ok()) EndRuntime();
}

}  // namespace wasmsh::engine
