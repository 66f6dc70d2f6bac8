#ifndef WASMSH_TEST_HOSTCALLS_CALLS_WORLD_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_WORLD_H_

// What one host call is tried in: a guest with files, and another guest that takes over from it.

#include <sched.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {

constexpr uint32_t kPathAt = 58000;
constexpr uint32_t kResultAt = 200;
constexpr uint32_t kListAt = 300;
constexpr uint32_t kBufferAt = 1000;

// Preopens.
constexpr uint32_t kData = 3;   // writable
constexpr uint32_t kSmall = 4;  // a file system of its own, with little room
constexpr uint32_t kFixed = 5;  // one that is read-only

/** Whether this process can mount, in a namespace of its own. */
inline bool CanMount() {
  static const bool can =
      unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  return can;
}

/** A tmpfs in a fresh directory, or just the directory where nothing can be mounted. */
class Mount {
 public:
  explicit Mount(const char* options) {
    is_mounted_ = CanMount() && mount("none", path().c_str(), "tmpfs", 0, options) == 0;
  }
  ~Mount() {
    if (is_mounted_) umount2(path().c_str(), MNT_DETACH);
  }
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

  void MakeReadOnly() const {
    if (is_mounted_) mount("none", path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
  }
  const std::string& path() const { return directory_.path(); }
  std::string File(const std::string& name) const { return directory_.File(name); }

 private:
  TemporaryDirectory directory_;
  bool is_mounted_ = false;
};

class World {
 public:
  World() {
    signal(SIGXFSZ, SIG_IGN);  // as in Node
    WriteFile(data.File("file"), "0123456789");
    Require(mkdir(data.File("dir").c_str(), 0755) == 0, "mkdir");
    WriteFile(data.File("dir/inner"), "inner");
    Require(mkdir(data.File("empty").c_str(), 0755) == 0, "mkdir");
    Require(symlink("file", data.File("link").c_str()) == 0, "symlink");
    Require(symlink("loop", data.File("loop").c_str()) == 0, "symlink");
    WriteFile(small.File("file"), "");
    WriteFile(fixed.File("file"), "fixed");
    Require(mkdir(fixed.File("sub").c_str(), 0755) == 0, "mkdir");
    fixed.MakeReadOnly();
    Start();
  }

  TestGuest& operator*() { return *guest_; }
  TestGuest* operator->() { return guest_.get(); }

  /** Replaces standard output by what `peer` is the other end of. */
  void SetOutput(int host_fd) {
    close(output.write_end);
    output.write_end = host_fd;
    Start();
  }

  /** Another guest goes on from where this one is. */
  void Recover(const CallProgress* progress = nullptr) {
    view::View view;
    CHECK_OK(guest_->state->Save(&view));
    const std::vector<Blocker> blockers = guest_->state->Blockers();
    if (!blockers.empty()) throw std::runtime_error("blocked by " + blockers[0].resource);
    const std::string memory = guest_->Text(0, kMemoryBytes);
    Start();
    guest_->PutText(0, memory);
    guest_->state->clock().Freeze();
    CHECK_OK(guest_->state->Restore(view));
    guest_->state->clock().Thaw();
    if (progress != nullptr) guest_->control.set_recovered_progress(*progress);
  }

  template <typename... Rest>
  uint32_t OnPath(const char* call, uint32_t directory, const std::string& path, Rest... rest) {
    guest_->PutText(kPathAt, path);
    return guest_->Call(call, directory, kPathAt, path.size(), rest...);
  }

  /** Opens a file, to be `fd`. */
  void Open(uint32_t directory, const std::string& path, uint64_t rights = wasi::kFileRights,
            uint32_t oflags = 0, uint32_t fdflags = 0) {
    CHECK_EQ(guest_->Open(directory, path, &fd, oflags, rights, fdflags), 0u);
  }

  /** Lets a descriptor do no more than `rights`. */
  void Restrict(uint32_t number, uint64_t rights) {
    CHECK_EQ(guest_->Call("fd_fdstat_set_rights", number, rights, uint64_t{0}), 0u);
  }

  /** One buffer of a list at kListAt, with text in it. */
  uint32_t List(const std::string& text) {
    guest_->PutText(kBufferAt, text);
    return guest_->PutVectors(kListAt, {{kBufferAt, static_cast<uint32_t>(text.size())}});
  }

  TemporaryDirectory data;
  Mount small{"size=64k,nr_inodes=8"};
  Mount fixed{"size=64k"};
  Pipe input, output, errors;
  /** The other end of a socket, and what the arrangement of a case keeps for its check. */
  int peer = -1;
  uint32_t fd = 0;

  ~World() {
    guest_.reset();
    for (int end : {input.read_end, input.write_end, output.read_end, output.write_end,
                    errors.read_end, errors.write_end, peer}) {
      if (end >= 0) close(end);
    }
  }

 private:
  void Start() {
    TestOptions options;
    options.arguments = {"guest", "argument"};
    options.environment = {"KEY=value"};
    options.preopens = {{"/data", data.path()}, {"/small", small.path()}, {"/fixed", fixed.path()}};
    int* given = options.streams;
    for (int end : {input.read_end, output.write_end, errors.write_end}) {
      *given++ = fcntl(end, F_DUPFD_CLOEXEC, 0);
    }
    guest_ = std::make_unique<TestGuest>(options);
  }

  std::unique_ptr<TestGuest> guest_;
};

/** Without the right to read what others own, on this thread, for as long as it lives. */
class Unprivileged {
 public:
  Unprivileged() : before_(setfsuid(65534)) {}
  ~Unprivileged() { setfsuid(static_cast<uid_t>(before_)); }

 private:
  int before_;
};

/** No file may grow over 64 KiB for as long as it lives. */
class SizeLimit {
 public:
  SizeLimit() {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = 65536;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~SizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_WORLD_H_
