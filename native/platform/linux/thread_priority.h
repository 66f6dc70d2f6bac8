#ifndef WASMSH_PLATFORM_LINUX_THREAD_PRIORITY_H_
#define WASMSH_PLATFORM_LINUX_THREAD_PRIORITY_H_

#include <sys/types.h>

namespace wasmsh::platform {

/**
 * The priority of one thread that gives way to others, as long as nobody waits for it. Where many
 * compute, a thread that gives way gets a third of the time of one that does not. Not thread-safe.
 */
class ThreadPriority {
 public:
  /** The calling thread gives way from now on. */
  void GiveWay();
  /** Somebody waits for the thread, which must not have ended: gives back what it gave up. The
   * kernel lets only a privileged process do that (CAP_SYS_NICE, or RLIMIT_NICE); else nothing
   * changes. */
  void Hurry();
  /** Nobody waits for it any more. */
  void Relax();

 private:
  pid_t thread_ = 0;
  int given_ = 0;  // steps of niceness
  bool hurries_ = false;
};

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_THREAD_PRIORITY_H_
