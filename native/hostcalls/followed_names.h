#ifndef WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_
#define WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_

#include <cstdint>
#include <string>

#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {

/** A file by its path below a preopen, as the guest's calls name it: links are not looked at. */
struct LoggedPlace {
  uint32_t index = 0;  // of the preopen
  std::string path;
  bool is_known = false;
};

/** The path of a file below its preopen, from that of the directory it was opened in and the path
 * in there. Drops "." and doubled slashes; ".." stays, since what it means depends on links. */
std::string JoinPaths(const std::string& directory, const std::string& path);

/** Place of a path below an open directory, by what the log says of it. Under records_mutex. */
LoggedPlace PlaceBelow(HostState::Private& p, uint32_t directory, const std::string& path);

/** A name was taken away: open files of that name have none any more. Under records_mutex. */
void FollowRemoval(HostState::Private& p, const LoggedPlace& place);

/** A name was given to something else, with all that is below. Under records_mutex. */
void FollowRename(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_
