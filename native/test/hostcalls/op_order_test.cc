// The order of the log when threads change descriptors and names at once: folded, it is what the
// descriptor table and the file system say.

#include <map>
#include <random>

#include "check.h"
#include "hostcalls/test_guest.h"
#include "oplog/op_log.h"

namespace wasmsh::hostcalls::test {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 20;
constexpr int kCallsARound = 150;
constexpr uint32_t kPreopen = 3;

std::shared_ptr<oplog::OpLog> LogIn(const TemporaryDirectory& directory) {
  oplog::OpLogOptions options;
  options.folders = {directory.path()};
  options.limit_bytes = 1 << 20;
  return std::make_shared<oplog::OpLog>(options);
}

TestOptions OptionsFor(const std::string& data, std::shared_ptr<oplog::OpLog> log) {
  TestOptions options = FileGuest::WithPreopen(data);
  options.log = std::move(log);
  return options;
}

/** One thread of the guest, with a part of its memory for itself. */
class Worker {
 public:
  Worker(TestGuest& guest, uint32_t number)
      : guest_(guest),
        at_(4096 * (number + 1)),
        random_(number),
        exec_env_(wasm_runtime_create_exec_env(guest.instance, 4096)) {
    control_.state = guest.state.get();
  }
  ~Worker() { wasm_runtime_destroy_exec_env(exec_env_); }

  TestControl& control() { return control_; }

  template <typename... Arguments>
  uint32_t Call(const char* name, Arguments... arguments) {
    uint64_t slots[16] = {static_cast<uint64_t>(arguments)...};
    control_.BindToThread();
    RunOn(control_, *FindHostCall(kPreview1, name), exec_env_, slots);
    return static_cast<uint32_t>(slots[0]);
  }

  /** Any of the calls that change the table or names; most numbers and names exist, some do not. */
  void CallSomething() {
    switch (Any(8)) {
      case 0:
      case 1:
      case 2:
        return Open(Name());
      case 3:
        Call("fd_close", 4 + Any(24));
        return;
      case 4:
        Call("fd_renumber", 4 + Any(24), 4 + Any(24));
        return;
      case 5:
        Call("fd_fdstat_set_flags", 4 + Any(24), Any(2) * wasi::kFdflagAppend);
        return;
      case 6: {
        const uint32_t from = Directory();
        const std::string old_name = Put(0, Name());
        const uint32_t to = Directory();
        const std::string new_name = Put(100, Name());
        Call("path_rename", from, at_, old_name.size(), to, at_ + 100, new_name.size());
        return;
      }
      default: {
        const std::string name = Put(0, Name());
        Call("path_unlink_file", Directory(), at_, name.size());
      }
    }
  }

  /** Waits for input that never comes, until it is killed. */
  void ReadForever() {
    guest_.PutVectors(at_, {{at_ + 100, 10}});
    Call("fd_read", 0, at_, 1, at_ + 50);
  }

 private:
  uint32_t Any(uint32_t count) { return static_cast<uint32_t>(random_() % count); }
  /** The preopen, or something that may be a directory. */
  uint32_t Directory() { return Any(2) == 0 ? kPreopen : 4 + Any(24); }
  std::string Name() { return (Any(4) == 0 ? "d/" : "") + std::string(1, char('a' + Any(5))); }
  std::string Put(uint32_t offset, const std::string& text) {
    guest_.PutText(at_ + offset, text);
    return text;
  }
  void Open(const std::string& name) {
    const bool is_directory = Any(8) == 0;
    const std::string path = Put(0, is_directory ? "d" : name);
    const uint64_t rights = is_directory ? wasi::kFileRights : TestGuest::kReadWrite;
    Call("path_open", Directory(), 0, at_, path.size(),
         is_directory ? wasi::kOpenDirectory : wasi::kOpenCreate, rights,
         is_directory ? wasi::kFileRights : 0, Any(2) * wasi::kFdflagAppend, at_ + 200);
  }

