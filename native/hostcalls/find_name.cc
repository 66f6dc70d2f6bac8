#include "hostcalls/find_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <set>

namespace wasmsh::hostcalls {
namespace {

/** Directories above which nothing is searched: each holds a host descriptor meanwhile. */
constexpr size_t kMaxDepth = 100;

bool IsSelfOrParent(const char* name) { return strcmp(name, ".") == 0 || strcmp(name, "..") == 0; }

class Search {
 public:
  explicit Search(const struct stat& wanted) : wanted_(wanted) {}

  /** Owns `fd`. True when the name was found; the path is then in `path`. */
  bool In(int fd, const std::string& prefix, size_t depth, std::string* path) const {
    std::unique_ptr<DIR, int (*)(DIR*)> stream(fdopendir(fd), closedir);
    if (stream == nullptr) {
      close(fd);
      return false;
    }
    // In the order of whole paths, so that the first one found is the same in every copy.
    std::set<std::string> names;  // of directories with a slash behind them
    while (const dirent* entry = readdir(stream.get())) {
      if (IsSelfOrParent(entry->d_name)) continue;
      struct stat status;
      if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (status.st_dev != wanted_.st_dev) continue;
      const bool is_directory = S_ISDIR(status.st_mode) && status.st_ino != wanted_.st_ino;
      if (is_directory || status.st_ino == wanted_.st_ino) {
        names.insert(std::string(entry->d_name) + (is_directory ? "/" : ""));
      }
    }
    for (const std::string& name : names) {
      if (name.back() != '/') {
        *path = prefix + name;
        return true;
      }
      if (depth == kMaxDepth) continue;
      const int below = openat(fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      if (below >= 0 && In(below, prefix + name, depth + 1, path)) return true;
    }
    return false;
  }

 private:
  const struct stat& wanted_;
};

}  // namespace

std::string FindName(int directory_fd, const struct stat& wanted) {
  std::string path;
  // A descriptor of its own: that of the directory may be one for paths only.
  const int fd = openat(directory_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0) Search(wanted).In(fd, "", 0, &path);
  return path;
}

}  // namespace wasmsh::hostcalls
