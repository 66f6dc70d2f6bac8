#include "hostcalls/kernel_path.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>

namespace wasmsh::hostcalls {

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
  const std::string mark = " (deleted)";
  struct stat status;
  bool is_marked =
      path.size() > mark.size() && path.compare(path.size() - mark.size(), mark.size(), mark) == 0;
  if (is_marked && fstat(host_fd, &status) == 0 && status.st_nlink == 0) {
    path.resize(path.size() - mark.size());
  }
  return path;
}

}  // namespace wasmsh::hostcalls
