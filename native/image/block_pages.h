#ifndef WASMSH_IMAGE_BLOCK_PAGES_H_
#define WASMSH_IMAGE_BLOCK_PAGES_H_

#include <cstdint>
#include <vector>

#include "image/memory_image.h"

namespace wasmsh::image {

constexpr uint32_t kPagesPerBlock = static_cast<uint32_t>(kBlockBytes / kPageBytes);

/** The pages of one block: bit i is page i of the block. */
using BlockPages = uint16_t;
static_assert(kPagesPerBlock == 16);

constexpr BlockPages kAllPages = 0xffff;

/** Reads a block's bits of a page bitmap; bytes behind the bitmap's end count as `beyond`. */
inline BlockPages PagesOfBlock(const std::vector<uint8_t>& bitmap, uint64_t block, uint8_t beyond) {
  const uint64_t at = block * 2;
  const uint32_t low = at < bitmap.size() ? bitmap[at] : beyond;
  const uint32_t high = at + 1 < bitmap.size() ? bitmap[at + 1] : beyond;
  return static_cast<BlockPages>(low | high << 8);
}

/** Calls `each(first_page, end_page)` for every run of set pages, ascending; stops when it returns
 *  false, and then returns false. */
template <typename Each>
bool ForEachRun(BlockPages pages, Each each) {
  for (uint32_t page = 0; page < kPagesPerBlock;) {
    if ((pages >> page & 1) == 0) {
      ++page;
      continue;
    }
    const uint32_t first = page;
    while (page < kPagesPerBlock && (pages >> page & 1) != 0) ++page;
    if (!each(first, page)) return false;
  }
  return true;
}

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_BLOCK_PAGES_H_
