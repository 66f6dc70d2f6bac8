#include "platform/linux/guest_memory.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wasmsh::platform {
namespace {

// Linux moves at most 0x7ffff000 bytes a call.
constexpr uint64_t kMaxCallBytes = uint64_t{1} << 30;

// What a pipe takes at once without blocking, as pipe(7) promises for the default size.
constexpr uint64_t kPipeBytes = 65536;

bool ReadsAll(int fd, uint8_t* to, uint64_t length) {
  while (length > 0) {
    const ssize_t got = read(fd, to, length);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    length -= static_cast<uint64_t>(got);
  }
  return true;
}

/** Copies through a pipe: write and read give EFAULT where the CPU would fault. */
bool CopyThroughPipe(const uint8_t* from, uint8_t* to, uint64_t length) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return false;
  bool copied = true;
  while (copied && length > 0) {
    const ssize_t written = write(ends[1], from, std::min(length, kPipeBytes));
    if (written < 0 && errno == EINTR) continue;
    copied = written > 0 && ReadsAll(ends[0], to, static_cast<uint64_t>(written));
    if (!copied) break;
    from += written;
    to += written;
    length -= static_cast<uint64_t>(written);
  }
  close(ends[0]);
  close(ends[1]);
  return copied;
}

using TransferCall = ssize_t (*)(pid_t, const iovec*, unsigned long, const iovec*, unsigned long,
                                 unsigned long);

/** Calls process_vm_readv or process_vm_writev on this process until all is copied; sets `refused`
 *  where the call itself is not allowed (seccomp) or missing. */
bool Transfer(TransferCall call, uint8_t* local, uint8_t* remote, uint64_t length, bool* refused) {
  *refused = false;
  const pid_t self = getpid();
  while (length > 0) {
    const size_t part = static_cast<size_t>(std::min(length, kMaxCallBytes));
    const iovec local_part = {local, part};
    const iovec remote_part = {remote, part};
    const ssize_t copied = call(self, &local_part, 1, &remote_part, 1, 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) {
      *refused = copied < 0 && errno != EFAULT;
      return false;
    }
    local += copied;
    remote += copied;
    length -= static_cast<uint64_t>(copied);
  }
  return true;
}

}  // namespace

bool ReadOwnMemory(const uint8_t* address, uint64_t length, uint8_t* to) {
  bool refused = false;
  // SAFETY: process_vm_readv only reads the remote side; its interface has one iovec type for both.
  if (Transfer(process_vm_readv, to, const_cast<uint8_t*>(address), length, &refused)) return true;
  return refused && CopyThroughPipe(address, to, length);
}

bool WriteOwnMemory(uint8_t* address, uint64_t length, const uint8_t* from) {
  bool refused = false;
  // SAFETY: process_vm_writev only reads the local side.
  if (Transfer(process_vm_writev, const_cast<uint8_t*>(from), address, length, &refused)) {
    return true;
  }
  return refused && CopyThroughPipe(from, address, length);
}

}  // namespace wasmsh::platform
