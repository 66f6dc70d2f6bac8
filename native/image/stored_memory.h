#ifndef WASMSH_IMAGE_STORED_MEMORY_H_
#define WASMSH_IMAGE_STORED_MEMORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "image/file.h"
#include "image/memory_image.h"
#include "status.h"

namespace wasmsh::image {

/** The open image files of one stored memory. Reading is safe from several threads. */
class StoredMemory {
 public:
  /**
   * Checks the description and opens each file that it refers to. `image` must outlive this.
   * Codes: SNAPSHOT_CORRUPT (bad description, file too short or not named), STORE_READ.
   */
  Status Open(const MemoryImage& image, const std::vector<std::string>& paths);

  /** Reads a range inside the memory; what no extent covers is zero.
   *  Codes: SNAPSHOT_CORRUPT (file got shorter), STORE_READ. */
  Status Read(uint64_t offset, uint64_t length, uint8_t* to) const;

  const File& file(uint32_t image) const { return files_[image]; }

 private:
  const MemoryImage* image_ = nullptr;
  std::vector<File> files_;  // one per path; closed where no extent refers to it
};

/** Returns the index of the first extent that ends behind `offset`. */
size_t FirstExtentBehind(const std::vector<Extent>& extents, uint64_t offset);

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_STORED_MEMORY_H_
