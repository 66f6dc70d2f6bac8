#ifndef WASMSH_HOSTCALLS_STABLE_FILESTAT_H_
#define WASMSH_HOSTCALLS_STABLE_FILESTAT_H_

#include <cstdint>
#include <string>

#include "hostcalls/filestat.h"
#include "hostcalls/host_state_private.h"

/**
 * What a deterministic run tells of files: the same for every copy of a directory, on every host,
 * and at every time of day. Identity is a hash of the path below the preopen with its links
 * resolved.
 */
namespace wasmsh::hostcalls {

/** Inode of an open file or directory that was opened below a preopen. */
uint64_t StableInode(const HostState::Private& p, const Record& record, int host_fd);

/** A directory whose entries are to be told apart: an open one, or one below that. */
class StableDirectory {
 public:
  StableDirectory(const HostState::Private& p, const Record& opened, int host_fd);

  /** Inode of an entry, "." and ".." included. */
  uint64_t InodeOf(const std::string& name) const;

 private:
  std::string root_;
  std::string path_;
};

/** Replaces what differs between hosts and runs: device, inode, size and links of directories; no
 *  file is newer than the start of the run, and none remembers when it was read. */
void MakeStable(const HostState::Private& p, uint64_t inode, Filestat* status);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_STABLE_FILESTAT_H_