  TestGuest& guest_;
  const uint32_t at_;
  std::mt19937 random_;
  wasm_exec_env_t exec_env_;
  TestControl control_;
};

/** What the log says of a descriptor. */
struct Folded {
  std::string path;
  uint64_t fdflags = 0;
  bool is_removed = false;
};

/** Folds operations as somebody would who has nothing but them. */
class Fold {
 public:
  void Apply(const oplog::Op& op) {
    if (op.error != 0) return;
    const std::string& name = oplog::OpShapes()[op.shape].name;
    const auto fd = [&](size_t field) { return static_cast<uint32_t>(op.numbers[field]); };
    if (name == "path_open") {
      open_[fd(7)] = {Join(fd(0), op.paths[2]), op.numbers[6], false};
    } else if (name == "fd_close") {
      open_.erase(fd(0));
    } else if (name == "fd_renumber" && fd(0) != fd(1)) {
      open_[fd(1)] = open_.at(fd(0));
      open_.erase(fd(0));
    } else if (name == "fd_fdstat_set_flags") {
      open_.at(fd(0)).fdflags = op.numbers[1];
    } else if (name == "path_unlink_file") {
      Remove(Join(fd(0), op.paths[1]));
    } else if (name == "path_rename") {
      const std::string from = Join(fd(0), op.paths[1]);
      const std::string to = Join(fd(2), op.paths[3]);
      if (from == to) return;
      Remove(to);
      for (auto& [number, one] : open_) {
        // "d" is among the names: a directory moves with all that is below.
        const bool moves = one.path == from || one.path.rfind(from + "/", 0) == 0;
        if (moves && !one.is_removed) one.path = to + one.path.substr(from.size());
      }
    }
  }

  const std::map<uint32_t, Folded>& open() const { return open_; }

 private:
  std::string Join(uint32_t directory, const std::string& path) const {
    return directory == kPreopen ? path : open_.at(directory).path + "/" + path;
  }
  void Remove(const std::string& path) {
    for (auto& [number, one] : open_) {
      if (one.path == path) one.is_removed = true;
    }
  }

