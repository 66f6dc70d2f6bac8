#ifndef WASMSH_HOSTCALLS_FIND_NAME_H_
#define WASMSH_HOSTCALLS_FIND_NAME_H_

#include <sys/stat.h>

#include <string>

namespace wasmsh::hostcalls {

/**
 * Searches below a directory for a name of a file or directory, on the same file system and without
 * following symbolic links. Looks at everything there is, so it is for when nothing else tells.
 * Returns the path below the directory, the first in the order of bytes; empty when there is none.
 */
std::string FindName(int directory_fd, const struct stat& wanted);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FIND_NAME_H_
