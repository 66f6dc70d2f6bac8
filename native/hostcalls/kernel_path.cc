#include "hostcalls/kernel_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <string_view>

namespace wasmsh::hostcalls {
namespace {

/** What the kernel puts behind the path of a name that is gone; a file may be called so too. */
constexpr std::string_view kDeleted = " (deleted)";

bool IsMarked(const std::string& path) {
  return path.size() > kDeleted.size() &&
         path.compare(path.size() - kDeleted.size(), kDeleted.size(), kDeleted) == 0;
}

}  // namespace

std::string KernelPath(int host_fd) {
  char path[PATH_MAX];
  const std::string link = "/proc/self/fd/" + std::to_string(host_fd);
  ssize_t length = readlink(link.c_str(), path, sizeof path);
  if (length <= 0 || static_cast<size_t>(length) == sizeof path) return "";
  return std::string(path, static_cast<size_t>(length));
}

std::string PathBelow(const std::string& root, const std::string& path) {
  if (root.empty() || path.empty()) return "";
  if (path == root) return ".";
  const std::string prefix = root == "/" ? root : root + "/";
  if (path.compare(0, prefix.size(), prefix) != 0) return "";
  return path.substr(prefix.size());
}

std::string LastPathBelow(int root_fd, int host_fd) {
  std::string path = PathBelow(KernelPath(root_fd), KernelPath(host_fd));
  struct stat status;
  if (IsMarked(path) && fstat(host_fd, &status) == 0 && status.st_nlink == 0) {
    path.resize(path.size() - kDeleted.size());
  }
  return path;
}

bool HasLostName(int host_fd) {
  struct stat status;
  return IsMarked(KernelPath(host_fd)) && fstat(host_fd, &status) == 0 && status.st_nlink > 0;
}

}  // namespace wasmsh::hostcalls
