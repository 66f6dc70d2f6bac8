#include "hostcalls/filestat.h"

#include <cstring>

#include "hostcalls/guest_memory.h"

namespace wasmsh::hostcalls {

Filestat FilestatOf(const __wasi_filestat_t& status) {
  Filestat result;
  result.device = status.st_dev;
  result.inode = status.st_ino;
  result.type = status.st_filetype;
  result.links = status.st_nlink;
  result.size = status.st_size;
  result.accessed = status.st_atim;
  result.modified = status.st_mtim;
  result.changed = status.st_ctim;
  return result;
}

void EncodeFilestat(const Filestat& status, bool is_unstable, uint8_t* to) {
  memset(to, 0, FilestatBytes(is_unstable));
  GuestMemory::Encode(to, status.device);
  GuestMemory::Encode(to + 8, status.inode);
  to[16] = status.type;
  if (is_unstable) {
    GuestMemory::Encode(to + 20, static_cast<uint32_t>(status.links));
    to += 24;
  } else {
    GuestMemory::Encode(to + 24, status.links);
    to += 32;
  }
  GuestMemory::Encode(to, status.size);
  GuestMemory::Encode(to + 8, status.accessed);
  GuestMemory::Encode(to + 16, status.modified);
  GuestMemory::Encode(to + 24, status.changed);
}

}  // namespace wasmsh::hostcalls
