#include "image/stored_memory.h"

#include <algorithm>
#include <cstring>

namespace wasmsh::image {

size_t FirstExtentBehind(const std::vector<Extent>& extents, uint64_t offset) {
  const auto found = std::upper_bound(
      extents.begin(), extents.end(), offset,
      [](uint64_t at, const Extent& extent) { return at < extent.offset + extent.length; });
  return static_cast<size_t>(found - extents.begin());
}

Status StoredMemory::Open(const MemoryImage& image, const std::vector<std::string>& paths) {
  Status checked = CheckImage(image, static_cast<uint32_t>(paths.size()));
  if (!checked.ok()) return checked;
  image_ = &image;
  std::vector<uint64_t> needed(paths.size(), 0);
  for (const Extent& extent : image.extents) {
    needed[extent.image] = std::max(needed[extent.image], extent.offset + extent.length);
  }
  files_.clear();
  files_.resize(paths.size());
  for (size_t i = 0; i < paths.size(); ++i) {
    if (needed[i] == 0) continue;
    Status opened = files_[i].OpenForReading(paths[i]);
    if (!opened.ok()) return opened;
    uint64_t bytes = 0;
    Status sized = files_[i].Size(&bytes);
    if (!sized.ok()) return sized;
    if (bytes < needed[i]) {
      return Status::Error("SNAPSHOT_CORRUPT", paths[i] + " has " + std::to_string(bytes) +
                                                   " bytes, but its contents end at " +
                                                   std::to_string(needed[i]));
    }
  }
  return Status::Ok();
}

Status StoredMemory::Read(uint64_t offset, uint64_t length, uint8_t* to) const {
  const std::vector<Extent>& extents = image_->extents;
  const uint64_t end = offset + length;
  size_t i = FirstExtentBehind(extents, offset);
  while (offset < end) {
    const bool any = i < extents.size() && extents[i].offset < end;
    const uint64_t zeros_end = any ? std::max(extents[i].offset, offset) : end;
    std::memset(to, 0, zeros_end - offset);
    to += zeros_end - offset;
    offset = zeros_end;
    if (!any) break;
    const uint64_t part_end = std::min(end, extents[i].offset + extents[i].length);
    Status read = files_[extents[i].image].ReadAt(offset, to, part_end - offset);
    if (!read.ok()) return read;
    to += part_end - offset;
    offset = part_end;
    ++i;
  }
  return Status::Ok();
}

}  // namespace wasmsh::image
