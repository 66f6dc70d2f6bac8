// Calls that name a file by its path below a directory. WAMR's implementation resolves the path
// inside the sandbox and, except for path_open, does the work.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasmtime_ssp.h>

#include <cerrno>
#include <climits>
#include <optional>
#include <utility>

#include "hostcalls/filestat.h"
#include "hostcalls/followed_names.h"
#include "hostcalls/handlers.h"
#include "hostcalls/open_file.h"
#include "hostcalls/provided_files.h"
#include "hostcalls/stable_filestat.h"

namespace wasmsh::hostcalls {
namespace {

/** A path in guest memory. Stock code copies it before it looks at it. */
struct GuestPath {
  const char* text = nullptr;
  size_t length = 0;
};

wasi::Errno PathAt(const GuestMemory& memory, uint32_t address, uint32_t length, GuestPath* out) {
  const uint8_t* text = memory.At(address, length);
  if (text == nullptr) return wasi::kFault;
  if (length >= PATH_MAX) return wasi::kNametoolong;
  *out = {reinterpret_cast<const char*>(text), length};
  return wasi::kSuccess;
}

__wasi_fd_t DirectoryArg(const Call& call, size_t index) {
  return static_cast<__wasi_fd_t>(Arg32(call, index));
}

/** Performs a stock call until no signal has cut it short; path resolution has no effects. */
template <typename Perform>
wasi::Errno Finished(Perform perform) {
  for (;;) {
    wasi::Errno error = perform();
    if (error != wasi::kIntr) return error;
  }
}

/** The same for a call that changes names: listings of directories go stale, and the log tells such
 *  calls in the order in which they happened. `follow` makes open files follow their names. */
template <typename Perform, typename Follow>
wasi::Errno Changed(Call& call, Perform perform, Follow follow) {
  HostState::Private& p = call.host.p();
  std::lock_guard<std::mutex> order(p.order_mutex);
  wasi::Errno error = Finished(perform);
  ++p.directory_changes;
  if (error != 0) return error;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  follow(p);
  call.ReserveOp();
  return error;
}

/** Where a path in guest memory leads; the memory may be another thread's to change meanwhile. */
LoggedPlace PlaceOf(HostState::Private& p, uint32_t directory, const GuestPath& path,
                    bool follows = false) {
  return PlaceBelow(p, directory, std::string(path.text, path.length), follows);
}

/** What a deterministic run tells of a resolved path below an open directory. */
void TellStable(HostState::Private& p, uint32_t fd, const WasmshPath& place, Filestat* status) {
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const Record* record = p.Find(fd);
  if (record == nullptr || !record->IsDirectory()) return;
  MakeStable(p, StableDirectory(p, *record, place.directory_fd).InodeOf(place.name), status);
}

RecordKind KindOf(uint8_t type) {
  if (type == wasi::kRegularFile) return RecordKind::kFile;
  if (type == wasi::kDirectory) return RecordKind::kDirectory;
  return RecordKind::kOther;
}

struct OpenArguments {
  uint32_t directory = 0;
  uint32_t lookup_flags = 0;
  std::string path;
  uint32_t oflags = 0;
  uint64_t rights_base = 0;
  uint64_t rights_inheriting = 0;
  uint32_t fdflags = 0;
};

bool FollowsLinks(const OpenArguments& open) {
  return (open.lookup_flags & wasi::kLookupSymlinkFollow) != 0;
}

wasi::Errno CheckOpen(const OpenArguments& open) {
  constexpr uint32_t kKnownOflags = 15;
  constexpr uint32_t kKnownFdflags = 31;
  if ((open.lookup_flags & ~wasi::kLookupSymlinkFollow) != 0) return wasi::kInval;
  if ((open.oflags & ~kKnownOflags) != 0 || (open.fdflags & ~kKnownFdflags) != 0) {
    return wasi::kInval;
  }
  // Older kernels make a regular file of it.
  constexpr uint32_t kContradiction = wasi::kOpenCreate | wasi::kOpenDirectory;
  if ((open.oflags & kContradiction) == kContradiction) return wasi::kInval;
  return wasi::kSuccess;
}

/** A resolved path that has been opened, or is about to be. */
class OpenPlace {
 public:
  ~OpenPlace() {
    if (is_resolved_) wasmsh_path_put(&path_);
  }
  OpenPlace() = default;
  OpenPlace(const OpenPlace&) = delete;
  OpenPlace& operator=(const OpenPlace&) = delete;

