#include "image/file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>

namespace wasmsh::image {
namespace {

// Linux moves at most 0x7ffff000 bytes a call; stay well below, page-aligned.
constexpr uint64_t kMaxTransferBytes = uint64_t{1} << 30;

std::string Reason(int system_errno) { return std::generic_category().message(system_errno); }

sigset_t FileSizeSignal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGXFSZ);
  return set;
}

}  // namespace

Status WriteFailure(const std::string& path, int system_errno) {
  if (system_errno == ENOSPC || system_errno == EDQUOT) {
    return Status::Error("STORE_FULL", "No space left to write " + path, system_errno);
  }
  if (system_errno == EFBIG) {
    return Status::Error("STORE_WRITE", "Larger than a file may be here (ulimit -f): " + path,
                         system_errno);
  }
  return Status::Error("STORE_WRITE", "Cannot write " + path + ": " + Reason(system_errno),
                       system_errno);
}

Status ReadFailure(const std::string& path, int system_errno) {
  return Status::Error("STORE_READ", "Cannot read " + path + ": " + Reason(system_errno),
                       system_errno);
}

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

File::File(File&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}

File& File::operator=(File&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}

Status File::Create(const std::string& path) {
  path_ = path;
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  return descriptor_ < 0 ? WriteFailure(path, errno) : Status::Ok();
}

Status File::OpenForReading(const std::string& path) {
  path_ = path;
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) return ReadFailure(path, errno);
  struct stat status;
  if (fstat(descriptor_, &status) != 0) return ReadFailure(path, errno);
  if (!S_ISREG(status.st_mode)) {
    return Status::Error("STORE_READ", "Not a regular file: " + path);
  }
  return Status::Ok();
}

Status File::WriteAt(uint64_t offset, const uint8_t* from, uint64_t length) const {
  while (length > 0) {
    const ssize_t written =
        pwrite(descriptor_, from, std::min(length, kMaxTransferBytes), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteFailure(path_, errno);
    if (written == 0) return WriteFailure(path_, EIO);
    from += written;
    offset += static_cast<uint64_t>(written);
    length -= static_cast<uint64_t>(written);
  }
  return Status::Ok();
}

Status File::ReadAt(uint64_t offset, uint8_t* to, uint64_t length) const {
  while (length > 0) {
    const ssize_t got =
        pread(descriptor_, to, std::min(length, kMaxTransferBytes), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadFailure(path_, errno);
    if (got == 0) {
      return Status::Error("SNAPSHOT_CORRUPT", path_ + " ends at byte " + std::to_string(offset) +
                                                   ", before its contents do");
    }
    to += got;
    offset += static_cast<uint64_t>(got);
    length -= static_cast<uint64_t>(got);
  }
  return Status::Ok();
}

Status File::Truncate(uint64_t bytes) const {
  if (ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) return WriteFailure(path_, errno);
  return Status::Ok();
}

Status File::SetMode(uint32_t mode) const {
  if (fchmod(descriptor_, mode) != 0) return WriteFailure(path_, errno);
  return Status::Ok();
}

Status File::Sync() const {
  if (fsync(descriptor_) != 0) return WriteFailure(path_, errno);
  return Status::Ok();
}

Status File::Close() {
  // Never retried: Linux frees the number even when close reports an error.
  if (close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
    return WriteFailure(path_, errno);
  }
  return Status::Ok();
}

Status File::Size(uint64_t* bytes) const {
  struct stat status;
  if (fstat(descriptor_, &status) != 0) return ReadFailure(path_, errno);
  *bytes = static_cast<uint64_t>(status.st_size);
  return Status::Ok();
}

Status WriteWholeFile(const std::string& path, const std::vector<uint8_t>& contents, bool sync) {
  ScopedFileSizeSignalBlock no_signal;
  File file;
  Status status = file.Create(path);
  if (!status.ok()) return status;
  status = file.WriteAt(0, contents.data(), contents.size());
  if (status.ok() && sync) status = file.Sync();
  if (status.ok()) status = file.Close();
  if (!status.ok()) unlink(path.c_str());
  return status;
}

ScopedFileSizeSignalBlock::ScopedFileSizeSignalBlock() {
  const sigset_t set = FileSizeSignal();
  sigset_t old;
  blocked_ = pthread_sigmask(SIG_BLOCK, &set, &old) == 0 && sigismember(&old, SIGXFSZ) == 0;
}

ScopedFileSizeSignalBlock::~ScopedFileSizeSignalBlock() {
  if (!blocked_) return;
  const sigset_t set = FileSizeSignal();
  const timespec now = {0, 0};
  while (sigtimedwait(&set, nullptr, &now) == SIGXFSZ) {
  }
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace wasmsh::image
