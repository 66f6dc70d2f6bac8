#ifndef WASMSH_TEST_HOSTCALLS_TEST_GUEST_H_
#define WASMSH_TEST_HOSTCALLS_TEST_GUEST_H_

// A guest without code: an instance of WAMR with one page of memory, whose host calls a test makes
// itself, and a thread control that parks, resumes and kills as the engine's does.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasm_export.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "hostcalls/guest_memory.h"
#include "hostcalls/host_call.h"
#include "hostcalls/host_state.h"
#include "hostcalls/wasi.h"
#include "temporary_directory.h"

namespace wasmsh::hostcalls::test {

constexpr const char* kPreview1 = "wasi_snapshot_preview1";
constexpr uint32_t kMemoryBytes = 65536;
constexpr uint32_t kOutside = kMemoryBytes - 1;  // begins inside, ends outside

inline void Require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what + ": " + strerror(errno));
}

/** Waits until something holds; fails after 20 s, which only a broken program takes. */
template <typename Condition>
void WaitUntil(const char* what, Condition condition) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error(what);
    std::this_thread::yield();
  }
}

using wasmsh::test::TemporaryDirectory;

inline void WriteFile(const std::string& path, const std::string& contents) {
  std::ofstream file(path, std::ios::binary);
  file << contents;
  Require(file.good(), "write " + path);
}

inline std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  contents << file.rdbuf();
  return contents.str();
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    Require(pipe2(ends, O_CLOEXEC) == 0, "pipe2");
    read_end = ends[0];
    write_end = ends[1];
  }
};

/** The thread control of a test: the same promises as the engine's, without an interpreter. */
class TestControl final : public ThreadControl {
 public:
  HostState* state = nullptr;
  std::atomic<bool> stop{false};
  std::atomic<bool> killed{false};
  std::atomic<pid_t> tid{0};
  bool exited = false;
  uint32_t exit_code = 0;
  std::string trap;
  std::vector<PluginRequest> asked;
  std::optional<PluginAnswer> answer;  // to all that is asked

  HostState& host() override { return *state; }
  /** The calls that follow are made on this thread. */
  void BindToThread() {
    thread_ = pthread_self();
    tid = gettid();
  }
  bool in_call() const { return current_call() != nullptr; }
  bool StopRequested() const override { return stop || killed; }
  bool ParkPending(const CallSpec&, const uint64_t*, const CallProgress& progress) override {
    std::unique_lock<std::mutex> lock(mutex_);
    progress_ = progress;
    is_parked_ = true;
    wake_.notify_all();
    wake_.wait(lock, [&] { return !stop || killed; });
    is_parked_ = false;
    return !killed;
  }
  const PluginAnswer* AskPlugin(PluginRequest request) override {
    asked.push_back(std::move(request));
    return answer ? &*answer : nullptr;
  }
  bool ParkTrapped(const std::string& reason) override {
    trap = reason;
    return false;
  }
  uint64_t Position() override { return 0; }
  size_t CallStack(oplog::OpFrame* frames, size_t most) override {
    if (most > 0) frames[0] = {7, 11};
    return most > 0 ? 1 : 0;
  }
  void Exit(uint32_t code) override {
    exited = true;
    exit_code = code;
  }

