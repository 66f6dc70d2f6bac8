#ifndef WASMSH_HOSTCALLS_FILE_PLACE_H_
#define WASMSH_HOSTCALLS_FILE_PLACE_H_

#include <optional>
#include <string>

#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {

/** Where an open file or directory can be found again. */
struct FilePlace {
  uint32_t preopen = 0;      // index of the preopen that it is below
  std::string path;          // below that
  std::string problem;       // why it cannot be found, empty when it can
  bool is_nameless = false;  // it was deleted, or replaced by another
};

/** Finds the path under which `host_fd` can be opened again: the one that the log has, or the one
 *  it was opened by if that is plain, when it names it; else the one that the kernel knows it by,
 *  else the first of the names that it has below the preopens. */
FilePlace FindAgain(const HostState::Private& p, const Record& record, int host_fd);

/** Where the log has an open file; where it was last, when it was removed. */
SeenPlace SeenByLog(const HostState::Private& p, const Record& record);

/** Where an open file is, links resolved: by the kernel, or by the log when it was removed, which
 * is then where it was last. The path is empty when it is below no preopen. */
SeenPlace LastPlace(const HostState::Private& p, const Record& record, int host_fd);

/** The first of the names that an open file has below the preopens, if any. */
std::optional<SeenPlace> FindOtherName(const HostState::Private& p, const Record& record,
                                       uint32_t fd);

/** How messages name a file or directory: "/data/log.txt". */
std::string GuestPathOf(const HostState::Private& p, const Record& record);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FILE_PLACE_H_
