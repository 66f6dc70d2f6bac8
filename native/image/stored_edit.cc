#include "image/stored_edit.h"

#include <algorithm>
#include <cstring>

#include "image/stored_memory.h"

namespace wasmsh::image {
namespace {

Status CheckPatch(const Patch& patch, uint64_t memory_bytes) {
  if (patch.offset <= memory_bytes && patch.bytes.size() <= memory_bytes - patch.offset) {
    return Status::Ok();
  }
  return Status::Error("MEMORY_RANGE", std::to_string(patch.bytes.size()) + " bytes at " +
                                           std::to_string(patch.offset) +
                                           " do not fit the memory of " +
                                           std::to_string(memory_bytes) + " bytes");
}

/** Applies a patch to the part of the memory that `to` holds. */
void Overlay(const Patch& patch, uint64_t offset, uint64_t length, uint8_t* to) {
  const uint64_t from = std::max(offset, patch.offset);
  const uint64_t end = std::min(offset + length, patch.offset + patch.bytes.size());
  if (from < end) std::memcpy(to + (from - offset), &patch.bytes[from - patch.offset], end - from);
}

/** Collects differing bytes into ranges. */
class RangeList {
 public:
  RangeList(size_t limit, std::vector<ByteRange>* ranges) : limit_(limit), ranges_(ranges) {}

  /** False when the list is full. */
  bool Add(uint64_t offset, uint64_t length) {
    if (!ranges_->empty() && ranges_->back().offset + ranges_->back().length == offset) {
      ranges_->back().length += length;
      return true;
    }
    if (ranges_->size() == limit_) return false;
    ranges_->push_back({offset, length});
    return true;
  }

  bool AddDifferences(uint64_t offset, const uint8_t* a, const uint8_t* b, uint64_t length) {
    for (uint64_t i = 0; i < length;) {
      if (a[i] == b[i]) {
        ++i;
        continue;
      }
      const uint64_t first = i;
      while (i < length && a[i] != b[i]) ++i;
      if (!Add(offset + first, i - first)) return false;
    }
    return true;
  }

 private:
  const size_t limit_;
  std::vector<ByteRange>* const ranges_;
};

}  // namespace

Status PatchImage(const MemoryImage& base, const std::vector<std::string>& base_paths,
                  const std::vector<Patch>& patches, const std::string& path, bool sync,
                  MemoryImage* out) {
  StoredMemory stored;
  Status status = stored.Open(base, base_paths);
  if (!status.ok()) return status;
  WriteOptions options;
  options.path = path;
  options.parent = &base;
  options.sync = sync;
  // At least one byte: an empty bitmap would mean "unknown".
  options.changed.assign(std::max<uint64_t>(1, base.bytes / kPageBytes / 8), 0);
  for (const Patch& patch : patches) {
    status = CheckPatch(patch, base.bytes);
    if (!status.ok()) return status;
    for (uint64_t page = patch.offset / kPageBytes;
         page * kPageBytes < patch.offset + patch.bytes.size(); ++page) {
      options.changed[page / 8] |= static_cast<uint8_t>(1u << page % 8);
    }
  }
  const MemoryReader read = [&](uint64_t offset, uint64_t length, uint8_t* to) {
    if (!stored.Read(offset, length, to).ok()) return false;
    for (const Patch& patch : patches) Overlay(patch, offset, length, to);
    return true;
  };
  status = WriteImage(read, base.bytes, options, out);
  // The reader had no way to say why.
  if (status.code == "GUEST_MEMORY_LOST") {
    return Status::Error("SNAPSHOT_CORRUPT", "An image of the base snapshot cannot be read");
  }
  return status;
}

Status DiffImages(const StoredSource& a, const StoredSource& b, size_t limit,
                  std::vector<ByteRange>* out) {
  out->clear();
  StoredMemory stored_a;
  StoredMemory stored_b;
  Status status = stored_a.Open(a.image, a.paths);
  if (status.ok()) status = stored_b.Open(b.image, b.paths);
  if (!status.ok()) return status;
  RangeList ranges(limit, out);
  std::vector<uint8_t> bytes_a(kBlockBytes);
  std::vector<uint8_t> bytes_b(kBlockBytes);
  const uint64_t common = std::min(a.image.bytes, b.image.bytes);
  const uint64_t all = std::max(a.image.bytes, b.image.bytes);
  for (uint64_t offset = 0; offset < common; offset += kBlockBytes) {
    const uint64_t block = offset / kBlockBytes;
    if (a.image.block_hashes[block] == b.image.block_hashes[block]) continue;
    status = stored_a.Read(offset, kBlockBytes, bytes_a.data());
    if (status.ok()) status = stored_b.Read(offset, kBlockBytes, bytes_b.data());
    if (!status.ok()) return status;
    if (!ranges.AddDifferences(offset, bytes_a.data(), bytes_b.data(), kBlockBytes)) {
      return Status::Ok();
    }
  }
  if (common < all) ranges.Add(common, all - common);
  return Status::Ok();
}

}  // namespace wasmsh::image
