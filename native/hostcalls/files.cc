// Calls on one open file.

#include <unistd.h>
#include <wasmtime_ssp.h>

#include <cerrno>

#include "hostcalls/filestat.h"
#include "hostcalls/handlers.h"
#include "hostcalls/provided_files.h"
#include "hostcalls/stable_filestat.h"

namespace wasmsh::hostcalls {
namespace {

/** Performs a stock call until no signal has cut it short. */
template <typename Perform>
wasi::Errno Finished(HostState::Private& p, Perform perform) {
  for (;;) {
    wasi::Errno error = perform(p.table);
    if (error != wasi::kIntr) return error;
  }
}

enum class Whence : uint8_t { kSet, kCurrent, kEnd, kUnknown };

Whence WhenceOf(const Call& call, uint32_t number) {
  constexpr Whence kPreview1[] = {Whence::kSet, Whence::kCurrent, Whence::kEnd};
  constexpr Whence kUnstable[] = {Whence::kCurrent, Whence::kEnd, Whence::kSet};
  if (number > 2) return Whence::kUnknown;
  return IsUnstable(call) ? kUnstable[number] : kPreview1[number];
}

Outcome Seek(Call& call, int64_t offset, Whence whence, uint32_t result_address) {
  const GuestMemory& memory = call.memory;
  if (!memory.Contains(result_address, 8)) return Finish(call, wasi::kFault);
  if (whence == Whence::kUnknown) return Finish(call, wasi::kInval);
  if (auto file = FindProvided(call.host.p(), Arg32(call, 0))) {
    return SeekProvided(call, *file, offset, static_cast<uint32_t>(whence), result_address);
  }
  FdInUse fd(call.host.p(), Arg32(call, 0), 0);
  if (fd.error() != 0) return Finish(call, fd.error());
  bool only_tells = offset == 0 && whence == Whence::kCurrent;
  uint64_t needed = only_tells ? wasi::kFdTell : wasi::kFdSeek | wasi::kFdTell;
  if ((needed & ~fd.entry().rights_base) != 0) {
    // What cannot seek by its nature says so in the word that programs ask for.
    bool can_seek = fd.entry().type == wasi::kRegularFile || fd.entry().type == wasi::kDirectory ||
                    fd.entry().type == wasi::kBlockDevice;
    return Finish(call, can_seek ? wasi::kNotcapable : wasi::kSpipe);
  }
  int host_whence = whence == Whence::kSet       ? SEEK_SET
                    : whence == Whence::kCurrent ? SEEK_CUR
                                                 : SEEK_END;
  off_t result = lseek(fd.host_fd(), offset, host_whence);
  if (result < 0) return Finish(call, wasmsh_errno(errno));
  memory.Store(result_address, static_cast<uint64_t>(result));
  return Finish(call, wasi::kSuccess);
}

/** Standard streams but files tell nothing of the host: what is at their other end differs from run
 *  to run and from host to host. */
void HideStream(const HostState::Private& p, uint32_t index, uint8_t type, Filestat* status) {
  uint64_t size = status->size;
  *status = {};
  status->inode = index;
  status->links = 1;
  status->type = type;
  if (p.config.streams[index].kind == "file") status->size = size;
}

/** What a plugin keeps tells as little of the host. */
void HideResource(uint8_t type, Filestat* status) {
  *status = {};
  status->links = 1;
  status->type = type;
}

/** Makes what the kernel told of an open file what the guest is told of it. */
void Adapt(HostState::Private& p, uint32_t number, const FdInUse& fd, Filestat* status) {
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const Record* record = p.Find(number);
  if (record == nullptr) return;
  const RecordKind kind = record->kind;
  const uint32_t index = record->index;
  if (kind == RecordKind::kStream) {
    bool is_file = p.config.streams[index].kind == "file";
    if (!is_file || p.config.deterministic) HideStream(p, index, fd.entry().type, status);
  } else if (kind == RecordKind::kResource) {
    HideResource(fd.entry().type, status);
  } else if (kind != RecordKind::kOther && p.config.deterministic) {
    MakeStable(p, StableInode(p, *record, fd.host_fd()), status);
  }
}

}  // namespace

Outcome FdSeek(Call& call) {
  return Seek(call, static_cast<int64_t>(call.args[1]), WhenceOf(call, Arg32(call, 2)),
              Arg32(call, 3));
}

Outcome FdTell(Call& call) { return Seek(call, 0, Whence::kCurrent, Arg32(call, 1)); }

Outcome FdAdvise(Call& call) {
  constexpr uint32_t kMostAdvice = 5;
  if (Arg32(call, 3) > kMostAdvice) return Finish(call, wasi::kInval);
  auto advice = static_cast<__wasi_advice_t>(Arg32(call, 3));
  return Finish(call, Finished(call.host.p(), [&](fd_table* table) {
                  return wasmtime_ssp_fd_advise(call.exec_env, table,
                                                static_cast<__wasi_fd_t>(Arg32(call, 0)),
                                                call.args[1], call.args[2], advice);
                }));
}

Outcome FdAllocate(Call& call) {
  HostState::Private& p = call.host.p();
  for (;;) {
    // Where the file system has no preallocation this writes to every block: worth interrupting,
    // and harmless to begin again.
    wasi::Errno error =
        wasmtime_ssp_fd_allocate(call.exec_env, p.table, static_cast<__wasi_fd_t>(Arg32(call, 0)),
                                 call.args[1], call.args[2]);
    if (error != wasi::kIntr) return Finish(call, error);
    if (call.StopRequested()) return Outcome::kInterrupted;
  }
}

Outcome FdDatasync(Call& call) {
  return Finish(call, Finished(call.host.p(), [&](fd_table* table) {
                  return wasmtime_ssp_fd_datasync(call.exec_env, table,
                                                  static_cast<__wasi_fd_t>(Arg32(call, 0)));
                }));
}

Outcome FdSync(Call& call) {
  return Finish(call, Finished(call.host.p(), [&](fd_table* table) {
                  return wasmtime_ssp_fd_sync(call.exec_env, table,
                                              static_cast<__wasi_fd_t>(Arg32(call, 0)));
                }));
}

Outcome FdFilestatGet(Call& call) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 1), FilestatBytes(IsUnstable(call)));
  if (to == nullptr) return Finish(call, wasi::kFault);
  HostState::Private& p = call.host.p();
  if (auto file = FindProvided(p, Arg32(call, 0))) return StatProvided(call, *file);
  FdInUse fd(p, Arg32(call, 0), wasi::kFdFilestatGet);
  if (fd.error() != 0) return Finish(call, fd.error());
  __wasi_filestat_t found = {};
  if (wasi::Errno error = os_fstat(fd.host_fd(), &found)) return Finish(call, error);
  Filestat status = FilestatOf(found);
  Adapt(p, Arg32(call, 0), fd, &status);
  EncodeFilestat(status, IsUnstable(call), to);
  return Finish(call, wasi::kSuccess);
}

Outcome FdFilestatSetSize(Call& call) {
  return Finish(call, Finished(call.host.p(), [&](fd_table* table) {
                  return wasmtime_ssp_fd_filestat_set_size(
                      call.exec_env, table, static_cast<__wasi_fd_t>(Arg32(call, 0)), call.args[1]);
                }));
}

Outcome FdFilestatSetTimes(Call& call) {
  auto flags = static_cast<__wasi_fstflags_t>(Arg32(call, 3));
  return Finish(call, Finished(call.host.p(), [&](fd_table* table) {
                  return wasmtime_ssp_fd_filestat_set_times(
                      call.exec_env, table, static_cast<__wasi_fd_t>(Arg32(call, 0)), call.args[1],
                      call.args[2], flags);
                }));
}

}  // namespace wasmsh::hostcalls
