#include "hostcalls/stable_filestat.h"

#include <algorithm>
#include <utility>

#include "hostcalls/file_place.h"
#include "hostcalls/kernel_path.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint64_t kDevice = 1;

/** FNV-1a, never 0: libraries take an inode of 0 as "ask again". */
uint64_t HashOf(const std::string& root, const std::string& path) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const std::string* text : {&root, &path}) {
    for (unsigned char byte : *text) hash = (hash ^ byte) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;  // no byte of a path
  }
  return std::max<uint64_t>(hash >> 1, 1);  // positive as a signed number too
}

std::string ParentOf(const std::string& path) {
  size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

}  // namespace

uint64_t StableInode(const HostState::Private& p, const Record& record, int host_fd) {
  SeenPlace place = LastPlace(p, record, host_fd);
  if (HasLostName(host_fd)) {
    FilePlace other = FindAgain(p, record, host_fd);
    if (other.problem.empty()) place = {other.preopen, std::move(other.path)};
  }
  return HashOf(p.config.preopens[place.preopen].guest_path, place.path);
}

StableDirectory::StableDirectory(const HostState::Private& p, const Record& opened, int host_fd) {
  SeenPlace place = LastPlace(p, opened, host_fd);
  root_ = p.config.preopens[place.preopen].guest_path;
  path_ = std::move(place.path);
}

uint64_t StableDirectory::InodeOf(const std::string& name) const {
  if (name == ".") return HashOf(root_, path_);
  if (name == "..") return HashOf(root_, ParentOf(path_));
  const std::string plain = name.substr(0, name.find('/'));  // path_get keeps a trailing slash
  return HashOf(root_, path_ == "." ? plain : path_ + "/" + plain);
}

void MakeStable(const HostState::Private& p, uint64_t inode, Filestat* status) {
  uint64_t start = p.config.realtime_base_ns;
  status->device = kDevice;
  status->inode = inode;
  status->modified = std::min(status->modified, start);
  status->accessed = status->modified;
  status->changed = start;
  if (status->type != wasi::kDirectory) return;
  status->size = 0;
  status->links = 1;
}

}  // namespace wasmsh::hostcalls
