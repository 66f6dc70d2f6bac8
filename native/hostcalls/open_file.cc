#include "hostcalls/open_file.h"

#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint64_t kReading = wasi::kFdRead | wasi::kFdReaddir;
constexpr uint64_t kWriting =
    wasi::kFdDatasync | wasi::kFdWrite | wasi::kFdAllocate | wasi::kFdFilestatSetSize;

int FlagsOf(uint32_t oflags, uint32_t fdflags) {
  int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
  if ((oflags & wasi::kOpenCreate) != 0) flags |= O_CREAT;
  if ((oflags & wasi::kOpenDirectory) != 0) flags |= O_DIRECTORY;
  if ((oflags & wasi::kOpenExclusive) != 0) flags |= O_EXCL;
  if ((oflags & wasi::kOpenTruncate) != 0) flags |= O_TRUNC;
  if ((fdflags & wasi::kFdflagAppend) != 0) flags |= O_APPEND;
  if ((fdflags & wasi::kFdflagDsync) != 0) flags |= O_DSYNC;
  if ((fdflags & wasi::kFdflagNonblock) != 0) flags |= O_NONBLOCK;
  if ((fdflags & wasi::kFdflagRsync) != 0) flags |= O_RSYNC;
  if ((fdflags & wasi::kFdflagSync) != 0) flags |= O_SYNC;
  return flags;
}

bool RefusesWriting(int error) {
  return error == EACCES || error == EROFS || error == EISDIR || error == ETXTBSY || error == EPERM;
}

}  // namespace

int OpenFile(int directory_fd, const char* name, uint32_t oflags, uint32_t fdflags,
             uint64_t rights) {
  constexpr mode_t kMode = 0666;  // less the process's umask, as for any program
  int flags = FlagsOf(oflags, fdflags);
  bool is_directory = (oflags & wasi::kOpenDirectory) != 0;
  if ((rights & kWriting) != 0 && !is_directory) {
    int mode = (rights & kReading) != 0 ? O_RDWR : O_WRONLY;
    int fd = openat(directory_fd, name, flags | mode, kMode);
    if (fd >= 0 || (rights & wasi::kFdWrite) != 0 || !RefusesWriting(errno)) return fd;
  }
  return openat(directory_fd, name, flags | O_RDONLY, kMode);
}

uint16_t FdflagsOf(int host_fd) {
  int flags = fcntl(host_fd, F_GETFL);
  if (flags < 0) return 0;
  uint32_t result = 0;
  if ((flags & O_APPEND) != 0) result |= wasi::kFdflagAppend;
  if ((flags & O_NONBLOCK) != 0) result |= wasi::kFdflagNonblock;
  // O_SYNC contains O_DSYNC; O_RSYNC is O_SYNC on Linux.
  if ((flags & O_SYNC) == O_SYNC) {
    result |= wasi::kFdflagSync | wasi::kFdflagDsync;
  } else if ((flags & O_DSYNC) != 0) {
    result |= wasi::kFdflagDsync;
  }
  return static_cast<uint16_t>(result);
}

uint16_t FdflagsOfOpen(uint32_t fdflags) {
  constexpr uint32_t kWhole = wasi::kFdflagSync | wasi::kFdflagRsync;
  uint32_t result = fdflags & (wasi::kFdflagAppend | wasi::kFdflagNonblock | wasi::kFdflagDsync);
  if ((fdflags & kWhole) != 0) result |= wasi::kFdflagSync | wasi::kFdflagDsync;
  return static_cast<uint16_t>(result);
}

bool IsOneOpenFile(int host_fd, int other) {
  const pid_t self = getpid();
  // A kernel that was built without it says that no two are the same.
  return syscall(SYS_kcmp, self, self, KCMP_FILE, host_fd, other) == 0;
}

uint64_t OffsetOf(int host_fd) {
  const off_t offset = lseek(host_fd, 0, SEEK_CUR);
  return offset < 0 ? 0 : static_cast<uint64_t>(offset);
}

}  // namespace wasmsh::hostcalls
