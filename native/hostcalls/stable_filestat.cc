#include "hostcalls/stable_filestat.h"

#include <algorithm>

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
  const std::string& root = p.config.preopens[record.index].guest_path;
  if (record.was_nameless) return HashOf(root, record.path);
  return HashOf(root, LastPathBelow(p.preopen_fds[record.index], host_fd));
}

StableDirectory::StableDirectory(const HostState::Private& p, uint32_t preopen, int host_fd)
    : root_(p.config.preopens[preopen].guest_path),
      path_(LastPathBelow(p.preopen_fds[preopen], host_fd)) {}

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
