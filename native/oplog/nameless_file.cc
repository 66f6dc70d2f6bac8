#include "oplog/nameless_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace wasmsh::oplog {

int OpenNamelessFile(const std::vector<std::string>& folders) {
  errno = ENOENT;
  for (const std::string& folder : folders) {
    int file = open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
      // A file system without nameless files.
      std::string name = folder + "/oplog-XXXXXX";
      file = mkostemp(name.data(), O_CLOEXEC);
      if (file >= 0) unlink(name.c_str());
    }
    if (file >= 0) return file;
  }
  return -1;
}

bool WriteAllAt(int file, const uint8_t* bytes, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t written = pwrite(file, bytes, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) return false;
    bytes += written;
    size -= size_t(written);
    offset += uint64_t(written);
  }
  return true;
}

bool ReadAllAt(int file, uint8_t* bytes, size_t size, uint64_t offset) {
  while (size > 0) {
    const ssize_t got = pread(file, bytes, size, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    bytes += got;
    size -= size_t(got);
    offset += uint64_t(got);
  }
  return true;
}

}  // namespace wasmsh::oplog
