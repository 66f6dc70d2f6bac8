#ifndef WASMSH_PLATFORM_LINUX_PAGEMAP_H_
#define WASMSH_PLATFORM_LINUX_PAGEMAP_H_

#include <cstdint>
#include <vector>

/** The kernel's knowledge about the pages of this process. */
namespace wasmsh::platform {

/** Page bitmaps have 1 bit per 4096 bytes, in little-endian bit order, whatever the CPU's page. */
constexpr uint64_t kBitmapPageBytes = 4096;

/** Returns an empty bitmap for a range of that many bytes. */
std::vector<uint8_t> NewBitmap(uint64_t bytes);

/** Sets the bits of the pages from byte `begin` to byte `end`. */
void SetBits(uint64_t begin, uint64_t end, std::vector<uint8_t>* bitmap);

/** Categories of pages, PAGE_IS_* of the PAGEMAP_SCAN ioctl (Linux 6.7).
 *  See https://docs.kernel.org/admin-guide/mm/pagemap.html#pagemap-scan-ioctl */
enum PageCategory : uint64_t {
  kPageWritten = 1u << 1,  // not write-protected since
  kPageFile = 1u << 2,     // the file's own page, not a private copy of it
  kPagePresent = 1u << 3,
  kPageSwapped = 1u << 4,
  kPageZero = 1u << 5,  // the kernel's shared page of zeros
};

struct PageQuery {
  uint64_t all_of = 0;   // categories that a page must have
  uint64_t none_of = 0;  // ... must not have
  uint64_t any_of = 0;   // ... of which it must have one; 0 for no such condition
  /** Write-protect what matches, in the same step; fails where no tracker is registered. */
  bool protect = false;
};

/** /proc/self/pagemap; of the process that opened it, also after a fork. */
class Pagemap {
 public:
  Pagemap();
  ~Pagemap();
  Pagemap(const Pagemap&) = delete;
  Pagemap& operator=(const Pagemap&) = delete;

  /** Sets the bits of the pages in the range that match. False when this kernel cannot, or with
   *  `protect` where pages are not registered; the bitmap may then be filled in part. */
  bool Scan(const uint8_t* memory, uint64_t bytes, const PageQuery& query,
            std::vector<uint8_t>* bitmap) const;

  /** Sets the bits of pages that are present or swapped out, without PAGEMAP_SCAN. False when the
   *  file cannot be read, or tells of another machine. */
  bool ReadPopulated(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap) const;

 private:
  /** False under an emulator whose addresses or byte order are not those of the machine below it:
   *  it hands that one's file on. Entries in the wrong order look much like others, so that a
   *  big-endian CPU does without. */
  bool IsOurs(uint64_t page_bytes) const;

  int descriptor_;
};

/**
 * Finds the pages of a range that can be other than zero: those that were ever written, and all
 * that are mapped from a file, even when not yet faulted in. False when the kernel does not say;
 * then any page may.
 */
bool TouchedPages(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap);

/** Finds the pages of a range that this process holds itself, so that no file that got lost can
 *  make reading them fail. False when the kernel does not say. */
bool OwnPages(const uint8_t* memory, uint64_t bytes, std::vector<uint8_t>* bitmap);

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_PAGEMAP_H_
