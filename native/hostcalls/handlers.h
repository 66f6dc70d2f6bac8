#ifndef WASMSH_HOSTCALLS_HANDLERS_H_
#define WASMSH_HOSTCALLS_HANDLERS_H_

#include <cstdint>

#include "hostcalls/guest_memory.h"
#include "hostcalls/host_call.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/wamr_posix.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {

// One handler per call of WASI preview 1; docs/host-calls.md says what each does. Each checks every
// pointer before it has any effect, and may be entered again with the same arguments after it
// returned kInterrupted.
Outcome ArgsGet(Call& call);
Outcome ArgsSizesGet(Call& call);
Outcome ClockResGet(Call& call);
Outcome ClockTimeGet(Call& call);
Outcome EnvironGet(Call& call);
Outcome EnvironSizesGet(Call& call);
Outcome FdAdvise(Call& call);
Outcome FdAllocate(Call& call);
Outcome FdClose(Call& call);
Outcome FdDatasync(Call& call);
Outcome FdFdstatGet(Call& call);
Outcome FdFdstatSetFlags(Call& call);
Outcome FdFdstatSetRights(Call& call);
Outcome FdFilestatGet(Call& call);
Outcome FdFilestatSetSize(Call& call);
Outcome FdFilestatSetTimes(Call& call);
Outcome FdPread(Call& call);
Outcome FdPrestatDirName(Call& call);
Outcome FdPrestatGet(Call& call);
Outcome FdPwrite(Call& call);
Outcome FdRead(Call& call);
Outcome FdReaddir(Call& call);
Outcome FdRenumber(Call& call);
Outcome FdSeek(Call& call);
Outcome FdSync(Call& call);
Outcome FdTell(Call& call);
Outcome FdWrite(Call& call);
Outcome PathCreateDirectory(Call& call);
Outcome PathFilestatGet(Call& call);
Outcome PathFilestatSetTimes(Call& call);
Outcome PathLink(Call& call);
Outcome PathOpen(Call& call);
Outcome PathReadlink(Call& call);
Outcome PathRemoveDirectory(Call& call);
Outcome PathRename(Call& call);
Outcome PathSymlink(Call& call);
Outcome PathUnlinkFile(Call& call);
Outcome PollOneoff(Call& call);
Outcome ProcExit(Call& call);
Outcome ProcRaise(Call& call);
Outcome RandomGet(Call& call);
Outcome SchedYield(Call& call);
Outcome SockAccept(Call& call);
Outcome SockRecv(Call& call);
Outcome SockSend(Call& call);
Outcome SockShutdown(Call& call);

// What handlers share.

inline uint32_t Arg32(const Call& call, size_t index) {
  return static_cast<uint32_t>(call.args[index]);
}

inline Outcome Finish(Call& call, wasi::Errno error) {
  call.result = error;
  return Outcome::kDone;
}

/** After a system call failed with `host_errno`: interrupted if a stop is wanted. EINTR without one
 *  is for the caller to try again. */
inline bool MustStop(const Call& call, int host_errno) {
  return host_errno == EINTR && call.StopRequested();
}

/** Old programs import "wasi_unstable", in which a few layouts and numbers differ. */
bool IsUnstable(const Call& call);

/** A descriptor in use by a call, which keeps it open until it goes out of scope. */
class FdInUse {
 public:
  FdInUse(HostState::Private& p, uint32_t fd, uint64_t rights)
      : error_(wasmsh_fd_acquire(p.table, fd, rights, &fd_)) {}
  ~FdInUse() {
    if (error_ == 0) wasmsh_fd_release(fd_.object);
  }
  FdInUse(const FdInUse&) = delete;
  FdInUse& operator=(const FdInUse&) = delete;

  /** Why it cannot be used, 0 when it can: EBADF, ENOTCAPABLE. */
  wasi::Errno error() const { return error_; }
  int host_fd() const { return fd_.host_fd; }
  const WasmshFd& entry() const { return fd_; }

 private:
  WasmshFd fd_ = {};  // before error_, whose initializer fills it
  wasi::Errno error_;
};

/** Nanoseconds on one of WASI's four clocks; in deterministic runs each call moves time on. EINVAL
 *  for other clocks. */
wasi::Errno ReadClock(HostState& host, uint32_t clock, uint64_t* now);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_HANDLERS_H_
