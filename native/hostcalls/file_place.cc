#include "hostcalls/file_place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "hostcalls/kernel_path.h"

namespace wasmsh::hostcalls {
namespace {

bool Names(int preopen_fd, const std::string& path, const struct stat& wanted) {
  WasmshPath found = {};
  if (wasmsh_path_get_below(preopen_fd, path.data(), path.size(), &found) != 0) return false;
  struct stat status;
  bool same = fstatat(found.directory_fd, found.name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
              status.st_dev == wanted.st_dev && status.st_ino == wanted.st_ino;
  wasmsh_path_put(&found);
  return same;
}

}  // namespace

FilePlace FindAgain(const HostState::Private& p, const Record& record, int host_fd) {
  FilePlace place;
  place.path = record.path;
  int preopen_fd = p.preopen_fds[record.index];
  struct stat status;
  if (fstat(host_fd, &status) != 0) {
    place.problem = "the system does not tell what it is";
    return place;
  }
  if (Names(preopen_fd, record.path, status)) return place;
  const std::string renamed = PathBelow(KernelPath(preopen_fd), KernelPath(host_fd));
  if (!renamed.empty() && Names(preopen_fd, renamed, status)) {
    place.path = renamed;
  } else if (status.st_nlink == 0 || S_ISDIR(status.st_mode)) {
    place.is_nameless = S_ISREG(status.st_mode);
    place.problem = "it was deleted while open";
  } else {
    place.problem = "it was replaced or moved away while open";
  }
  return place;
}

std::string GuestPathOf(const HostState::Private& p, const Record& record) {
  const std::string& root = p.config.preopens[record.index].guest_path;
  if (record.kind == RecordKind::kPreopen) return root;
  return root + (root.empty() || root.back() == '/' ? "" : "/") + record.path;
}

}  // namespace wasmsh::hostcalls
