// HostState::Restore.

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "hostcalls/followed_names.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/open_file.h"
#include "hostcalls/provided_files.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

std::string Name(const view::Descriptor& stored) {
  std::string name = "descriptor " + std::to_string(stored.fd);
  if (!stored.guest_path.empty()) name += " (" + stored.guest_path + ")";
  return name;
}

Status Refused(const view::Descriptor& stored, const std::string& why) {
  return Status::Error("RECOVER_DESCRIPTOR", Name(stored) + " cannot be recovered: " + why);
}

std::optional<uint32_t> StreamIndex(const std::string& kind) {
  for (uint32_t i = 0; i < kStreams; ++i) {
    if (kind == kStreamNames[i]) return i;
  }
  return std::nullopt;
}

/** Own copies of the standard streams' descriptors, closed unless taken. */
class Streams {
 public:
  ~Streams() {
    for (int fd : fds_) {
      if (fd >= 0) close(fd);
    }
  }
  void Set(uint32_t index, int fd) { fds_[index] = fd; }
  int Take(uint32_t index) { return std::exchange(fds_[index], -1); }

 private:
  int fds_[kStreams] = {-1, -1, -1};
};

/** Puts a guest's descriptors back. Under records_mutex. */
class Restorer {
 public:
  Restorer(HostState::Private& p, const view::View& view) : p_(p), view_(view) {}

  Status Run();

 private:
  Status MatchPreopens();
  void EmptyTable();
  Status RestoreStream(const view::Descriptor& stored, uint32_t index);
  Status RestorePreopen(const view::Descriptor& stored);
  Status RestoreProvided(const view::Descriptor& stored);
  Status RestoreFile(const view::Descriptor& stored);
  Status RestoreResource(const view::Descriptor& stored);
  /** The file that was put in place for a descriptor; -1 without one. */
  int TakeGiven(uint32_t fd);
  /** Opens a file by its stored path. */
  Status Reopen(const view::Descriptor& stored, uint32_t preopen, int* host_fd);
  Status FileError(const view::Descriptor& stored, uint16_t wasi_errno) const;

  HostState::Private& p_;
  const view::View& view_;
  std::map<uint32_t, uint32_t> preopens_;  // stored number -> index in p_.config.preopens
  Streams streams_;
};

Status Restorer::MatchPreopens() {
  std::vector<bool> taken(p_.config.preopens.size());
  for (const view::Descriptor& stored : view_.descriptors) {
    if (stored.kind != "preopen") continue;
    bool is_found = false;
    for (uint32_t i = 0; i < taken.size() && !is_found; ++i) {
      if (taken[i] || p_.config.preopens[i].guest_path != stored.guest_path) continue;
      taken[i] = true;
      is_found = preopens_.emplace(stored.fd, i).second;
    }
    if (!is_found) {
      return Refused(stored, "no directory of this host is given for it");
    }
  }
  return Status::Ok();
}

void Restorer::EmptyTable() {
  for (const auto& [fd, record] : p_.records) {
    WasmshFd entry = {};
    fd_object* object = nullptr;
    if (record.kind == RecordKind::kStream && wasmsh_fd_acquire(p_.table, fd, 0, &entry) == 0) {
      streams_.Set(record.index, fcntl(entry.host_fd, F_DUPFD_CLOEXEC, 0));
      p_.stream_fds[record.index] = -1;
      wasmsh_fd_release(entry.object);
    }
    if (wasmsh_fd_detach(p_.table, fd, &object) == 0) wasmsh_fd_release(object);
  }
  p_.ForgetAll();
}

Status Restorer::RestoreStream(const view::Descriptor& stored, uint32_t index) {
  int host_fd = streams_.Take(index);
  if (host_fd < 0) return Refused(stored, "it is listed twice");
  if (uint16_t error = p_.InsertStream(stored.fd, index, host_fd)) {
    close(host_fd);
    return Refused(stored, "WASI errno " + std::to_string(error));
  }
  p_.RestrictDescriptor(stored);
  return Status::Ok();
}

Status Restorer::RestoreProvided(const view::Descriptor& stored) {
  const auto& provided = p_.config.provided;
  for (uint32_t i = 0; i < provided.size(); ++i) {
    if (provided[i].guest_path != stored.guest_path || provided[i].plugin != stored.stream) {
      continue;
    }
    uint32_t fd = 0;
    const auto file = static_cast<uint32_t>(stored.offset);
    uint16_t error =
        InsertProvided(p_, stored.fd, i, file, stored.rights_base, stored.fdflags, &fd);
    if (error == 0) return Status::Ok();
    return Refused(stored, "WASI errno " + std::to_string(error));
  }
  return Refused(stored, "plugin \"" + stored.stream + "\" does not provide it here");
}

