#include "hostcalls/unread_input.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace wasmsh::hostcalls {
namespace {

Status Failed(int error) {
  return Status::Error("SNAPSHOT_INPUT", "input that the guest has not read yet cannot be copied",
                       error);
}

/** Duplicates the front of a pipe into one of our own of the same size, and empties that. */
Status CopyPipe(int host_fd, size_t bytes, std::vector<uint8_t>* out) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return Failed(errno);
  int size = fcntl(host_fd, F_GETPIPE_SZ);
  if (size > 0) (void)fcntl(ends[1], F_SETPIPE_SZ, size);
  ssize_t copied = tee(host_fd, ends[1], bytes, SPLICE_F_NONBLOCK);
  int error = copied < 0 ? errno : 0;
  out->resize(bytes);
  size_t done = 0;
  while (error == 0 && done < bytes) {
    ssize_t got = read(ends[0], out->data() + done, bytes - done);
    if (got > 0) {
      done += static_cast<size_t>(got);
    } else {
      error = got == 0 ? EIO : errno;
    }
  }
  close(ends[0]);
  close(ends[1]);
  if (error == 0) return Status::Ok();
  out->clear();
  return Failed(error);
}

Status CopySocket(int host_fd, size_t bytes, std::vector<uint8_t>* out) {
  out->resize(bytes);
  ssize_t got = recv(host_fd, out->data(), bytes, MSG_PEEK | MSG_DONTWAIT);
  if (got >= 0 && static_cast<size_t>(got) == bytes) return Status::Ok();
  out->clear();
  return Failed(got < 0 ? errno : EIO);
}

}  // namespace

Status CopyUnread(int host_fd, std::vector<uint8_t>* out) {
  out->clear();
  struct stat status;
  if (fstat(host_fd, &status) != 0) return Failed(errno);
  if (!S_ISFIFO(status.st_mode) && !S_ISSOCK(status.st_mode)) return Status::Ok();
  int bytes = 0;
  if (ioctl(host_fd, FIONREAD, &bytes) != 0) return Failed(errno);
  if (bytes <= 0) return Status::Ok();
  size_t count = static_cast<size_t>(bytes);
  return S_ISFIFO(status.st_mode) ? CopyPipe(host_fd, count, out) : CopySocket(host_fd, count, out);
}

}  // namespace wasmsh::hostcalls
