#include "hostcalls/kernel_path.h"

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

}  // namespace wasmsh::hostcalls
