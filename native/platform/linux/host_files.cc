#include "platform/linux/host_files.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace wasmsh::platform {
namespace {

Status Failed(const char* what) { return Status::Error("SYSTEM", what, errno); }

/** Copies a range by read and write, for file systems that cannot copy. */
bool CopyRange(int from, int to, off_t begin, off_t end) {
  std::vector<uint8_t> buffer(size_t(std::min<off_t>(end - begin, 1024 * 1024)));
  while (begin < end) {
    const size_t wanted = std::min<size_t>(buffer.size(), size_t(end - begin));
    const ssize_t got = pread(from, buffer.data(), wanted, begin);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) return true;  // it became shorter meanwhile
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = pwrite(to, buffer.data() + done, size_t(got - done), begin + done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return false;
      done += put;
    }
    begin += got;
  }
  return true;
}

bool CopyData(int from, int to, off_t begin, off_t end) {
  while (begin < end) {
    loff_t in = begin;
    loff_t out = begin;
    const ssize_t copied = copy_file_range(from, &in, to, &out, size_t(end - begin), 0);
    if (copied < 0 && errno == EINTR) continue;
    if (copied <= 0) return CopyRange(from, to, begin, end);
    begin += copied;
  }
  return true;
}

}  // namespace

Status OpenBeneath(const std::string& directory, const std::string& path, int flags, uint32_t mode,
                   int* host_fd) {
  const int root = open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return Failed("The directory cannot be opened");
  open_how how = {};
  how.flags = uint64_t(uint32_t(flags)) | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  do {
    *host_fd = int(syscall(SYS_openat2, root, path.c_str(), &how, sizeof how));
  } while (*host_fd < 0 && (errno == EAGAIN || errno == EINTR));
  Status status = *host_fd < 0 ? Failed("The path cannot be opened") : Status::Ok();
  close(root);
  return status;
}

Status SetModified(int host_fd, uint64_t modified_ns) {
  timespec times[2] = {};
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = time_t(modified_ns / 1'000'000'000);
  times[1].tv_nsec = long(modified_ns % 1'000'000'000);
  return futimens(host_fd, times) == 0 ? Status::Ok() : Failed("The time cannot be set");
}

Status CopyContents(int from, int to) {
  struct stat status;
  if (fstat(from, &status) != 0) return Failed("The file cannot be read");
  if (ftruncate(to, 0) != 0 || ftruncate(to, status.st_size) != 0) {
    return Failed("The size cannot be set");
  }
  const off_t before = lseek(from, 0, SEEK_CUR);
  for (off_t at = 0; at < status.st_size;) {
    off_t begin = lseek(from, at, SEEK_DATA);
    off_t end = status.st_size;
    if (begin < 0) {
      if (errno == ENXIO) break;  // nothing but a hole follows
      begin = at;                 // a file system that does not tell
    } else {
      end = lseek(from, begin, SEEK_HOLE);
      if (end < 0) end = status.st_size;
    }
    if (!CopyData(from, to, begin, end)) {
      Status failed = Failed("The contents cannot be copied");
      if (before >= 0) lseek(from, before, SEEK_SET);
      return failed;
    }
    at = end;
  }
  if (before >= 0) lseek(from, before, SEEK_SET);
  return Status::Ok();
}

}  // namespace wasmsh::platform
