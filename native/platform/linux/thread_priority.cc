#include "platform/linux/thread_priority.h"

#include <sys/resource.h>
#include <unistd.h>

namespace wasmsh::platform {

namespace {

constexpr int kNiceness = 5;

int NicenessOf(pid_t thread) { return getpriority(PRIO_PROCESS, id_t(thread)); }

/** Linux has a niceness for each thread. False when that may not be. */
bool Change(pid_t thread, int by) {
  return setpriority(PRIO_PROCESS, id_t(thread), NicenessOf(thread) + by) == 0;
}

}  // namespace

void ThreadPriority::GiveWay() {
  thread_ = gettid();
  const int before = NicenessOf(thread_);
  Change(thread_, kNiceness);
  given_ = NicenessOf(thread_) - before;  // there is an end to it
}

void ThreadPriority::Hurry() {
  if (thread_ != 0 && !hurries_) hurries_ = Change(thread_, -given_);
}

void ThreadPriority::Relax() {
  if (!hurries_) return;
  Change(thread_, given_);
  hurries_ = false;
}

}  // namespace wasmsh::platform