Status Restorer::RestorePreopen(const view::Descriptor& stored) {
  if (stored.fd >= kClosedPreopen) return Status::Ok();
  if (uint16_t error = p_.InsertPreopen(stored.fd, preopens_.at(stored.fd))) {
    return Refused(stored, "WASI errno " + std::to_string(error));
  }
  p_.RestrictDescriptor(stored);
  return Status::Ok();
}

Status Restorer::FileError(const view::Descriptor& stored, uint16_t wasi_errno) const {
  const std::string why = wasi_errno == wasi::kNotcapable
                              ? "its path leaves the directory"
                              : "WASI errno " + std::to_string(wasi_errno);
  return Status::Error("RECOVER_FILE_MISSING", Name(stored) + " cannot be opened again: " + why);
}

Status Restorer::Reopen(const view::Descriptor& stored, uint32_t preopen, int* host_fd) {
  WasmshPath path = {};
  uint16_t error = wasmsh_path_get_below(p_.preopen_fds[preopen], stored.guest_path.data(),
                                         stored.guest_path.size(), &path);
  if (error != 0) return FileError(stored, error);
  bool is_directory = stored.kind == "directory";
  struct stat status;
  Status result = Status::Ok();
  if (fstatat(path.directory_fd, path.name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    result = Status::Error("RECOVER_FILE_MISSING",
                           Name(stored) + " cannot be opened again: " + strerror(errno), errno);
  } else if (is_directory ? !S_ISDIR(status.st_mode) : !S_ISREG(status.st_mode)) {
    // Before opening it: a pipe would make us wait.
    result = Status::Error("RECOVER_FILE_CHANGED",
                           Name(stored) + " is not a " + stored.kind + " any more");
  } else {
    *host_fd = OpenFile(path.directory_fd, path.name, is_directory ? wasi::kOpenDirectory : 0,
                        stored.fdflags, stored.rights_base);
    if (*host_fd < 0) {
      result = Status::Error("RECOVER_FILE_MISSING",
                             Name(stored) + " cannot be opened again: " + strerror(errno), errno);
    }
  }
  wasmsh_path_put(&path);
  return result;
}

/** Says whether a file is as it was; directories change without harm. */
Status CheckUnchanged(const view::Descriptor& stored, int host_fd) {
  struct stat status;
  if (fstat(host_fd, &status) != 0) return Refused(stored, strerror(errno));
  uint64_t modified = static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000 +
                      static_cast<uint64_t>(status.st_mtim.tv_nsec);
  if (static_cast<uint64_t>(status.st_size) == stored.size && modified == stored.modified_ns) {
    return Status::Ok();
  }
  return Status::Error("RECOVER_FILE_CHANGED",
                       Name(stored) + " was changed after the snapshot was taken");
}

int Restorer::TakeGiven(uint32_t fd) {
  for (GivenFile& given : p_.config.given) {
    if (given.fd == fd) return std::exchange(given.host_fd, -1);
  }
  return -1;
}

Status Restorer::RestoreFile(const view::Descriptor& stored) {
  auto preopen = preopens_.find(stored.preopen);
  if (preopen == preopens_.end()) return Refused(stored, "its preopen is not in the snapshot");
  int host_fd = TakeGiven(stored.fd);
  const bool is_given = host_fd >= 0;
  if (!is_given) {
    if (stored.stream == view::kNameless) {
      return Status::Error("RECOVER_FILE_MISSING",
                           Name(stored) + " was deleted while open, and nobody has its contents");
    }
    if (Status status = Reopen(stored, preopen->second, &host_fd); !status.ok()) return status;
  }
  Status status = Status::Ok();
  if (!is_given && stored.kind == "file") status = CheckUnchanged(stored, host_fd);
  if (status.ok()) status = p_.InsertFile(stored, preopen->second, host_fd);
  if (!status.ok()) close(host_fd);
  return status;
}

Status Restorer::RestoreResource(const view::Descriptor& stored) {
  int host_fd = TakeGiven(stored.fd);
  if (host_fd < 0) return Refused(stored, "no plugin has put it in place");
  if (uint16_t error = p_.InsertResource(stored.fd, host_fd, stored.guest_path)) {
    close(host_fd);
    return Refused(stored, "WASI errno " + std::to_string(error));
  }
  p_.RestrictDescriptor(stored);
  return Status::Ok();
}

Status Restorer::Run() {
  if (Status status = MatchPreopens(); !status.ok()) return status;
  EmptyTable();
  for (const view::Descriptor& stored : view_.descriptors) {
    bool is_closed_preopen = stored.kind == "preopen" && stored.fd >= kClosedPreopen;
    if (!is_closed_preopen && (stored.fd >= kMaxDescriptors || p_.Find(stored.fd) != nullptr)) {
      return Refused(stored, "its number is used twice or too high");
    }
    Status status = Status::Ok();
    if (std::optional<uint32_t> index = StreamIndex(stored.kind)) {
      status = RestoreStream(stored, *index);
    } else if (stored.kind == "provided") {
      status = RestoreProvided(stored);
    } else if (stored.kind == "preopen") {
      status = RestorePreopen(stored);
    } else if (stored.kind == "file" || stored.kind == "directory") {
      status = RestoreFile(stored);
    } else if (stored.kind == "resource") {
      status = RestoreResource(stored);
    } else {
      status = Refused(stored, "this version does not know the kind \"" + stored.kind + "\"");
    }
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

uint64_t ThreadCpuNs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

void HostState::Private::RestrictDescriptor(const view::Descriptor& stored) {
  WasmshFd entry = {};
  if (wasmsh_fd_acquire(table, stored.fd, 0, &entry) != 0) return;
  uint64_t base = entry.rights_base & stored.rights_base;
  uint64_t inheriting = entry.rights_inheriting & stored.rights_inheriting;
  (void)wasmsh_fd_restrict(table, stored.fd, base, inheriting);
  int flags = 0;
  if ((stored.fdflags & wasi::kFdflagAppend) != 0) flags |= O_APPEND;
  if ((stored.fdflags & wasi::kFdflagNonblock) != 0) flags |= O_NONBLOCK;
  (void)fcntl(entry.host_fd, F_SETFL, flags);
  // What the log begins with.
  if (Record* record = Find(stored.fd); record != nullptr) {
    record->logged_fdflags = FdflagsOf(entry.host_fd);
    offsets.SetAppends(stored.fd, (record->logged_fdflags & wasi::kFdflagAppend) != 0);
  }
  wasmsh_fd_release(entry.object);
}

Status HostState::Private::InsertFile(const view::Descriptor& stored, uint32_t preopen,
                                      int host_fd) {
  Record record;
  record.kind = stored.kind == "directory" ? RecordKind::kDirectory : RecordKind::kFile;
  record.index = preopen;
  record.path = stored.guest_path;
  record.first_offset = stored.offset;
  BeginToFollow(*this,
                {names.Resolve(names.Preopen(preopen), stored.guest_path, true), preopen, true},
                host_fd, &record);
  record.is_removed = stored.stream == view::kNameless;
  record.removed_at = record.logged.path.size();
  if (record.kind == RecordKind::kFile) {
    const bool is_possible = stored.offset <= INT64_MAX;
    if (!is_possible || lseek(host_fd, static_cast<off_t>(stored.offset), SEEK_SET) < 0) {
      return Refused(stored, "its offset is impossible");
    }
  }
  uint8_t type = 0;
  uint64_t base = 0;
  uint64_t inheriting = 0;
  uint32_t fd = 0;
  uint16_t error = wasmsh_type_and_rights(host_fd, &type, &base, &inheriting);
  if (error == 0) {
    error = Insert(stored.fd, host_fd, type, base & stored.rights_base,
                   inheriting & stored.rights_inheriting, std::move(record), &fd);
  }
  if (error != 0) return Refused(stored, "WASI errno " + std::to_string(error));
  FollowShared(stored.fd, host_fd);
  RestrictDescriptor(stored);
  return Status::Ok();
}

Status HostState::Restore(const view::View& view) {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const view::Environment& environment = view.environment;
  p.config.arguments = environment.arguments;
  p.config.environment = environment.environment;
  if (environment.deterministic) {
    p.config.deterministic = true;
    p.config.realtime_base_ns = environment.realtime_base_ns;
    p.config.clock_step_ns = environment.clock_step_ns;
    p.random.set_state(environment.random_state);
    p.clock_reads = environment.clock_reads;
    clock_.MakeVirtual();
  }
  clock_.Set(view.monotonic_ns);
  // Restore runs on the guest's own thread, whose time until now is not the guest's.
  if (!view.threads.empty()) p.cpu_offset_ns = view.threads[0].cpu_ns - ThreadCpuNs();
  return Restorer(p, view).Run();
}

}  // namespace wasmsh::hostcalls
