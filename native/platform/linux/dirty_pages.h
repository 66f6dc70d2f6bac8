#ifndef WASMSH_PLATFORM_LINUX_DIRTY_PAGES_H_
#define WASMSH_PLATFORM_LINUX_DIRTY_PAGES_H_

#include <cstdint>
#include <vector>

namespace wasmsh::platform {

/**
 * Finds the pages of a memory that were written since a moment, at the cost of one quick page fault
 * for each page written. Pages are write-protected asynchronously: the kernel clears the protection
 * at the first write by itself and nobody is told, so reads, system calls into the memory, fork and
 * munmap work as before. Needs Linux 6.7 (userfaultfd with UFFD_FEATURE_WP_ASYNC, PAGEMAP_SCAN).
 *
 * The memory is private: anonymous, or mapped copy-on-write from files; it may grow at its end.
 * Nobody may call it from two threads at once. Start and Collect are exact only while the guest
 * does not run; what it writes meanwhile is reported either now or by the next Collect.
 */
class DirtyTracker {
 public:
  /** False where the kernel is too old or refuses (seccomp): then compare checksums. */
  static bool Available();

  DirtyTracker() = default;
  ~DirtyTracker();
  DirtyTracker(const DirtyTracker&) = delete;
  DirtyTracker& operator=(const DirtyTracker&) = delete;

  /** Begins with the memory as it is now. False when it cannot be tracked. */
  bool Start(uint8_t* memory, uint64_t bytes);

  /**
   * Reports the pages written since Start or the last Rebase (a few that were not may be among
   * them); `bytes` is the size of the memory now, and what it grew by counts as written. The bitmap
   * is as in pagemap.h. False when tracking was lost: any page may have been written, and the
   * tracker has stopped.
   */
  bool Collect(uint64_t bytes, std::vector<uint8_t>* changed);

  /** Forgets what was collected: it is safely stored. Without it the next Collect, after a snapshot
   *  that failed, reports it again. */
  void Rebase();

  /** Ends tracking; the memory may be gone already. */
  void Stop();

  bool running() const { return descriptor_ >= 0; }

 private:
  /** Registers a range with userfaultfd and write-protects the pages in it. */
  bool Protect(uint64_t begin, uint64_t end);

  int descriptor_ = -1;
  uint8_t* memory_ = nullptr;
  uint64_t bytes_ = 0;
  std::vector<uint8_t> collected_;  // since Start or Rebase
};

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_DIRTY_PAGES_H_
