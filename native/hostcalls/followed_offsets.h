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
 * Which descriptors there are is changed by one thread at a time.
 */
class FollowedOffsets {
 public:
  /** At the end of the file: writes that append do not say where. */
  static constexpr uint64_t kAtEnd = UINT64_MAX;
  /** Read on from such a place. */
  static constexpr uint64_t kUnknown = UINT64_MAX - 1;

  FollowedOffsets() {
    for (auto& file : files_) file.store(kNone, std::memory_order_relaxed);
  }

  /** A descriptor with an open file of its own. */
  void Begin(uint32_t fd, uint64_t offset, bool appends) {
    if (fd >= kMaxDescriptors) return;
    End(fd);
    // There are as many entries as descriptors; most often that of the same number is free.
    uint32_t file = fd;
    while (users_[file] != 0) file = (file + 1) % kMaxDescriptors;
    users_[file] = 1;
    entries_[file].offset.store(offset, std::memory_order_relaxed);
    entries_[file].appends.store(appends, std::memory_order_relaxed);
    files_[fd].store(static_cast<uint16_t>(file), std::memory_order_relaxed);
  }
  /** A descriptor stands for the open file of another one. */
  void Share(uint32_t fd, uint32_t other) {
    const uint32_t file = FileOf(other);
    if (fd >= kMaxDescriptors || file == kNone || file == FileOf(fd)) return;
    End(fd);
    users_[file]++;
    files_[fd].store(static_cast<uint16_t>(file), std::memory_order_relaxed);
  }
  bool AreShared(uint32_t fd, uint32_t other) const {
    return FileOf(fd) != kNone && FileOf(fd) == FileOf(other);
  }
  /** fd_close. */
  void End(uint32_t fd) {
    const uint32_t file = FileOf(fd);
    if (file == kNone) return;
    users_[file]--;
    files_[fd].store(kNone, std::memory_order_relaxed);
  }
  /** fd_renumber. */
  void Move(uint32_t from, uint32_t to) {
    if (to >= kMaxDescriptors || FileOf(from) == kNone) return;
    End(to);
    files_[to].store(static_cast<uint16_t>(FileOf(from)), std::memory_order_relaxed);
    files_[from].store(kNone, std::memory_order_relaxed);
  }

  void SetAppends(uint32_t fd, bool appends) {
    const uint32_t file = FileOf(fd);
    if (file != kNone) entries_[file].appends.store(appends, std::memory_order_relaxed);
  }
  void Read(uint32_t fd, uint64_t bytes) {
    const uint32_t file = FileOf(fd);
    if (bytes != 0 && file != kNone) Add(entries_[file], bytes);
  }
  void Written(uint32_t fd, uint64_t bytes) {
    const uint32_t file = FileOf(fd);
    if (bytes == 0 || file == kNone) return;
    Entry& entry = entries_[file];
    if (entry.appends.load(std::memory_order_relaxed)) {
      entry.offset.store(kAtEnd, std::memory_order_relaxed);
    } else {
      Add(entry, bytes);
    }
  }
  /** A seek's result. */
  void Set(uint32_t fd, uint64_t offset) {
    const uint32_t file = FileOf(fd);
    if (file != kNone) entries_[file].offset.store(offset, std::memory_order_relaxed);
  }
  uint64_t Get(uint32_t fd) const {
    const uint32_t file = FileOf(fd);
    return file == kNone ? kUnknown : entries_[file].offset.load(std::memory_order_relaxed);
  }

 private:
  static constexpr uint16_t kNone = UINT16_MAX;

  /** An open file: several descriptors may stand for it. */
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

  uint32_t FileOf(uint32_t fd) const {
    return fd < kMaxDescriptors ? files_[fd].load(std::memory_order_relaxed) : kNone;
  }

  std::atomic<uint16_t> files_[kMaxDescriptors];  // entries of descriptors
  uint16_t users_[kMaxDescriptors] = {};          // descriptors of entries
  Entry entries_[kMaxDescriptors];
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_FOLLOWED_OFFSETS_H_
