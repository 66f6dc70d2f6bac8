#ifndef WASMSH_TEST_IMAGE_MEMORY_SUPPORT_H_
#define WASMSH_TEST_IMAGE_MEMORY_SUPPORT_H_

// Memories to write images of, and what is read back from them.

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "image/memory_image.h"

namespace wasmsh::test {

using Bytes = std::vector<uint8_t>;
using Random = std::mt19937_64;  // the same numbers on every machine for one seed

inline void FillPage(Random* random, uint64_t page, Bytes* memory) {
  for (uint64_t i = 0; i < image::kPageBytes; i += 8) {
    const uint64_t word = (*random)();
    std::memcpy(memory->data() + page * image::kPageBytes + i, &word, 8);
  }
}

/** A memory in which one page out of `one_in` has contents; runs of them, too. */
inline Bytes RandomMemory(Random* random, uint64_t blocks, uint64_t one_in) {
  Bytes memory(blocks * image::kBlockBytes, 0);
  const uint64_t pages = memory.size() / image::kPageBytes;
  for (uint64_t page = 0; page < pages; ++page) {
    if ((*random)() % one_in != 0) continue;
    for (uint64_t run = (*random)() % 4; page < pages; --run, ++page) {
      FillPage(random, page, &memory);
      if (run == 0) break;
    }
  }
  return memory;
}

inline image::MemoryReader ReaderOf(const Bytes& memory) {
  return [&memory](uint64_t offset, uint64_t length, uint8_t* to) {
    std::memcpy(to, memory.data() + offset, length);
    return true;
  };
}

/** Bitmap of the pages in which two memories differ; pages that only `after` has are set. */
inline Bytes ChangedPages(const Bytes& before, const Bytes& after) {
  const uint64_t pages = after.size() / image::kPageBytes;
  Bytes bitmap(pages / 8, 0);
  for (uint64_t page = 0; page < pages; ++page) {
    const uint64_t at = page * image::kPageBytes;
    const bool same =
        at < before.size() && std::memcmp(&before[at], &after[at], image::kPageBytes) == 0;
    if (!same) bitmap[page / 8] |= static_cast<uint8_t>(1u << page % 8);
  }
  return bitmap;
}

/** A memory as the engine has it: anonymous, within a larger reservation without access. */
class MappedMemory {
 public:
  explicit MappedMemory(uint64_t bytes) : bytes_(bytes) {
    area_ = mmap(nullptr, bytes + 2 * kGuardBytes, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area_ == MAP_FAILED) throw std::runtime_error("no memory");
    if (bytes > 0 && mprotect(begin(), bytes, PROT_READ | PROT_WRITE) != 0) {
      throw std::runtime_error("no access to memory");
    }
  }
  ~MappedMemory() { munmap(area_, bytes_ + 2 * kGuardBytes); }
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;

  uint8_t* begin() { return static_cast<uint8_t*>(area_) + kGuardBytes; }
  bool Equals(const Bytes& expected) {
    return expected.size() == bytes_ &&
           (bytes_ == 0 || std::memcmp(begin(), expected.data(), bytes_) == 0);
  }

 private:
  static constexpr uint64_t kGuardBytes = 1 << 20;
  uint64_t bytes_;
  void* area_;
};

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_IMAGE_MEMORY_SUPPORT_H_
