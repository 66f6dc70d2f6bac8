// The socket calls of preview 1. A guest gets no socket so far, so they say ENOTSOCK or EBADF; they
// work on one all the same.

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "hostcalls/guest_vectors.h"
#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint32_t kReceivePeek = 1;
constexpr uint32_t kReceiveWaitall = 2;
constexpr uint16_t kDataTruncated = 1;
constexpr uint32_t kShutdownRead = 1;
constexpr uint32_t kShutdownWrite = 2;
constexpr uint64_t kMostBytes = UINT32_MAX;

wasi::Errno EnterSocket(Call& call, int host_fd, uint32_t* fd) {
  HostState::Private& p = call.host.p();
  uint8_t type = 0;
  uint64_t rights = 0;
  uint64_t inheriting = 0;
  wasi::Errno error = wasmsh_type_and_rights(host_fd, &type, &rights, &inheriting);
  if (error != 0) return error;
  std::lock_guard<std::mutex> order(p.order_mutex);
  std::lock_guard<std::mutex> lock(p.records_mutex);
  error = p.Insert(WASMSH_FD_LOWEST, host_fd, type, rights, inheriting, Record(), fd);
  if (error == 0) call.ReserveOp();
  return error;
}

}  // namespace

Outcome SockAccept(Call& call) {
  const GuestMemory& memory = call.memory;
  uint32_t fdflags = Arg32(call, 1);
  if (!memory.Contains(Arg32(call, 2), 4)) return Finish(call, wasi::kFault);
  if ((fdflags & ~wasi::kFdflagNonblock) != 0) return Finish(call, wasi::kInval);
  FdInUse listener(call.host.p(), Arg32(call, 0), 0);
  if (listener.error() != 0) return Finish(call, listener.error());
  {
    // Before the connection is taken. Another thread may still take the last number.
    HostState::Private& p = call.host.p();
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (p.records.size() >= kMaxDescriptors) return Finish(call, wasi::kMfile);
  }
  int flags = SOCK_CLOEXEC | (fdflags != 0 ? SOCK_NONBLOCK : 0);
  int host_fd = -1;
  for (;;) {
    host_fd = accept4(listener.host_fd(), nullptr, nullptr, flags);
    if (host_fd >= 0) break;
    int error = errno;
    if (MustStop(call, error)) return Outcome::kInterrupted;
    if (error != EINTR) return Finish(call, wasmsh_errno(error));
  }
  uint32_t fd = 0;
  if (wasi::Errno error = EnterSocket(call, host_fd, &fd)) {
    close(host_fd);
    return Finish(call, error);
  }
  memory.Store(Arg32(call, 2), fd);
  return Finish(call, wasi::kSuccess);
}

Outcome SockRecv(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestVectors vectors(memory, Arg32(call, 1), Arg32(call, 2));
  if (wasi::Errno error = vectors.Check()) return Finish(call, error);
  if (!memory.Contains(Arg32(call, 4), 4) || !memory.Contains(Arg32(call, 5), 2)) {
    return Finish(call, wasi::kFault);
  }
  if ((Arg32(call, 3) & ~(kReceivePeek | kReceiveWaitall)) != 0) return Finish(call, wasi::kInval);
  FdInUse fd(call.host.p(), Arg32(call, 0), wasi::kFdRead);
  if (fd.error() != 0) return Finish(call, fd.error());
  int flags = 0;
  if ((Arg32(call, 3) & kReceivePeek) != 0) flags |= MSG_PEEK;
  if ((Arg32(call, 3) & kReceiveWaitall) != 0) flags |= MSG_WAITALL;
  iovec entries[GuestVectors::kBatch];
  uint64_t wanted = 0;
  msghdr message = {};
  message.msg_iov = entries;
  message.msg_iovlen = static_cast<size_t>(vectors.Batch(0, kMostBytes, entries, &wanted));
  for (;;) {
    ssize_t got = recvmsg(fd.host_fd(), &message, flags);
    int error = errno;
    if (got >= 0) {
      bool is_cut = (message.msg_flags & MSG_TRUNC) != 0;
      memory.Store(Arg32(call, 4), static_cast<uint32_t>(got));
      memory.Store(Arg32(call, 5), static_cast<uint16_t>(is_cut ? kDataTruncated : 0));
      return Finish(call, wasi::kSuccess);
    }
    if (MustStop(call, error)) return Outcome::kInterrupted;
    if (error != EINTR) return Finish(call, wasmsh_errno(error));
  }
}

Outcome SockSend(Call& call) {
  const GuestMemory& memory = call.memory;
  GuestVectors vectors(memory, Arg32(call, 1), Arg32(call, 2));
  if (wasi::Errno error = vectors.Check()) return Finish(call, error);
  if (!memory.Contains(Arg32(call, 4), 4)) return Finish(call, wasi::kFault);
  if (Arg32(call, 3) != 0) return Finish(call, wasi::kInval);  // no flag is defined
  FdInUse fd(call.host.p(), Arg32(call, 0), wasi::kFdWrite);
  if (fd.error() != 0) return Finish(call, fd.error());
  uint64_t& done = call.progress.transferred;
  do {
    iovec entries[GuestVectors::kBatch];
    uint64_t wanted = 0;
    msghdr message = {};
    message.msg_iov = entries;
    message.msg_iovlen = static_cast<size_t>(vectors.Batch(done, kMostBytes, entries, &wanted));
    ssize_t sent = sendmsg(fd.host_fd(), &message, MSG_NOSIGNAL);
    if (sent < 0) {
      int error = errno;
      if (MustStop(call, error)) return Outcome::kInterrupted;
      if (error == EINTR) continue;
      if (done == 0) return Finish(call, wasmsh_errno(error));
      break;  // the next call meets the error again
    }
    if (sent == 0) break;
    done += static_cast<uint64_t>(sent);
  } while (done < vectors.total());
  memory.Store(Arg32(call, 4), static_cast<uint32_t>(done));
  return Finish(call, wasi::kSuccess);
}

Outcome SockShutdown(Call& call) {
  uint32_t how = Arg32(call, 1);
  if (how == 0 || (how & ~(kShutdownRead | kShutdownWrite)) != 0) return Finish(call, wasi::kInval);
  FdInUse fd(call.host.p(), Arg32(call, 0), 0);
  if (fd.error() != 0) return Finish(call, fd.error());
  int host_how = how == kShutdownRead ? SHUT_RD : how == kShutdownWrite ? SHUT_WR : SHUT_RDWR;
  bool is_done = shutdown(fd.host_fd(), host_how) == 0;
  return Finish(call, is_done ? wasi::kSuccess : wasmsh_errno(errno));
}

}  // namespace wasmsh::hostcalls
