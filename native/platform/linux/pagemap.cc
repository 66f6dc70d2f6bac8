#include "platform/linux/pagemap.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace wasmsh::platform {
namespace {

// The ABI of PAGEMAP_SCAN as the kernel documents it (include/uapi/linux/fs.h of Linux 6.7):
// Debian 12's headers are older than the call.
struct PageRegion {
  uint64_t start;
  uint64_t end;
  uint64_t categories;
};

struct ScanArgument {
  uint64_t size;
  uint64_t flags;
  uint64_t start;
  uint64_t end;
  uint64_t walk_end;
  uint64_t regions;
  uint64_t region_count;
  uint64_t max_pages;
  uint64_t category_inverted;
  uint64_t category_mask;
  uint64_t category_anyof_mask;
  uint64_t return_mask;
};
static_assert(sizeof(PageRegion) == 24 && sizeof(ScanArgument) == 96);

constexpr unsigned long kPagemapScan = _IOWR('f', 16, ScanArgument);
constexpr uint64_t kScanProtectMatching = 1u << 0;   // PM_SCAN_WP_MATCHING
constexpr uint64_t kScanCheckProtectable = 1u << 1;  // PM_SCAN_CHECK_WPASYNC
constexpr size_t kRegionsPerCall = 1024;

// Bits of an entry of /proc/self/pagemap; same source.
constexpr uint64_t kEntryPresent = uint64_t{1} << 63;
constexpr uint64_t kEntrySwapped = uint64_t{1} << 62;

// SAFETY: addresses only travel as numbers to and from the kernel.
uint64_t AddressOf(const uint8_t* memory) { return reinterpret_cast<uintptr_t>(memory); }

/** Sets the bits of all parts of the range that are mapped from files. */
bool AddFileMappings(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap) {
  FILE* const maps = std::fopen("/proc/self/maps", "re");
  if (maps == nullptr) return false;
  const uint64_t base = AddressOf(memory);
  char* line = nullptr;
  size_t capacity = 0;
  while (getline(&line, &capacity, maps) > 0) {
    uint64_t begin = 0;
    uint64_t end = 0;
    uint64_t inode = 0;
    // See proc(5): address perms offset dev inode pathname.
    const int fields =
        std::sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*x %*x:%*x %" SCNu64, &begin, &end, &inode);
    if (fields != 3 || inode == 0 || end <= base || begin >= base + bytes) continue;
    SetBits(std::max(begin, base) - base, std::min(end, base + bytes) - base, bitmap);
  }
  const bool complete = std::ferror(maps) == 0;
  std::free(line);
  std::fclose(maps);
  return complete;
}

}  // namespace

std::vector<uint8_t> NewBitmap(uint64_t bytes) {
  return std::vector<uint8_t>((bytes / kBitmapPageBytes + 7) / 8, 0);
}

void SetBits(uint64_t begin, uint64_t end, std::vector<uint8_t>* bitmap) {
  uint64_t page = begin / kBitmapPageBytes;
  const uint64_t last = (end + kBitmapPageBytes - 1) / kBitmapPageBytes;
  while (page < last) {
    if (page % 8 == 0 && last - page >= 8) {
      const uint64_t whole = (last - page) / 8;
      std::fill_n(bitmap->begin() + static_cast<ptrdiff_t>(page / 8), whole, 0xff);
      page += whole * 8;
      continue;
    }
    (*bitmap)[page / 8] |= static_cast<uint8_t>(1u << page % 8);
    ++page;
  }
}

Pagemap::Pagemap() : descriptor_(open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC)) {}

Pagemap::~Pagemap() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool Pagemap::Scan(const uint8_t* memory, uint64_t bytes, const PageQuery& query,
                   std::vector<uint8_t>* bitmap) const {
  const uint64_t base = AddressOf(memory);
  std::vector<PageRegion> regions(kRegionsPerCall);
  ScanArgument scan = {};
  scan.size = sizeof(scan);
  scan.flags = query.protect ? kScanProtectMatching | kScanCheckProtectable : 0;
  scan.start = base;
  scan.end = base + bytes;
  scan.regions = reinterpret_cast<uintptr_t>(regions.data());
  scan.region_count = regions.size();
  scan.category_inverted = query.none_of;
  scan.category_mask = query.all_of | query.none_of;
  scan.category_anyof_mask = query.any_of;
  while (scan.start < scan.end) {
    const int count = ioctl(descriptor_, kPagemapScan, &scan);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    for (int i = 0; i < count; ++i) {
      SetBits(regions[i].start - base, regions[i].end - base, bitmap);
    }
    if (scan.walk_end <= scan.start) return false;
    scan.start = scan.walk_end;
  }
  return true;
}

bool Pagemap::IsOurs(uint64_t page_bytes) const {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  (void)page_bytes;
  return false;
#else
  uint64_t entry = 0;
  // SAFETY: only the address is used.
  const uint64_t page = AddressOf(reinterpret_cast<const uint8_t*>(&entry)) / page_bytes;
  const off_t at = static_cast<off_t>(page * sizeof entry);
  if (pread(descriptor_, &entry, sizeof entry, at) != sizeof entry) return false;
  return (entry & (kEntryPresent | kEntrySwapped)) != 0;
#endif
}

bool Pagemap::ReadPopulated(const uint8_t* memory, uint64_t bytes,
                            std::vector<uint8_t>* bitmap) const {
  const uint64_t page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (!IsOurs(page_bytes)) return false;
  const uint64_t first = AddressOf(memory) / page_bytes;
  const uint64_t pages = bytes / page_bytes;
  std::vector<uint64_t> entries(4096);
  for (uint64_t page = 0; page < pages;) {
    const size_t wanted = std::min<uint64_t>(entries.size(), pages - page) * sizeof(uint64_t);
    const ssize_t got = pread(descriptor_, entries.data(), wanted,
                              static_cast<off_t>((first + page) * sizeof(uint64_t)));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || got % sizeof(uint64_t) != 0) return false;
    const uint64_t count = static_cast<uint64_t>(got) / sizeof(uint64_t);
    for (uint64_t i = 0; i < count; ++i, ++page) {
      if ((entries[i] & (kEntryPresent | kEntrySwapped)) == 0) continue;
      SetBits(page * page_bytes, (page + 1) * page_bytes, bitmap);
    }
  }
  return true;
}

bool TouchedPages(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap) {
  *bitmap = NewBitmap(bytes);
  if (bytes == 0) return true;
  const Pagemap pagemap;
  PageQuery query;
  query.none_of = kPageZero;
  query.any_of = kPagePresent | kPageSwapped;
  return (pagemap.Scan(memory, bytes, query, bitmap) ||
          pagemap.ReadPopulated(memory, bytes, bitmap)) &&
         AddFileMappings(memory, bytes, bitmap);
}

bool OwnPages(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap) {
  *bitmap = NewBitmap(bytes);
  PageQuery query;
  query.none_of = kPageFile;
  query.any_of = kPagePresent | kPageSwapped;
  return Pagemap().Scan(memory, bytes, query, bitmap);
}

}  // namespace wasmsh::platform
