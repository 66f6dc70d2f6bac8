#ifndef WASMSH_HOSTCALLS_KERNEL_PATH_H_
#define WASMSH_HOSTCALLS_KERNEL_PATH_H_

#include <string>

namespace wasmsh::hostcalls {

/** Host path of an open file as the kernel knows it, links resolved; empty when it does not say. A
 *  deleted file has " (deleted)" behind its last path. */
std::string KernelPath(int host_fd);

/** The rest of `path` below the directory `root`, "." for the directory itself; empty when it is
 * not below it. */
std::string PathBelow(const std::string& root, const std::string& path);

/** Path of an open file below the directory `root_fd`; of a deleted one the path that it had. Empty
 *  when it is not below it. */
std::string LastPathBelow(int root_fd, int host_fd);

/** Whether a file that still has names has lost the one that the kernel knows it by. */
bool HasLostName(int host_fd);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_KERNEL_PATH_H_