  /** Asks for a pause and kicks until the thread has parked. */
  CallProgress Pause() {
    stop = true;
    state->clock().Freeze();
    KickUntil([&] { return is_parked_; });
    std::lock_guard<std::mutex> lock(mutex_);
    return progress_;
  }
  void Resume() {
    state->clock().Thaw();
    std::lock_guard<std::mutex> lock(mutex_);
    stop = false;
    wake_.notify_all();
  }
  void Kill() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      killed = true;
      wake_.notify_all();
    }
    KickUntil([&] { return !in_call() && !is_parked_; });
  }

  bool IsParked() {
    std::lock_guard<std::mutex> lock(mutex_);
    return is_parked_;
  }
  CallProgress progress() {
    std::lock_guard<std::mutex> lock(mutex_);
    return progress_;
  }
  void Kick() {
    if (in_call()) pthread_kill(thread_, KickSignal());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  /** Waits until the thread sleeps in the kernel, inside a host call. */
  void WaitUntilBlocked() {
    WaitUntil("the call does not block", [&] {
      if (!in_call()) return false;
      std::ifstream file("/proc/self/task/" + std::to_string(tid) + "/stat");
      std::string text((std::istreambuf_iterator<char>(file)), {});
      size_t name_end = text.rfind(") ");
      return name_end != std::string::npos && text[name_end + 2] == 'S' && in_call();
    });
  }

  static int KickSignal() { return SIGRTMIN + 4; }
  static void InstallKick() {
    struct sigaction action = {};
    action.sa_handler = [](int) {};
    sigaction(KickSignal(), &action, nullptr);  // without SA_RESTART
  }

 private:
  template <typename Condition>
  void KickUntil(Condition condition) {
    WaitUntil("the thread does not stop", [&] {
      Kick();
      std::lock_guard<std::mutex> lock(mutex_);
      return condition();
    });
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_parked_ = false;
  CallProgress progress_;
  std::atomic<pthread_t> thread_{};
};

/** What a guest is made with; streams are pipes unless given. */
struct TestOptions {
  std::vector<std::string> arguments = {"guest"};
  std::vector<std::string> environment;
  std::vector<Preopen> preopens;
  std::string stream_kind = "pipe";
  bool deterministic = false;
  uint64_t seed = 0;
  std::shared_ptr<oplog::OpLog> log;
  bool trusts_log = false;
  std::vector<GivenFile> given;   // for files of the view that is restored
  std::string stdin_file;         // instead of a pipe
  int streams[3] = {-1, -1, -1};  // host descriptors instead of pipes, the guest's from then on
};

class TestGuest {
 public:
  explicit TestGuest(const TestOptions& options = {}) {
    StartRuntime();
    HostConfig config;
    config.arguments = options.arguments;
    config.environment = options.environment;
    config.preopens = options.preopens;
    config.deterministic = options.deterministic;
    config.seed = options.seed;
    config.log = options.log;
    config.trusts_log = options.trusts_log;
    config.given = options.given;
    config.realtime_base_ns = 1'600'000'000'000'000'000;
    if (options.stdin_file.empty()) {
      config.streams[0] = {input.read_end, options.stream_kind};
    } else {
      close(input.read_end);
      config.streams[0] = {open(options.stdin_file.c_str(), O_RDONLY | O_CLOEXEC), "file"};
    }
    config.streams[1] = {output.write_end, options.stream_kind};
    config.streams[2] = {errors.write_end, options.stream_kind};
    for (int i = 0; i < 3; ++i) {
      if (options.streams[i] < 0) continue;
      close(config.streams[i].host_fd);
      config.streams[i].host_fd = options.streams[i];
    }
    Status made = HostState::Create(std::move(config), &state);
    if (!made.ok()) throw std::runtime_error(made.message);
    Instantiate();
    control.state = state.get();
  }

  ~TestGuest() {
    if (caller_.joinable()) {
      control.Kill();
      caller_.join();
    }
    state->Detach();
    wasm_runtime_destroy_exec_env(exec_env);
    wasm_runtime_deinstantiate(instance);
    wasm_runtime_unload(module_);
    state.reset();
    close(input.write_end);
    close(output.read_end);
    close(errors.read_end);
  }

  GuestMemory memory() const { return GuestMemory(exec_env); }
  uint32_t U32(uint32_t address) const { return Loaded<uint32_t>(address); }
  uint64_t U64(uint32_t address) const { return Loaded<uint64_t>(address); }
  uint16_t U16(uint32_t address) const { return Loaded<uint16_t>(address); }
  uint8_t U8(uint32_t address) const { return Loaded<uint8_t>(address); }
  template <typename Integer>
  void Put(uint32_t address, Integer value) const {
    if (!memory().Store(address, value)) throw std::runtime_error("address outside memory");
  }
  void PutText(uint32_t address, const std::string& text) const {
    memcpy(memory().At(address, text.size()), text.data(), text.size());
  }
  std::string Text(uint32_t address, uint32_t length) const {
    return std::string(reinterpret_cast<const char*>(memory().At(address, length)), length);
  }

  /** Performs a call on this thread; its WASI errno. */
  template <typename... Arguments>
  uint32_t Call(const std::string& name, Arguments... arguments) {
    return CallIn(kPreview1, name, arguments...);
  }
  template <typename... Arguments>
  uint32_t CallIn(const std::string& module, const std::string& name, Arguments... arguments) {
    const CallSpec* spec = FindHostCall(module, name);
    if (spec == nullptr) throw std::runtime_error("no host call " + name);
    uint64_t slots[16] = {static_cast<uint64_t>(arguments)...};
    control.BindToThread();
    RunOn(control, *spec, exec_env, slots);
    return static_cast<uint32_t>(slots[0]);
  }

  /** Performs a call on a thread of its own; Wait gives its errno. */
  template <typename... Arguments>
  void Begin(const std::string& name, Arguments... arguments) {
    caller_ = std::thread([=] {
      wasm_runtime_init_thread_env();
      result_ = Call(name, arguments...);
      is_done_ = true;
      wasm_runtime_destroy_thread_env();
    });
  }
  bool is_done() const { return is_done_; }
  uint32_t Wait() {
    caller_.join();
    is_done_ = false;
    return result_;
  }

  /** Lays out one iovec list at `list`: pairs of address and length. */
  uint32_t PutVectors(uint32_t list, std::vector<std::pair<uint32_t, uint32_t>> vectors) const {
    uint32_t at = list;
    for (const auto& [address, length] : vectors) {
      Put(at, address);
      Put(at + 4, length);
      at += 8;
    }
    return static_cast<uint32_t>(vectors.size());
  }

  /** path_open below `directory` with all rights of a file, from a path at 60000. */
  uint32_t Open(uint32_t directory, const std::string& path, uint32_t* fd, uint32_t oflags = 0,
                uint64_t rights = kReadWrite, uint32_t fdflags = 0, uint32_t lookup = 1) {
    PutText(60000, path);
    uint32_t error = Call("path_open", directory, lookup, 60000, path.size(), oflags, rights,
                          uint64_t{0}, fdflags, 59000);
    *fd = U32(59000);
    return error;
  }

  /** Reads up to `length` bytes from a descriptor through guest memory. */
  std::string Read(uint32_t fd, uint32_t length) {
    PutVectors(100, {{1000, length}});
    uint32_t error = Call("fd_read", fd, 100, 1, 200);
    if (error != 0) throw std::runtime_error("fd_read says " + std::to_string(error));
    return Text(1000, U32(200));
  }

  uint32_t Write(uint32_t fd, const std::string& text) {
    PutText(1000, text);
    PutVectors(100, {{1000, static_cast<uint32_t>(text.size())}});
    return Call("fd_write", fd, 100, 1, 200);
  }

  std::string Exception() const {
    const char* text = wasm_runtime_get_exception(instance);
    return text == nullptr ? "" : text;
  }

  static constexpr uint64_t kReadWrite =
      wasi::kFdRead | wasi::kFdWrite | wasi::kFdSeek | wasi::kFdTell | wasi::kFdFilestatGet |
      wasi::kFdFdstatSetFlags | wasi::kPollFdReadwrite | wasi::kFdFilestatSetSize;
  static constexpr uint64_t kReadOnly =
      wasi::kFdRead | wasi::kFdReaddir | wasi::kFdSeek | wasi::kFdTell | wasi::kFdFilestatGet;

  Pipe input;
  Pipe output;
  Pipe errors;
  std::unique_ptr<HostState> state;
  TestControl control;
  wasm_module_inst_t instance = nullptr;
  wasm_exec_env_t exec_env = nullptr;

 private:
  template <typename Integer>
  Integer Loaded(uint32_t address) const {
    Integer value = 0;
    if (!memory().Load(address, &value)) throw std::runtime_error("address outside memory");
    return value;
  }

  static void StartRuntime() {
    static const bool is_started = [] {
      signal(SIGPIPE, SIG_IGN);  // as in Node
      TestControl::InstallKick();
      return wasm_runtime_init() && RegisterHostCalls().ok();
    }();
    if (!is_started) throw std::runtime_error("WAMR does not start");
  }

  void Instantiate() {
    // A module with one memory of one page.
    code_ = {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x05, 0x04, 0x01, 0x01, 0x01, 0x01};
    char error[128] = "";
    module_ =
        wasm_runtime_load(code_.data(), static_cast<uint32_t>(code_.size()), error, sizeof error);
    if (module_ == nullptr) throw std::runtime_error(error);
    InstantiationArgs2* args = nullptr;
    wasm_runtime_instantiation_args_create(&args);
    Status filled = state->FillArgs(args);
    instance = wasm_runtime_instantiate_ex2(module_, args, error, sizeof error);
    wasm_runtime_instantiation_args_destroy(args);
    if (!filled.ok() || instance == nullptr) throw std::runtime_error(error);
    exec_env = wasm_runtime_create_exec_env(instance, 4096);
    Status attached = state->Attach(reinterpret_cast<WASMModuleInstance*>(instance));
    if (!attached.ok()) throw std::runtime_error(attached.message);
    state->clock().Thaw();
  }

  std::vector<uint8_t> code_;
  wasm_module_t module_ = nullptr;
  std::thread caller_;
  std::atomic<bool> is_done_{false};
  std::atomic<uint32_t> result_{0};
};

/** A guest with one preopen, descriptor 3, "/data". */
struct FileGuest {
  TemporaryDirectory directory;
  TestGuest guest{WithPreopen(directory.path())};

  static TestOptions WithPreopen(const std::string& host_path) {
    TestOptions options;
    options.preopens = {{"/data", host_path}};
    return options;
  }
};

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_TEST_GUEST_H_
