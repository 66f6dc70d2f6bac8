#ifndef WASMSH_HOSTCALLS_UNREAD_INPUT_H_
#define WASMSH_HOSTCALLS_UNREAD_INPUT_H_

#include <cstdint>
#include <vector>

#include "status.h"

namespace wasmsh::hostcalls {

/** Copies what a pipe or socket holds, without taking it out. Nothing for anything else. Code:
 *  SNAPSHOT_INPUT. */
Status CopyUnread(int host_fd, std::vector<uint8_t>* out);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_UNREAD_INPUT_H_
