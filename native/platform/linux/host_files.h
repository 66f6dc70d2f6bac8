#ifndef WASMSH_PLATFORM_LINUX_HOST_FILES_H_
#define WASMSH_PLATFORM_LINUX_HOST_FILES_H_

#include <cstdint>
#include <string>

#include "status.h"

/** Files of the host, for those who put a guest's files in place. */
namespace wasmsh::platform {

/**
 * Opens a path below a directory, close-on-exec, with the flags of open(2). No "..", absolute path
 * or symbolic link leads out of the directory, also while somebody else changes it (openat2(2),
 * RESOLVE_BENEATH). Code: SYSTEM, with the errno; EXDEV for a path that leads out.
 */
Status OpenBeneath(const std::string& directory, const std::string& path, int flags, uint32_t mode,
                   int* host_fd);

/** Sets a file's time of modification, in nanoseconds since 1970. Code: SYSTEM. */
Status SetModified(int host_fd, uint64_t modified_ns);

/** Makes one file's contents those of another, holes included; both from their start, without their
 *  offsets. Code: SYSTEM. */
Status CopyContents(int from, int to);

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_HOST_FILES_H_
