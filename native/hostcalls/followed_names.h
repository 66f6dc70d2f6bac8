#ifndef WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_
#define WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_

#include <cstdint>
#include <string>

#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {

/** A file by what a call named it, and the preopen that the call went through. */
struct LoggedPlace {
  NamePlace name;
  uint32_t preopen = 0;
  bool is_known = false;
};

/** Place of a path below an open directory, by what the log says of it; `follows` a link in the
 *  last place. Under records_mutex. */
LoggedPlace PlaceBelow(HostState::Private& p, uint32_t directory, const std::string& path,
                       bool follows);

/** The path of a file below its preopen, from that of the directory it was opened in and the path
 *  in there, as they are written: links are not looked at, and ".." stays. */
std::string JoinPaths(const std::string& directory, const std::string& path);

/** Begins to follow a file that was put in place or opened by that name: how many names it has that
 *  the log knows nothing of, the kernel has to say. Under records_mutex. */
void BeginToFollow(const HostState::Private& p, const LoggedPlace& place, int host_fd,
                   Record* record);

/** A file has a further name. Under records_mutex. */
void FollowLink(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to);

/** A symbolic link was made. Under records_mutex. */
void FollowSymlink(HostState::Private& p, const LoggedPlace& link, const std::string& target);

/** A name was taken away: open files of that name have another one, or none any more. Under
 *  records_mutex. */
void FollowRemoval(HostState::Private& p, const LoggedPlace& place);

/** A name was given to something else, with all that is below. Under records_mutex. */
void FollowRename(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FOLLOWED_NAMES_H_
