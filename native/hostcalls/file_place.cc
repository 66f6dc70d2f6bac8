#include "hostcalls/file_place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "hostcalls/find_name.h"
#include "hostcalls/kernel_path.h"

namespace wasmsh::hostcalls {
namespace {

/** Where the kernel has an open file, links resolved; where it was last, when it was deleted. The
 *  path is empty when it is below no preopen. */
SeenPlace KernelPlace(const HostState::Private& p, uint32_t preopen, int host_fd) {
  const size_t count = p.preopen_fds.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t index = (preopen + i) % count;
    std::string path = LastPathBelow(p.preopen_fds[index], host_fd);
    if (!path.empty()) return {static_cast<uint32_t>(index), std::move(path)};
  }
  return {preopen, ""};
}

bool Names(int preopen_fd, const std::string& path, const struct stat& wanted) {
  WasmshPath found = {};
  if (wasmsh_path_get_below(preopen_fd, path.data(), path.size(), &found) != 0) return false;
  struct stat status;
  bool same = fstatat(found.directory_fd, found.name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
              status.st_dev == wanted.st_dev && status.st_ino == wanted.st_ino;
  wasmsh_path_put(&found);
  return same;
}

/** Whether a path has no "", "." or ".." in it: others can be told apart from it as text. */
bool IsPlain(const std::string& path) {
  const std::string whole = "/" + path + "/";
  for (const char* part : {"//", "/./", "/../"}) {
    if (whole.find(part) != std::string::npos) return false;
  }
  return true;
}

/** Looks below every preopen, that of the record first, by a function that gives a path. */
template <typename Find>
bool FindBelowPreopens(const HostState::Private& p, uint32_t first, const struct stat& wanted,
                       const Find& find, FilePlace* place) {
  const size_t count = p.preopen_fds.size();
  for (size_t i = 0; i < count; ++i) {
    const size_t preopen = (first + i) % count;
    const std::string path = find(p.preopen_fds[preopen]);
    if (path.empty() || !Names(p.preopen_fds[preopen], path, wanted)) continue;
    place->preopen = static_cast<uint32_t>(preopen);
    place->path = path;
    return true;
  }
  return false;
}

}  // namespace

FilePlace FindAgain(const HostState::Private& p, const Record& record, int host_fd) {
  FilePlace place;
  place.preopen = record.index;
  place.path = record.path;
  struct stat status;
  if (fstat(host_fd, &status) != 0) {
    place.problem = "the system does not tell what it is";
    return place;
  }
  if (!record.is_removed) {
    const SeenPlace logged = SeenByLog(p, record);
    if (Names(p.preopen_fds[logged.preopen], logged.path, status)) {
      place.preopen = logged.preopen;
      place.path = logged.path;
      return place;
    }
  }
  if (IsPlain(record.path) && Names(p.preopen_fds[record.index], record.path, status)) return place;
  const std::string kernel_path = KernelPath(host_fd);
  const auto by_kernel = [&](int fd) { return PathBelow(KernelPath(fd), kernel_path); };
  if (FindBelowPreopens(p, record.index, status, by_kernel, &place)) return place;
  if (Names(p.preopen_fds[record.index], record.path, status)) return place;
  const bool is_removed = status.st_nlink == 0;
  // It tells one of the names only, which may be gone; a directory has no other.
  const auto by_search = [&](int fd) { return FindName(fd, status); };
  const bool may_have_another = !is_removed && !S_ISDIR(status.st_mode);
  if (may_have_another && FindBelowPreopens(p, record.index, status, by_search, &place)) {
    return place;
  }
  if (is_removed) {
    place.is_nameless = true;
    // Its last name is what it is known by. The kernel's is another where it had several.
    SeenPlace last = LastPlace(p, record, host_fd);
    if (!last.path.empty()) {
      place.preopen = last.preopen;
      place.path = std::move(last.path);
    }
    place.problem = "it was deleted while open";
  } else {
    place.problem = "it was replaced or moved away while open";
  }
  return place;
}

SeenPlace LastPlace(const HostState::Private& p, const Record& record, int host_fd) {
  return record.is_removed ? SeenByLog(p, record) : KernelPlace(p, record.index, host_fd);
}

SeenPlace SeenByLog(const HostState::Private& p, const Record& record) {
  SeenPlace seen = p.names.Seen(record.logged, record.logged_preopen);
  if (seen.path.empty()) seen.path = ".";
  return seen;
}

std::optional<SeenPlace> FindOtherName(const HostState::Private& p, const Record& record,
                                       uint32_t fd) {
  WasmshFd entry = {};
  if (wasmsh_fd_acquire(p.table, fd, 0, &entry) != 0) return std::nullopt;
  struct stat status;
  FilePlace place;
  const bool has_some = fstat(entry.host_fd, &status) == 0 && status.st_nlink > 0;
  wasmsh_fd_release(entry.object);
  const auto by_search = [&](int preopen_fd) { return FindName(preopen_fd, status); };
  if (!has_some || !FindBelowPreopens(p, record.logged_preopen, status, by_search, &place)) {
    return std::nullopt;
  }
  return SeenPlace{place.preopen, std::move(place.path)};
}

std::string GuestPathOf(const HostState::Private& p, const Record& record) {
  const std::string& root = p.config.preopens[record.index].guest_path;
  if (record.kind == RecordKind::kPreopen) return root;
  return root + (root.empty() || root.back() == '/' ? "" : "/") + record.path;
}

}  // namespace wasmsh::hostcalls
