#ifndef WASMSH_HOSTCALLS_FILE_PLACE_H_
#define WASMSH_HOSTCALLS_FILE_PLACE_H_

#include <string>

#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {

/** Where an open file or directory can be found again. */
struct FilePlace {
  uint32_t preopen = 0;      // index of the preopen that it is below
  std::string path;          // below that
  std::string problem;       // why it cannot be found, empty when it can
  bool is_nameless = false;  // a file that was deleted, or replaced by another
};

/** Finds the path under which `host_fd` can be opened again: the one it was opened by if that is
 *  plain and still names it, else the one that the kernel knows it by, when it was renamed, else
 * any other name that it has below the preopens. */
FilePlace FindAgain(const HostState::Private& p, const Record& record, int host_fd);

/** How messages name a file or directory: "/data/log.txt". */
std::string GuestPathOf(const HostState::Private& p, const Record& record);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FILE_PLACE_H_
