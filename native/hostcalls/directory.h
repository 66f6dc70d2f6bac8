#ifndef WASMSH_HOSTCALLS_DIRECTORY_H_
#define WASMSH_HOSTCALLS_DIRECTORY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace wasmsh::hostcalls {

struct DirectoryEntry {
  std::string name;
  uint64_t inode = 0;
  uint8_t type = 0;     // WASI filetype
  uint64_t cookie = 0;  // asks for what comes after this entry
};

/** A directory as it was at one moment, in the order of cookies. */
struct DirectoryListing {
  std::vector<DirectoryEntry> entries;
  /** When it was read: time of the directory's last change in nanoseconds, and how often the guest
   *  had changed directories. */
  int64_t changed_ns = 0;
  uint64_t changes = 0;
};

/**
 * Reads a whole directory. A cookie is a hash of its entry's name, and entries come in the order of
 * their cookies ("." and ".." first): so a position means the same after other entries came or
 * went, in another process and on another host, and the order does not depend on the file system.
 * Cookies are below 2^31, since telldir() of 32-bit guests keeps no more. Returns a WASI errno; a
 * directory that was removed is empty.
 */
uint16_t ReadDirectory(int host_fd, DirectoryListing* out);

/** Time of the last change to an open directory or its links; 0 when the host cannot tell. */
int64_t ChangedNs(int host_fd);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_DIRECTORY_H_