  wasi::Errno Resolve(HostState::Private& p, const OpenArguments& open) {
    uint64_t needed = wasi::kPathOpen;
    if ((open.oflags & wasi::kOpenCreate) != 0) needed |= wasi::kPathCreateFile;
    if ((open.oflags & wasi::kOpenTruncate) != 0) needed |= wasi::kPathFilestatSetSize;
    uint64_t handed_on = open.rights_base | open.rights_inheriting;
    if ((open.fdflags & (wasi::kFdflagSync | wasi::kFdflagRsync)) != 0) handed_on |= wasi::kFdSync;
    if ((open.fdflags & wasi::kFdflagDsync) != 0) handed_on |= wasi::kFdDatasync;
    wasi::Errno error = wasmsh_path_get(p.table, open.directory, open.lookup_flags,
                                        open.path.data(), open.path.size(), needed, handed_on,
                                        (open.oflags & wasi::kOpenCreate) != 0, &path_);
    is_resolved_ = error == 0;
    return error;
  }

  /** Opening it may wait for somebody else. */
  bool IsNamedPipe() const {
    struct stat status;
    return fstatat(path_.directory_fd, path_.name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISFIFO(status.st_mode);
  }

  /** The descriptor is the caller's; EINTR when a signal ended a wait. */
  wasi::Errno Open(const OpenArguments& open, int* host_fd) const {
    *host_fd =
        OpenFile(path_.directory_fd, path_.name, open.oflags, open.fdflags, open.rights_base);
    return *host_fd < 0 ? wasmsh_errno(errno) : wasi::kSuccess;
  }

 private:
  WasmshPath path_ = {};
  bool is_resolved_ = false;
};

/** Gives a host descriptor to the guest. `serial`: of the directory when it was opened. */
wasi::Errno EnterFile(Call& call, const OpenArguments& open, uint64_t serial, int host_fd,
                      uint32_t* fd) {
  HostState::Private& p = call.host.p();
  uint8_t type = 0;
  uint64_t most_base = 0;
  uint64_t most_inheriting = 0;
  wasi::Errno error = wasmsh_type_and_rights(host_fd, &type, &most_base, &most_inheriting);
  if (error != 0) return error;
  Record record;
  record.kind = KindOf(type);
  record.logged_fdflags = FdflagsOfOpen(open.fdflags);
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const Record* directory = p.Find(open.directory);
  // Closed by another thread while a named pipe was waited for.
  if (directory == nullptr || directory->serial != serial) return wasi::kBadf;
  const LoggedPlace place = PlaceBelow(p, open.directory, open.path, FollowsLinks(open));
  BeginToFollow(p, place, host_fd, &record);
  if (directory->is_removed) {
    // Nothing can be below it: it was opened once more.
    record.is_removed = true;
    record.removed_at = directory->removed_at;
  }
  const SeenPlace below = p.names.Seen(p.LoggedNameOf(*directory), directory->logged_preopen);
  record.index = below.preopen;
  record.path = JoinPaths(below.path, open.path);
  error = p.Insert(WASMSH_FD_LOWEST, host_fd, type, open.rights_base & most_base,
                   open.rights_inheriting & most_inheriting, std::move(record), fd);
  if (error == 0) call.ReserveOp();
  return error;
}

}  // namespace

Outcome PathOpen(Call& call) {
  const GuestMemory& memory = call.memory;
  HostState::Private& p = call.host.p();
  GuestPath path;
  if (wasi::Errno error = PathAt(memory, Arg32(call, 2), Arg32(call, 3), &path)) {
    return Finish(call, error);
  }
  if (!memory.Contains(Arg32(call, 8), 4)) return Finish(call, wasi::kFault);
  OpenArguments open;
  open.directory = Arg32(call, 0);
  open.lookup_flags = Arg32(call, 1);
  open.path.assign(path.text, path.length);
  open.oflags = Arg32(call, 4);
  // Rights that neither a file nor a directory can have do not apply to what is being opened.
  open.rights_base = call.args[5] & wasi::kFileRights;
  open.rights_inheriting = call.args[6] & wasi::kFileRights;
  open.fdflags = Arg32(call, 7);
  if (wasi::Errno error = CheckOpen(open)) return Finish(call, error);
  {
    // Before anything is created. Another thread may still take the last one.
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (p.records.size() >= kMaxDescriptors) return Finish(call, wasi::kMfile);
  }
  if (auto place = FindProvidedPath(p, open.directory, open.path)) {
    return OpenProvided(
        call, *place,
        {open.directory, open.path, open.oflags, open.fdflags, open.rights_base, Arg32(call, 8)});
  }
  std::unique_lock<std::mutex> order(p.order_mutex);
  uint64_t serial = 0;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (const Record* directory = p.Find(open.directory)) serial = directory->serial;
  }
  int host_fd = -1;
  for (;;) {
    OpenPlace place;
    wasi::Errno error = place.Resolve(p, open);
    if (error == 0) {
      const bool may_wait = place.IsNamedPipe();
      if (may_wait) order.unlock();
      error = place.Open(open, &host_fd);
      if (may_wait) order.lock();
    }
    if ((open.oflags & wasi::kOpenCreate) != 0) ++p.directory_changes;
    if (error == 0) break;
    if (error != wasi::kIntr) return Finish(call, error);
    if (call.StopRequested()) return Outcome::kInterrupted;
  }
  uint32_t fd = 0;
  wasi::Errno error = EnterFile(call, open, serial, host_fd, &fd);
  order.unlock();
  if (error != 0) {
    close(host_fd);
    return Finish(call, error);
  }
  memory.Store(Arg32(call, 8), fd);
  return Finish(call, wasi::kSuccess);
}

Outcome PathFilestatGet(Call& call) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 4), FilestatBytes(IsUnstable(call)));
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 2), Arg32(call, 3), &path);
  if (error == 0 && to == nullptr) error = wasi::kFault;
  if (error != 0) return Finish(call, error);
  HostState::Private& p = call.host.p();
  uint32_t directory = Arg32(call, 0);
  if (auto provided = FindProvidedPath(p, directory, std::string(path.text, path.length))) {
    FdInUse fd(p, directory, wasi::kPathFilestatGet);
    if (fd.error() != 0) return Finish(call, fd.error());
    Filestat status;
    status.type = p.config.provided[*provided].filetype;
    status.links = 1;
    EncodeFilestat(status, IsUnstable(call), to);
    return Finish(call, wasi::kSuccess);
  }
  WasmshPath place = {};
  error = wasmsh_path_get(p.table, directory, Arg32(call, 1), path.text, path.length,
                          wasi::kPathFilestatGet, 0, false, &place);
  if (error != 0) return Finish(call, error);
  __wasi_filestat_t found = {};
  error = os_fstatat(place.directory_fd, place.name, &found, 0);
  if (error == 0) {
    Filestat status = FilestatOf(found);
    if (p.config.deterministic) TellStable(p, directory, place, &status);
    EncodeFilestat(status, IsUnstable(call), to);
  }
  wasmsh_path_put(&place);
  return Finish(call, error);
}

