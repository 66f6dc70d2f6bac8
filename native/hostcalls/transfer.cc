// fd_read, fd_write, fd_pread and fd_pwrite.

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "hostcalls/guest_vectors.h"
#include "hostcalls/handlers.h"
#include "hostcalls/provided_files.h"

namespace wasmsh::hostcalls {
namespace {

// The kernel finishes a transfer with a regular file however long it is: this much between two
// looks at whether a pause is wanted. One piece takes well under a millisecond from the page cache.
constexpr uint64_t kPieceBytes = 1 << 20;

enum class Direction : uint8_t { kRead, kWrite };

struct Transfer {
  Direction direction;
  bool at_offset;   // pread, pwrite
  uint64_t offset;  // of the call's first byte
  uint32_t result_address;
};

ssize_t Move(const Transfer& transfer, int fd, const iovec* entries, int count, uint64_t done) {
  if (transfer.at_offset) {
    off_t offset = static_cast<off_t>(transfer.offset + done);
    return transfer.direction == Direction::kRead ? preadv(fd, entries, count, offset)
                                                  : pwritev(fd, entries, count, offset);
  }
  if (count == 1) {
    return transfer.direction == Direction::kRead
               ? read(fd, entries[0].iov_base, entries[0].iov_len)
               : write(fd, entries[0].iov_base, entries[0].iov_len);
  }
  return transfer.direction == Direction::kRead ? readv(fd, entries, count)
                                                : writev(fd, entries, count);
}

void CountOutput(HostState& host, int fd, uint64_t bytes) {
  HostState::Private& p = host.p();
  if (fd == p.stream_fds[1].load(std::memory_order_relaxed)) {
    host.counters().stdout_bytes.fetch_add(bytes, std::memory_order_relaxed);
  } else if (fd == p.stream_fds[2].load(std::memory_order_relaxed)) {
    host.counters().stderr_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }
}

/** Moves what is left of the call. The bytes so far are in call.progress. */
Outcome MoveAll(Call& call, const Transfer& transfer, const GuestVectors& vectors, int fd,
                bool is_file) {
  uint64_t& done = call.progress.transferred;
  while (done < vectors.total()) {
    iovec entries[GuestVectors::kBatch];
    uint64_t wanted = 0;
    int count = vectors.Batch(done, kPieceBytes, entries, &wanted);
    if (count == 0) break;
    ssize_t moved = Move(transfer, fd, entries, count, done);
    if (moved < 0) {
      int error = errno;
      if (MustStop(call, error)) return Outcome::kInterrupted;
      if (error == EINTR) continue;
      if (done > 0) break;  // the next call meets the error again
      return Finish(call, wasmsh_errno(error));
    }
    done += static_cast<uint64_t>(moved);
    if (transfer.direction == Direction::kRead) {
      // A file is read as far as asked; from anything else, what is there is enough.
      if (!is_file || static_cast<uint64_t>(moved) < wanted) break;
    } else {
      CountOutput(call.host, fd, static_cast<uint64_t>(moved));
      if (moved == 0) break;
    }
    if (done < vectors.total() && call.StopRequested()) return Outcome::kInterrupted;
  }
  return Outcome::kDone;
}

Outcome Perform(Call& call, const Transfer& transfer) {
  if (auto file = FindProvided(call.host.p(), Arg32(call, 0))) {
    if (transfer.at_offset) return Finish(call, wasi::kSpipe);
    return transfer.direction == Direction::kRead ? ReadProvided(call, *file)
                                                  : WriteProvided(call, *file);
  }
  const GuestMemory& memory = call.memory;
  bool reading = transfer.direction == Direction::kRead;
  FdInUse fd(call.host.p(), Arg32(call, 0), reading ? wasi::kFdRead : wasi::kFdWrite);
  if (fd.error() != 0) return Finish(call, fd.error());
  GuestVectors vectors(memory, Arg32(call, 1), Arg32(call, 2));
  if (wasi::Errno error = vectors.Check()) return Finish(call, error);
  if (!memory.Contains(transfer.result_address, 4)) return Finish(call, wasi::kFault);
  if (transfer.at_offset && transfer.offset > INT64_MAX - vectors.total()) {
    return Finish(call, wasi::kInval);
  }
  bool is_file = fd.entry().type == wasi::kRegularFile;
  call.result = wasi::kSuccess;
  Outcome outcome = MoveAll(call, transfer, vectors, fd.host_fd(), is_file);
  if (outcome == Outcome::kDone && call.result == wasi::kSuccess) {
    memory.Store(transfer.result_address, static_cast<uint32_t>(call.progress.transferred));
  }
  return outcome;
}

}  // namespace

Outcome FdRead(Call& call) { return Perform(call, {Direction::kRead, false, 0, Arg32(call, 3)}); }

Outcome FdWrite(Call& call) { return Perform(call, {Direction::kWrite, false, 0, Arg32(call, 3)}); }

Outcome FdPread(Call& call) {
  return Perform(call, {Direction::kRead, true, call.args[3], Arg32(call, 4)});
}

Outcome FdPwrite(Call& call) {
  return Perform(call, {Direction::kWrite, true, call.args[3], Arg32(call, 4)});
}

}  // namespace wasmsh::hostcalls