  std::map<uint32_t, Folded> open_;
};

void Drain(oplog::OpLog& log, Fold* fold) {
  for (std::vector<oplog::Op> ops;;) {
    CHECK_OK(log.TakeChanges(&ops));
    if (ops.empty()) return;
    for (const oplog::Op& op : ops) fold->Apply(op);
  }
}

void CompareWithTable(TestGuest& guest, const Fold& fold) {
  view::View view;
  CHECK_OK(guest.state->Save(&view));
  size_t compared = 0;
  for (const view::Descriptor& one : view.descriptors) {
    if (one.fd <= kPreopen) continue;
    const auto found = fold.open().find(one.fd);
    if (found == fold.open().end()) {
      throw std::runtime_error("not in the log: descriptor " + std::to_string(one.fd));
    }
    CHECK_EQ(found->second.is_removed, one.stream == view::kNameless);
    if (!found->second.is_removed) CHECK_EQ(found->second.path, one.guest_path);
    CHECK_EQ(found->second.fdflags, uint64_t{one.fdflags});
    ++compared;
  }
  CHECK_EQ(compared, fold.open().size());
  for (const Disagreement& one : guest.state->Disagreements()) {
    throw std::runtime_error(one.resource + ": " + one.reason);
  }
}

template <typename Body>
std::thread OnGuestThread(Body body) {
  return std::thread([body] {
    wasm_runtime_init_thread_env();
    body();
    wasm_runtime_destroy_thread_env();
  });
}

TEST(the_log_folded_is_the_descriptor_table) {
  TemporaryDirectory data, spool;
  Require(mkdir(data.File("d").c_str(), 0755) == 0, "mkdir");
  const auto log = LogIn(spool);
  TestGuest guest(OptionsFor(data.path(), log));
  std::vector<std::unique_ptr<Worker>> workers;
  for (uint32_t i = 0; i < kThreads; ++i) workers.push_back(std::make_unique<Worker>(guest, i));
  Fold fold;
  for (int round = 0; round < kRounds; ++round) {
    // One more waits in a call, is paused and goes on, and is killed in the end.
    Worker blocked(guest, kThreads);
    std::thread waiting = OnGuestThread([&] { blocked.ReadForever(); });
    std::vector<std::thread> threads;
    for (auto& worker : workers) {
      threads.push_back(OnGuestThread([&worker] {
        for (int i = 0; i < kCallsARound; ++i) worker->CallSomething();
      }));
    }
    blocked.control().WaitUntilBlocked();
    blocked.control().Pause();
    blocked.control().Resume();
    blocked.control().WaitUntilBlocked();
    blocked.control().Kill();
    waiting.join();
    wasm_runtime_clear_exception(guest.instance);
    for (std::thread& thread : threads) thread.join();
    Drain(*log, &fold);
    CompareWithTable(guest, fold);
  }
  CHECK(log->Stats().counts[size_t(oplog::FindOpShape("path_open"))] > 1000);
}

TEST(the_log_knows_where_each_descriptor_stands) {
  TemporaryDirectory data, spool;
  WriteFile(data.File("file"), "0123456789");
  TestOptions options = OptionsFor(data.path(), LogIn(spool));
  options.trusts_log = true;
  TestGuest guest(options);
  uint32_t fd = 0, appends = 0;
  CHECK_EQ(guest.Open(3, "file", &fd), 0u);
  CHECK_EQ(
      guest.Open(3, "log", &appends, wasi::kOpenCreate, TestGuest::kReadWrite, wasi::kFdflagAppend),
      0u);
  CHECK_EQ(guest.Read(fd, 3), std::string("012"));
  CHECK_EQ(guest.Write(appends, "more"), 0u);
  CHECK_EQ(guest.Write(appends, "and more"), 0u);
  guest.PutText(61000, "file");
  guest.PutText(60000, "renamed");
  CHECK_EQ(guest.Call("path_rename", 3, 61000, 4, 3, 60000, 7), 0u);
  CHECK_EQ(guest.Call("fd_renumber", fd, 0), 0u);
  CHECK_EQ(guest.Call("fd_seek", 0, uint64_t{2}, 1, 300), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
  view::View view;
  CHECK_OK(guest.state->Save(&view));
  for (const view::Descriptor& one : view.descriptors) {
    if (one.fd == 0) CHECK_EQ(one.guest_path, std::string("renamed"));
    if (one.fd == 0) CHECK_EQ(one.offset, 5u);
    if (one.fd == appends) CHECK_EQ(one.offset, 12u);
    if (one.fd == appends) CHECK_EQ(one.fdflags, uint32_t{wasi::kFdflagAppend});
  }
}

TEST(descriptors_that_share_an_open_file_stand_together) {
  TemporaryDirectory data, spool;
  TestOptions options = OptionsFor(data.path(), LogIn(spool));
  options.stream_kind = "file";
  const int output = open(data.File("output").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  Require(output >= 0, "open");
  options.streams[1] = output;
  options.streams[2] = output;
  TestGuest guest(options);
  CHECK_EQ(guest.Write(1, "four"), 0u);
  CHECK_EQ(guest.Write(2, "more"), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
  CHECK_EQ(guest.Call("fd_seek", 2, uint64_t{2}, 0, 300), 0u);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", 2, wasi::kFdflagAppend), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
  CHECK_EQ(guest.Write(1, "at the end"), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "other", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Call("fd_renumber", fd, 1), 0u);
  CHECK_EQ(guest.Write(1, "alone"), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
  // One more that somebody shared with it, at another number.
  view::View view;
  CHECK_OK(guest.state->Save(&view));
  view::Descriptor wanted;
  for (const view::Descriptor& one : view.descriptors) {
    if (one.fd == 2) CHECK_EQ(one.offset, 18u);
    if (one.fd == 1) wanted = one;
  }
  CHECK_EQ(wanted.guest_path, std::string("other"));
  wanted.fd = 9;
  int shared = -1;
  CHECK_OK(guest.state->CopyDescriptor(1, &shared));
  CHECK_OK(guest.state->PutDescriptor(wanted, shared));
  CHECK_EQ(guest.Write(9, "+"), 0u);
  CHECK_EQ(guest.Write(1, "+"), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
  CHECK_EQ(guest.Call("fd_close", 1), 0u);
  CHECK_EQ(guest.Write(9, "+"), 0u);
  CHECK_EQ(guest.state->Disagreements().size(), 0u);
}

TEST(what_others_did_is_told) {
  FileGuest file;
  WriteFile(file.directory.File("file"), "0123456789");
  WriteFile(file.directory.File("other"), "");
  uint32_t fd = 0, other = 0;
  CHECK_EQ(file.guest.Open(3, "file", &fd), 0u);
  CHECK_EQ(file.guest.Open(3, "other", &other), 0u);
  int shared = -1;
  CHECK_OK(file.guest.state->CopyDescriptor(fd, &shared));
  Require(lseek(shared, 7, SEEK_SET) == 7, "lseek");
  Require(fcntl(shared, F_SETFL, O_APPEND) == 0, "fcntl");
  close(shared);
  Require(rename(file.directory.File("other").c_str(), file.directory.File("moved").c_str()) == 0,
          "rename");
  std::string told;
  for (const Disagreement& one : file.guest.state->Disagreements()) {
    told += one.resource + ": " + one.reason + "\n";
  }
  CHECK_EQ(told, std::string("descriptor 4 (/data/file): the log has it at offset 0, the kernel at "
                             "7\n"
                             "descriptor 4 (/data/file): the log has it with flags 0, the kernel "
                             "with 1\n"
                             "descriptor 5 (/data/other): the log has it at other, the kernel at "
                             "moved\n"));
  view::View view;
  CHECK_OK(file.guest.state->Save(&view));
  CHECK_EQ(view.descriptors[4].offset, 7u);  // the kernel's
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