Outcome PathFilestatSetTimes(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 2), Arg32(call, 3), &path);
  if (error != 0) return Finish(call, error);
  auto flags = static_cast<__wasi_fstflags_t>(Arg32(call, 6));
  return Finish(call, Finished([&] {
                  return wasmtime_ssp_path_filestat_set_times(
                      call.exec_env, call.host.p().table, DirectoryArg(call, 0), Arg32(call, 1),
                      path.text, path.length, call.args[4], call.args[5], flags);
                }));
}

Outcome PathCreateDirectory(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 1), Arg32(call, 2), &path);
  if (error != 0) return Finish(call, error);
  return Finish(call, Changed(
                          call,
                          [&] {
                            return wasmtime_ssp_path_create_directory(
                                call.exec_env, call.host.p().table, DirectoryArg(call, 0),
                                path.text, path.length);
                          },
                          [](HostState::Private&) {}));
}

Outcome PathRemoveDirectory(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 1), Arg32(call, 2), &path);
  if (error != 0) return Finish(call, error);
  return Finish(
      call,
      Changed(
          call,
          [&] {
            return wasmtime_ssp_path_remove_directory(
                call.exec_env, call.host.p().table, DirectoryArg(call, 0), path.text, path.length);
          },
          [&](HostState::Private& p) { FollowRemoval(p, PlaceOf(p, Arg32(call, 0), path)); }));
}

