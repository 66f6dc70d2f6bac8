#include "platform/linux/dirty_pages.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "platform/linux/pagemap.h"

namespace wasmsh::platform {
namespace {

// include/uapi/linux/userfaultfd.h of Linux 6.7; Debian 12's headers are older.
constexpr uint64_t kFeatureAsyncProtection = uint64_t{1} << 15;  // UFFD_FEATURE_WP_ASYNC

/**
 * What has been written: unprotected pages that hold something of their own. A page that is still
 * the file's, or the shared page of zeros, was only read. Naming present and swapped pages keeps
 * the kernel from protecting pages that do not exist yet, which it could only do by page table
 * entries that later count as swapped (see TouchedPages); such a page is reported anyway as soon as
 * it comes to be.
 */
PageQuery WrittenPages() {
  PageQuery query;
  query.all_of = kPageWritten;
  query.none_of = kPageFile | kPageZero;
  query.any_of = kPagePresent | kPageSwapped;
  query.protect = true;
  return query;
}

/** Opens userfaultfd for asynchronous write protection; -1 when this kernel will not. */
int OpenUserfaultfd() {
  // User mode only: no privilege needed. Asynchronous protection never waits for a handler, so
  // writes made by the kernel work all the same.
  const long opened = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
  if (opened < 0) return -1;
  const int descriptor = static_cast<int>(opened);
  uffdio_api api = {};
  api.api = UFFD_API;
  api.features = kFeatureAsyncProtection;
  if (ioctl(descriptor, UFFDIO_API, &api) == 0) return descriptor;
  close(descriptor);
  return -1;
}

/** Tries it all on one page: each part can be missing or forbidden by itself. */
bool TryOnOnePage() {
  const size_t bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  void* const mapped =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return false;
  auto* const page = static_cast<volatile uint8_t*>(mapped);
  page[0] = 1;
  bool works = false;
  {
    DirtyTracker tracker;
    std::vector<uint8_t> before;
    std::vector<uint8_t> after;
    works = tracker.Start(static_cast<uint8_t*>(mapped), bytes) && tracker.Collect(bytes, &before);
    page[0] = 2;
    works = works && tracker.Collect(bytes, &after) && before[0] == 0 && after[0] != 0;
  }
  munmap(mapped, bytes);
  return works;
}

}  // namespace

bool DirtyTracker::Available() {
  static const bool available = TryOnOnePage();
  return available;
}

DirtyTracker::~DirtyTracker() { Stop(); }

bool DirtyTracker::Start(uint8_t* memory, uint64_t bytes) {
  Stop();
  descriptor_ = OpenUserfaultfd();
  if (descriptor_ < 0) return false;
  memory_ = memory;
  bytes_ = bytes;
  if (!Protect(0, bytes)) {
    Stop();
    return false;
  }
  collected_ = NewBitmap(bytes);
  return true;
}

bool DirtyTracker::Protect(uint64_t begin, uint64_t end) {
  if (begin == end) return true;
  uffdio_register range = {};
  // SAFETY: addresses only travel as numbers to the kernel.
  range.range.start = reinterpret_cast<uintptr_t>(memory_ + begin);
  range.range.len = end - begin;
  range.mode = UFFDIO_REGISTER_MODE_WP;
  if (ioctl(descriptor_, UFFDIO_REGISTER, &range) != 0) return false;
  std::vector<uint8_t> ignored = NewBitmap(end - begin);
  return Pagemap().Scan(memory_ + begin, end - begin, WrittenPages(), &ignored);
}

bool DirtyTracker::Collect(uint64_t bytes, std::vector<uint8_t>* changed) {
  changed->clear();
  if (!running()) return false;
  const bool collected = bytes >= bytes_ &&
                         Pagemap().Scan(memory_, bytes_, WrittenPages(), &collected_) &&
                         Protect(bytes_, bytes);
  if (!collected) {
    Stop();
    return false;
  }
  collected_.resize(NewBitmap(bytes).size(), 0);
  SetBits(bytes_, bytes, &collected_);
  bytes_ = bytes;
  *changed = collected_;
  return true;
}

void DirtyTracker::Rebase() { collected_ = NewBitmap(bytes_); }

void DirtyTracker::Stop() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
  memory_ = nullptr;
  bytes_ = 0;
  collected_.clear();
}

}  // namespace wasmsh::platform
