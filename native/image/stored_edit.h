#ifndef WASMSH_IMAGE_STORED_EDIT_H_
#define WASMSH_IMAGE_STORED_EDIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "image/memory_image.h"
#include "status.h"

/** Stored memories compared and changed without a guest. */
namespace wasmsh::image {

/** Bytes that take the place of those at `offset`. */
struct Patch {
  uint64_t offset = 0;
  std::vector<uint8_t> bytes;
};

/**
 * Writes a child image of `base` in which the patches, in order, are applied. `base_paths[i]` is
 * the file of the base's image i; it is image i + 1 of the child.
 * Codes: MEMORY_RANGE (a patch outside the memory), those of WriteImage and ReadImage.
 */
Status PatchImage(const MemoryImage& base, const std::vector<std::string>& base_paths,
                  const std::vector<Patch>& patches, const std::string& path, bool sync,
                  MemoryImage* out);

/** A stored memory: its description and its files. */
struct StoredSource {
  const MemoryImage& image;
  const std::vector<std::string>& paths;
};

struct ByteRange {
  uint64_t offset = 0;
  uint64_t length = 0;
};

/**
 * Finds the ranges of bytes in which two memories differ, ascending, at most `limit` of them. What
 * only the larger memory has counts as different. Blocks with equal checksums are not read.
 */
Status DiffImages(const StoredSource& a, const StoredSource& b, size_t limit,
                  std::vector<ByteRange>* out);

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_STORED_EDIT_H_
