#ifndef WASMSH_HOSTCALLS_OPEN_FILE_H_
#define WASMSH_HOSTCALLS_OPEN_FILE_H_

#include <cstdint>

namespace wasmsh::hostcalls {

/**
 * Opens the last component of a resolved path, never following a symbolic link (those that are to
 * be followed have been resolved inside the sandbox). The access mode follows from the rights: some
 * guests ask for FD_FILESTAT_SET_SIZE or FD_DATASYNC when they mean to read only, so without
 * FD_WRITE a file that refuses writing is opened for reading. `oflags` and `fdflags` are WASI's.
 * Returns a close-on-exec descriptor, or -1 with errno set; may wait (named pipes).
 */
int OpenFile(int directory_fd, const char* name, uint32_t oflags, uint32_t fdflags,
             uint64_t rights);

/** WASI fdflags of a host descriptor. */
uint16_t FdflagsOf(int host_fd);

/** The same of a file that was opened with `fdflags`: those that stand for others included. */
uint16_t FdflagsOfOpen(uint32_t fdflags);

/** Whether two host descriptors stand for one open file; false where the kernel does not tell. */
bool IsOneOpenFile(int host_fd, int other);

/** Where an open file stands; 0 for what has no position. */
uint64_t OffsetOf(int host_fd);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_OPEN_FILE_H_