Outcome PathUnlinkFile(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 1), Arg32(call, 2), &path);
  if (error != 0) return Finish(call, error);
  return Finish(
      call,
      Changed(
          call,
          [&] {
            return wasmtime_ssp_path_unlink_file(call.exec_env, call.host.p().table,
                                                 DirectoryArg(call, 0), path.text, path.length);
          },
          [&](HostState::Private& p) { FollowRemoval(p, PlaceOf(p, Arg32(call, 0), path)); }));
}

Outcome PathRename(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath from, to;
  wasi::Errno error = PathAt(memory, Arg32(call, 1), Arg32(call, 2), &from);
  if (error == 0) error = PathAt(memory, Arg32(call, 4), Arg32(call, 5), &to);
  if (error != 0) return Finish(call, error);
  return Finish(
      call, Changed(
                call,
                [&] {
                  return wasmtime_ssp_path_rename(call.exec_env, call.host.p().table,
                                                  DirectoryArg(call, 0), from.text, from.length,
                                                  DirectoryArg(call, 3), to.text, to.length);
                },
                [&](HostState::Private& p) {
                  FollowRename(p, PlaceOf(p, Arg32(call, 0), from), PlaceOf(p, Arg32(call, 3), to));
                }));
}

Outcome PathReadlink(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath path;
  wasi::Errno error = PathAt(memory, Arg32(call, 1), Arg32(call, 2), &path);
  uint8_t* to = memory.At(Arg32(call, 3), Arg32(call, 4));
  if (error == 0 && (to == nullptr || !memory.Contains(Arg32(call, 5), 4))) error = wasi::kFault;
  if (error != 0) return Finish(call, error);
  size_t used = 0;
  error = Finished([&] {
    return wasmtime_ssp_path_readlink(call.exec_env, call.host.p().table, DirectoryArg(call, 0),
                                      path.text, path.length, reinterpret_cast<char*>(to),
                                      Arg32(call, 4), &used);
  });
  if (error == 0) memory.Store(Arg32(call, 5), static_cast<uint32_t>(used));
  return Finish(call, error);
}

Outcome PathLink(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath from, to;
  wasi::Errno error = PathAt(memory, Arg32(call, 2), Arg32(call, 3), &from);
  if (error == 0) error = PathAt(memory, Arg32(call, 5), Arg32(call, 6), &to);
  if (error != 0) return Finish(call, error);
  const bool follows = (Arg32(call, 1) & wasi::kLookupSymlinkFollow) != 0;
  return Finish(call, Changed(
                          call,
                          [&] {
                            return wasmtime_ssp_path_link(
                                call.exec_env, call.host.p().table, call.host.p().prestats,
                                DirectoryArg(call, 0), Arg32(call, 1), from.text, from.length,
                                DirectoryArg(call, 4), to.text, to.length);
                          },
                          [&](HostState::Private& p) {
                            FollowLink(p, PlaceOf(p, Arg32(call, 0), from, follows),
                                       PlaceOf(p, Arg32(call, 4), to));
                          }));
}

Outcome PathSymlink(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestPath target, link;
  wasi::Errno error = PathAt(memory, Arg32(call, 0), Arg32(call, 1), &target);
  if (error == 0) error = PathAt(memory, Arg32(call, 3), Arg32(call, 4), &link);
  // It could never be followed from inside, and would point anywhere for others.
  if (error == 0 && target.length > 0 && target.text[0] == '/') error = wasi::kNotcapable;
  if (error != 0) return Finish(call, error);
  return Finish(call, Changed(
                          call,
                          [&] {
                            return wasmtime_ssp_path_symlink(call.exec_env, call.host.p().table,
                                                             call.host.p().prestats, target.text,
                                                             target.length, DirectoryArg(call, 2),
                                                             link.text, link.length);
                          },
                          [&](HostState::Private& p) {
                            FollowSymlink(p, PlaceOf(p, Arg32(call, 2), link),
                                          std::string(target.text, target.length));
                          }));
}

}  // namespace wasmsh::hostcalls
