#ifndef WASMSH_IMAGE_MEMORY_IMAGE_H_
#define WASMSH_IMAGE_MEMORY_IMAGE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "image/hash.h"
#include "status.h"

/** Linear memory on disk: sparse, page-aligned images that can be mapped copy-on-write. */
namespace wasmsh::image {

constexpr uint64_t kPageBytes = 4096;    // granularity of extents
constexpr uint64_t kBlockBytes = 65536;  // granularity of checksums, and of memory sizes
constexpr uint64_t kMaxMemoryBytes = uint64_t{1} << 32;  // 65536 wasm pages

/** A run of pages whose contents stand in one image file at the same offset as in memory. */
struct Extent {
  uint64_t offset = 0;  // bytes, multiple of kPageBytes; in memory and in the file alike
  uint64_t length = 0;  // bytes, multiple of kPageBytes
  uint32_t image = 0;   // index in the list of images that the manifest names: 0 is the own one
};

struct MemoryImage {
  uint64_t bytes = 0;                 // size of the linear memory
  std::vector<Extent> extents;        // sorted, without overlap; what none covers is zero
  std::vector<Hash128> block_hashes;  // one per kBlockBytes, of the whole memory, zeros included
};

/** Reads `length` bytes at `offset` of the memory into `to`; false when they cannot be read. Called
 *  on the calling thread and one more. */
using MemoryReader = std::function<bool(uint64_t offset, uint64_t length, uint8_t* to)>;

struct WriteOptions {
  std::string path;  // the image file to create, mode 0400 when done; must not exist
  /** The parent's image, whose image 0 becomes image 1 here and so on; nullptr for a full image. */
  const MemoryImage* parent = nullptr;
  /** With a parent: pages that may have changed since, 1 bit per kPageBytes, little-endian bit
   *  order; empty when unknown (then blocks are compared by checksum). */
  std::vector<uint8_t> changed;
  /** Pages that were ever touched (bitmap as above); empty when unknown. Others are zero. */
  std::vector<uint8_t> touched;
  /** Where the memory stands, when some of its pages can be read in place: those in `in_place`
   *  (bitmap as above, but pages behind its end are not meant), which is several times faster. The
   *  reader is asked for all others. platform/linux/memory_source.h fills in these fields. */
  const uint8_t* memory = nullptr;
  std::vector<uint8_t> in_place;
  bool sync = true;  // fsync the file
  /** Called now and then on the calling thread, at last when all is written; false aborts with
   *  CANCELLED. */
  std::function<bool(uint64_t done_bytes)> progress;
};

/** Writes the pages that are not zero (and, with a parent, changed) and describes the whole memory.
 *  On failure nothing is left. Codes: STORE_FULL (ENOSPC, EDQUOT), STORE_WRITE, GUEST_MEMORY_LOST,
 *  CANCELLED. */
Status WriteImage(const MemoryReader& read, uint64_t memory_bytes, const WriteOptions& options,
                  MemoryImage* out);

/**
 * Puts the contents into `memory` (`image.bytes` long, page-aligned, private anonymous): maps up to
 * `max_mappings` extents copy-on-write, largest first, copies the rest, and makes everything else
 * read as zero. `paths[i]` is the file of image i.
 * Codes: SNAPSHOT_CORRUPT (file too short, extent out of range), STORE_READ.
 */
Status MapImage(const MemoryImage& image, const std::vector<std::string>& paths, uint8_t* memory,
                uint32_t max_mappings);

/** Checks every block against its checksum, reading the files. Code: SNAPSHOT_CORRUPT (names the
 *  block). */
Status VerifyImage(const MemoryImage& image, const std::vector<std::string>& paths);

/** Reads a range of a stored memory without mapping it. */
Status ReadImage(const MemoryImage& image, const std::vector<std::string>& paths, uint64_t offset,
                 uint64_t length, uint8_t* to);

/** Checks an untrusted description: sorted, aligned, inside `bytes`, image indices below
 *  `image_count`, one hash per block. Code: SNAPSHOT_CORRUPT. */
Status CheckImage(const MemoryImage& image, uint32_t image_count);

/** Encodes extents and hashes ("memory-N.idx", see docs/snapshot-format.md); Decode checks bounds
 *  before it allocates. */
std::vector<uint8_t> EncodeIndex(const MemoryImage& image);
Status DecodeIndex(const uint8_t* bytes, size_t size, MemoryImage* out);

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_MEMORY_IMAGE_H_
