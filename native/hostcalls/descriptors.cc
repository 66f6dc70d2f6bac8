// Calls on the descriptor table itself.

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "hostcalls/handlers.h"
#include "hostcalls/open_file.h"
#include "hostcalls/provided_files.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint32_t kFdstatBytes = 24;
constexpr uint32_t kPrestatBytes = 8;
constexpr uint32_t kPrestatDirectory = 0;
constexpr uint32_t kKnownFdflags = 31;
constexpr uint32_t kSyncFdflags = wasi::kFdflagDsync | wasi::kFdflagRsync | wasi::kFdflagSync;

/** Guest path of a preopen; false when the descriptor is none. */
bool PreopenPath(HostState::Private& p, uint32_t fd, std::string* path) {
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const Record* record = p.Find(fd);
  if (record == nullptr || record->kind != RecordKind::kPreopen) return false;
  *path = p.config.preopens[record->index].guest_path;
  return true;
}

/** Closes what a number referred to. Linux has closed the descriptor even if it says EINTR. */
wasi::Errno Close(fd_object* object) {
  wasi::Errno error = wasmsh_fd_release(object);
  return error == wasi::kIntr ? wasi::kSuccess : error;
}

}  // namespace

Outcome FdClose(Call& call) {
  HostState::Private& p = call.host.p();
  uint32_t fd = Arg32(call, 0);
  uint16_t told = 0;
  if (auto file = FindProvided(p, fd)) {
    if (auto outcome = CloseProvided(call, *file, &told)) return *outcome;
  }
  fd_object* object = nullptr;
  {
    std::lock_guard<std::mutex> order(p.order_mutex);
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (wasi::Errno error = wasmsh_fd_detach(p.table, fd, &object)) return Finish(call, error);
    p.Forget(fd);
    call.ReserveOp();
  }
  wasi::Errno error = Close(object);
  return Finish(call, told != 0 ? told : error);
}

Outcome FdRenumber(Call& call) {
  HostState::Private& p = call.host.p();
  uint32_t from = Arg32(call, 0);
  uint32_t to = Arg32(call, 1);
  uint16_t told = 0;
  if (auto file = from == to ? std::nullopt : FindProvided(p, to)) {
    {
      std::lock_guard<std::mutex> lock(p.records_mutex);
      if (p.Find(from) == nullptr) return Finish(call, wasi::kBadf);
    }
    if (auto outcome = CloseProvided(call, *file, &told)) return *outcome;
  }
  fd_object* replaced = nullptr;
  {
    std::lock_guard<std::mutex> order(p.order_mutex);
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (p.Find(from) == nullptr || p.Find(to) == nullptr) return Finish(call, wasi::kBadf);
    if (from == to) return Finish(call, wasi::kSuccess);
    wasi::Errno error = wasmsh_fd_move(p.table, from, to, &replaced);
    if (error != 0) return Finish(call, error);
    p.Forget(to);
    p.records[to] = std::move(*p.Find(from));
    p.records.erase(from);
    p.offsets.Move(from, to);
    call.ReserveOp();
  }
  Close(replaced);  // as dup2(), which does not report it either
  return Finish(call, wasi::kSuccess);
}

Outcome FdPrestatGet(Call& call) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 1), kPrestatBytes);
  if (to == nullptr) return Finish(call, wasi::kFault);
  std::string path;
  if (!PreopenPath(call.host.p(), Arg32(call, 0), &path)) return Finish(call, wasi::kBadf);
  GuestMemory::Encode(to, kPrestatDirectory);
  GuestMemory::Encode(to + 4, static_cast<uint32_t>(path.size()));
  return Finish(call, wasi::kSuccess);
}

Outcome FdPrestatDirName(Call& call) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 1), Arg32(call, 2));
  if (to == nullptr) return Finish(call, wasi::kFault);
  std::string path;
  if (!PreopenPath(call.host.p(), Arg32(call, 0), &path)) return Finish(call, wasi::kBadf);
  if (path.size() > Arg32(call, 2)) return Finish(call, wasi::kNametoolong);
  memcpy(to, path.data(), path.size());
  return Finish(call, wasi::kSuccess);
}

Outcome FdFdstatGet(Call& call) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 1), kFdstatBytes);
  if (to == nullptr) return Finish(call, wasi::kFault);
  FdInUse fd(call.host.p(), Arg32(call, 0), 0);
  if (fd.error() != 0) return Finish(call, fd.error());
  memset(to, 0, kFdstatBytes);
  to[0] = fd.entry().type;
  GuestMemory::Encode(to + 2, FdflagsOf(fd.host_fd()));
  GuestMemory::Encode(to + 8, fd.entry().rights_base);
  GuestMemory::Encode(to + 16, fd.entry().rights_inheriting);
  return Finish(call, wasi::kSuccess);
}

Outcome FdFdstatSetFlags(Call& call) {
  uint32_t fdflags = Arg32(call, 1);
  if ((fdflags & ~kKnownFdflags) != 0) return Finish(call, wasi::kInval);
  HostState::Private& p = call.host.p();
  std::lock_guard<std::mutex> order(p.order_mutex);
  FdInUse fd(p, Arg32(call, 0), wasi::kFdFdstatSetFlags);
  if (fd.error() != 0) return Finish(call, fd.error());
  // The kernel would ignore a change of these and report success.
  uint32_t changed = fdflags ^ FdflagsOf(fd.host_fd());
  if ((changed & kSyncFdflags) != 0) return Finish(call, wasi::kNotsup);
  int flags = 0;
  if ((fdflags & wasi::kFdflagAppend) != 0) flags |= O_APPEND;
  if ((fdflags & wasi::kFdflagNonblock) != 0) flags |= O_NONBLOCK;
  if (fcntl(fd.host_fd(), F_SETFL, flags) != 0) return Finish(call, wasmsh_errno(errno));
  std::lock_guard<std::mutex> lock(p.records_mutex);
  for (auto& [other, record] : p.records) {
    if (!p.offsets.AreShared(Arg32(call, 0), other)) continue;
    record.logged_fdflags = static_cast<uint16_t>(fdflags);
  }
  p.offsets.SetAppends(Arg32(call, 0), (fdflags & wasi::kFdflagAppend) != 0);
  call.ReserveOp();
  return Finish(call, wasi::kSuccess);
}

Outcome FdFdstatSetRights(Call& call) {
  HostState::Private& p = call.host.p();
  std::lock_guard<std::mutex> order(p.order_mutex);
  wasi::Errno error = wasmsh_fd_restrict(p.table, Arg32(call, 0), call.args[1], call.args[2]);
  if (error == 0) call.ReserveOp();
  return Finish(call, error);
}

}  // namespace wasmsh::hostcalls
