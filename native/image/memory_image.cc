#include "image/memory_image.h"

#include <algorithm>

#include "image/hash.h"
#include "image/parallel.h"
#include "image/stored_memory.h"

namespace wasmsh::image {
namespace {

constexpr uint64_t kVerifyUnitBlocks = 4;  // 256 KiB at a time stay in the CPU's cache

Status Corrupt(std::string message) {
  return Status::Error("SNAPSHOT_CORRUPT", std::move(message));
}

Status CheckExtent(const Extent& extent, uint64_t previous_end, uint64_t bytes, size_t number,
                   uint32_t image_count) {
  const std::string name = "Extent " + std::to_string(number) + " of the memory index";
  if (extent.offset % kPageBytes != 0 || extent.length % kPageBytes != 0 || extent.length == 0) {
    return Corrupt(name + " is empty or not made of whole pages");
  }
  if (extent.offset > bytes || extent.length > bytes - extent.offset) {
    return Corrupt(name + " lies outside the memory of " + std::to_string(bytes) + " bytes");
  }
  if (extent.offset < previous_end) {
    return Corrupt(name + " overlaps the one before or is out of order");
  }
  if (extent.image >= image_count) {
    return Corrupt(name + " refers to image " + std::to_string(extent.image) + " of " +
                   std::to_string(image_count));
  }
  return Status::Ok();
}

}  // namespace

Status CheckImage(const MemoryImage& image, uint32_t image_count) {
  if (image.bytes % kBlockBytes != 0 || image.bytes > kMaxMemoryBytes) {
    return Corrupt("A memory cannot have " + std::to_string(image.bytes) + " bytes");
  }
  if (image.block_hashes.size() != image.bytes / kBlockBytes) {
    return Corrupt("The memory index has " + std::to_string(image.block_hashes.size()) +
                   " checksums for " + std::to_string(image.bytes / kBlockBytes) + " blocks");
  }
  uint64_t previous_end = 0;
  for (size_t i = 0; i < image.extents.size(); ++i) {
    Status checked = CheckExtent(image.extents[i], previous_end, image.bytes, i, image_count);
    if (!checked.ok()) return checked;
    previous_end = image.extents[i].offset + image.extents[i].length;
  }
  return Status::Ok();
}

Status ReadImage(const MemoryImage& image, const std::vector<std::string>& paths, uint64_t offset,
                 uint64_t length, uint8_t* to) {
  if (offset > image.bytes || length > image.bytes - offset) {
    return Status::Error("MEMORY_RANGE", "Bytes " + std::to_string(offset) + " to " +
                                             std::to_string(offset + length) +
                                             " are outside the memory of " +
                                             std::to_string(image.bytes) + " bytes");
  }
  StoredMemory stored;
  Status opened = stored.Open(image, paths);
  if (!opened.ok()) return opened;
  return stored.Read(offset, length, to);
}

Status VerifyImage(const MemoryImage& image, const std::vector<std::string>& paths) {
  StoredMemory stored;
  Status opened = stored.Open(image, paths);
  if (!opened.ok()) return opened;
  const std::vector<uint8_t> zeros(kBlockBytes, 0);
  const Hash128 zero_hash = HashBytes(zeros.data(), zeros.size());
  const uint64_t blocks = image.block_hashes.size();
  std::vector<uint8_t> buffers[kMaxWorkers];
  return ForEachUnit((blocks + kVerifyUnitBlocks - 1) / kVerifyUnitBlocks, [&](uint64_t unit,
                                                                               uint32_t worker) {
    std::vector<uint8_t>& buffer = buffers[worker];
    buffer.resize(kVerifyUnitBlocks * kBlockBytes);
    const uint64_t first = unit * kVerifyUnitBlocks;
    const uint64_t last = std::min(first + kVerifyUnitBlocks, blocks);
    const size_t extent = FirstExtentBehind(image.extents, first * kBlockBytes);
    const bool is_zero =
        extent == image.extents.size() || image.extents[extent].offset >= last * kBlockBytes;
    if (!is_zero) {
      Status read = stored.Read(first * kBlockBytes, (last - first) * kBlockBytes, buffer.data());
      if (!read.ok()) return read;
    }
    for (uint64_t block = first; block < last; ++block) {
      const Hash128 hash =
          is_zero ? zero_hash : HashBytes(&buffer[(block - first) * kBlockBytes], kBlockBytes);
      if (hash != image.block_hashes[block]) {
        return Corrupt("Memory block " + std::to_string(block) + " (address " +
                       std::to_string(block * kBlockBytes) + ") does not match its checksum");
      }
    }
    return Status::Ok();
  });
}

}  // namespace wasmsh::image
