#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <numeric>

#include "image/memory_image.h"
#include "image/stored_memory.h"

namespace wasmsh::image {
namespace {

// NORESERVE: a copy-on-write memory of 4 GiB must not need 4 GiB of free memory at once, the same
// as before when the area was reserved without access.
constexpr int kMapFlags = MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE;

/** Makes a range read as zero whatever it was, without ever leaving it unmapped. */
Status MapZeros(uint8_t* memory, uint64_t bytes) {
  if (bytes == 0) return Status::Ok();
  if (mmap(memory, bytes, PROT_READ | PROT_WRITE, kMapFlags | MAP_ANONYMOUS, -1, 0) == memory) {
    return Status::Ok();
  }
  const int system_errno = errno;
  return Status::Error("STORE_READ", "Cannot map the guest's memory", system_errno);
}

/** True when this CPU's pages, which can be larger than those of an image, allow a mapping. */
bool CanMap(const Extent& extent, uint64_t page_bytes) {
  return extent.offset % page_bytes == 0 && extent.length % page_bytes == 0;
}

bool MapExtent(const Extent& extent, const File& file, uint8_t* memory) {
  uint8_t* const at = memory + extent.offset;
  return mmap(at, extent.length, PROT_READ | PROT_WRITE, kMapFlags, file.descriptor(),
              static_cast<off_t>(extent.offset)) == at;
}

/** Copies an extent; the range is anonymous zero memory. */
Status CopyExtent(const Extent& extent, const File& file, uint8_t* memory) {
  return file.ReadAt(extent.offset, memory + extent.offset, extent.length);
}

/** Returns the numbers of all extents, the `count` largest first. */
std::vector<uint32_t> LargestFirst(const std::vector<Extent>& extents, uint64_t count) {
  std::vector<uint32_t> order(extents.size());
  std::iota(order.begin(), order.end(), 0);
  if (count < order.size()) {
    std::nth_element(order.begin(), order.begin() + static_cast<ptrdiff_t>(count), order.end(),
                     [&](uint32_t a, uint32_t b) { return extents[a].length > extents[b].length; });
  }
  return order;
}

}  // namespace

Status MapImage(const MemoryImage& image, const std::vector<std::string>& paths, uint8_t* memory,
                uint32_t max_mappings) {
  StoredMemory stored;
  Status status = stored.Open(image, paths);
  if (!status.ok()) return status;
  status = MapZeros(memory, image.bytes);
  if (!status.ok()) return status;
  const std::vector<uint32_t> order = LargestFirst(image.extents, max_mappings);
  const uint64_t page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  uint64_t mapped = 0;
  bool may_map = true;
  for (const uint32_t number : order) {
    const Extent& extent = image.extents[number];
    const File& file = stored.file(extent.image);
    if (may_map && mapped < max_mappings && CanMap(extent, page_bytes)) {
      if (MapExtent(extent, file, memory)) {
        ++mapped;
        continue;
      }
      // Too many mappings in this process, or a file system that cannot: copying does as well. A
      // failed mapping may have removed what was there.
      may_map = false;
      status = MapZeros(memory + extent.offset, extent.length);
      if (!status.ok()) return status;
    }
    status = CopyExtent(extent, file, memory);
    if (!status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace wasmsh::image
