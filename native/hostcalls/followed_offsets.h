#ifndef WASMSH_HOSTCALLS_FOLLOWED_OFFSETS_H_
#define WASMSH_HOSTCALLS_FOLLOWED_OFFSETS_H_

#include <atomic>
#include <cstdint>

namespace wasmsh::hostcalls {

/** Descriptors that one guest may hold; the process's own limit must not be one guest's to spend.
 */
constexpr uint32_t kMaxDescriptors = 1024;

/**
 * Where each descriptor stands by what the log says: the fold of reads, writes and seeks, kept as
 * they are made, so that nothing has to be read back. A few instructions a call and no lock; calls
 * of several threads on one descriptor at once may be counted in another order than they happened.
 */
class FollowedOffsets {
 public:
  /** At the end of the file: writes that append do not say where. */
  static constexpr uint64_t kAtEnd = UINT64_MAX;
  /** Read on from such a place. */
  static constexpr uint64_t kUnknown = UINT64_MAX - 1;

  void Begin(uint32_t fd, uint64_t offset, bool appends) {
    if (fd >= kMaxDescriptors) return;
    Set(fd, offset);
    SetAppends(fd, appends);
  }
  void SetAppends(uint32_t fd, bool appends) {
    if (fd < kMaxDescriptors) entries_[fd].appends.store(appends, std::memory_order_relaxed);
  }
  /** fd_renumber. */
  void Move(uint32_t from, uint32_t to) {
    if (from >= kMaxDescriptors) return;
    Begin(to, Get(from), entries_[from].appends.load(std::memory_order_relaxed));
  }

  void Read(uint32_t fd, uint64_t bytes) {
    if (bytes != 0 && fd < kMaxDescriptors) Add(entries_[fd], bytes);
  }
  void Written(uint32_t fd, uint64_t bytes) {
    if (bytes == 0 || fd >= kMaxDescriptors) return;
    Entry& entry = entries_[fd];
    if (entry.appends.load(std::memory_order_relaxed)) {
      entry.offset.store(kAtEnd, std::memory_order_relaxed);
    } else {
      Add(entry, bytes);
    }
  }
  /** A seek's result. */
  void Set(uint32_t fd, uint64_t offset) {
    if (fd < kMaxDescriptors) entries_[fd].offset.store(offset, std::memory_order_relaxed);
  }
  uint64_t Get(uint32_t fd) const {
    if (fd >= kMaxDescriptors) return kUnknown;
    return entries_[fd].offset.load(std::memory_order_relaxed);
  }

 private:
  struct Entry {
    std::atomic<uint64_t> offset{0};
    std::atomic<bool> appends{false};
  };

  static void Add(Entry& entry, uint64_t bytes) {
    uint64_t before = entry.offset.load(std::memory_order_relaxed);
    uint64_t after = 0;
    do {
      after = before >= kUnknown ? kUnknown : before + bytes;
    } while (!entry.offset.compare_exchange_weak(before, after, std::memory_order_relaxed));
  }

  Entry entries_[kMaxDescriptors];
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FOLLOWED_OFFSETS_H_
