#include "hostcalls/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "hostcalls/wamr_posix.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint64_t kDotCookie = 1;
constexpr uint64_t kDotDotCookie = 2;
constexpr uint64_t kFirstCookie = 3;
constexpr uint64_t kCookieLimit = 1ull << 31;

/** FNV-1a over the name, then the finalizer of splitmix64, which spreads what few bits short names
 *  differ in. Part of the snapshot format: guests keep cookies in their memory. */
uint64_t CookieOf(const std::string& name) {
  if (name == ".") return kDotCookie;
  if (name == "..") return kDotDotCookie;
  uint64_t hash = 0xcbf29ce484222325;
  for (unsigned char byte : name) hash = (hash ^ byte) * 0x100000001b3;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  hash ^= hash >> 31;
  // Room is left at the end for entries that move up because of equal hashes.
  return kFirstCookie + hash % (kCookieLimit - kFirstCookie - (1u << 20));
}

uint8_t TypeOfMode(mode_t mode) {
  if (S_ISREG(mode)) return wasi::kRegularFile;
  if (S_ISDIR(mode)) return wasi::kDirectory;
  if (S_ISLNK(mode)) return wasi::kSymbolicLink;
  if (S_ISCHR(mode)) return wasi::kCharacterDevice;
  if (S_ISBLK(mode)) return wasi::kBlockDevice;
  if (S_ISFIFO(mode) || S_ISSOCK(mode)) return wasi::kSocketStream;
  return wasi::kUnknown;
}

uint8_t TypeOf(int directory_fd, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return TypeOfMode(DTTOIF(entry.d_type));
  struct stat status;
  if (fstatat(directory_fd, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return wasi::kUnknown;
  return TypeOfMode(status.st_mode);
}

void AssignOrder(std::vector<DirectoryEntry>* entries) {
  std::sort(entries->begin(), entries->end(), [](const auto& a, const auto& b) {
    return a.cookie != b.cookie ? a.cookie < b.cookie : a.name < b.name;
  });
  // Equal hashes: the later name moves up. Rare enough (one pair in 65,000 names) to accept that
  // its cookie changes when the earlier one is removed.
  for (size_t i = 1; i < entries->size(); ++i) {
    DirectoryEntry& entry = (*entries)[i];
    entry.cookie = std::max(entry.cookie, (*entries)[i - 1].cookie + 1);
  }
}

}  // namespace

int64_t ChangedNs(int host_fd) {
  struct stat status;
  if (fstat(host_fd, &status) != 0) return 0;
  return static_cast<int64_t>(status.st_ctim.tv_sec) * 1'000'000'000 + status.st_ctim.tv_nsec;
}

uint16_t ReadDirectory(int host_fd, DirectoryListing* out) {
  // Before reading: what changes meanwhile makes the listing stale, never falsely fresh.
  out->changed_ns = ChangedNs(host_fd);
  out->entries.clear();
  // A descriptor of its own leaves the position of the guest's alone.
  int fd = openat(host_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno == ENOENT ? wasi::kSuccess : wasmsh_errno(errno);
  std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fd), closedir);
  if (stream == nullptr) {
    uint16_t error = wasmsh_errno(errno);
    close(fd);
    return error;
  }
  errno = 0;
  while (const dirent* entry = readdir(stream.get())) {
    DirectoryEntry& added = out->entries.emplace_back();
    added.name = entry->d_name;
    added.inode = entry->d_ino;
    added.type = TypeOf(fd, *entry);
    added.cookie = CookieOf(added.name);
    errno = 0;
  }
  if (errno != 0) return wasmsh_errno(errno);
  AssignOrder(&out->entries);
  return wasi::kSuccess;
}

}  // namespace wasmsh::hostcalls
