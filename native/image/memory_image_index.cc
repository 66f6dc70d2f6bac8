// "memory-N.idx"; the layout is specified in docs/snapshot-format.md.

#include <cstring>
#include <limits>

#include "image/hash.h"
#include "image/memory_image.h"

namespace wasmsh::image {
namespace {

constexpr uint8_t kMagic[8] = {'w', 'a', 's', 'm', 's', 'h', 'M', 'I'};
constexpr uint16_t kMajor = 1;
constexpr uint16_t kMinor = 0;
constexpr size_t kHeaderBytes = 32;
constexpr size_t kExtentBytes = 12;
constexpr size_t kHashBytes = sizeof(Hash128);

void PutLittleEndian(uint64_t value, size_t width, std::vector<uint8_t>* to) {
  for (size_t i = 0; i < width; ++i) to->push_back(static_cast<uint8_t>(value >> (8 * i)));
}

uint64_t GetLittleEndian(const uint8_t* from, size_t width) {
  uint64_t value = 0;
  for (size_t i = 0; i < width; ++i) value |= uint64_t{from[i]} << (8 * i);
  return value;
}

Status Corrupt(std::string message) {
  return Status::Error("SNAPSHOT_CORRUPT", std::move(message));
}

}  // namespace

std::vector<uint8_t> EncodeIndex(const MemoryImage& image) {
  std::vector<uint8_t> to;
  to.reserve(kHeaderBytes + image.extents.size() * kExtentBytes +
             (image.block_hashes.size() + 1) * kHashBytes);
  to.insert(to.end(), kMagic, kMagic + sizeof(kMagic));
  PutLittleEndian(kMajor, 2, &to);
  PutLittleEndian(kMinor, 2, &to);
  PutLittleEndian(0, 4, &to);
  PutLittleEndian(image.bytes, 8, &to);
  PutLittleEndian(image.extents.size(), 4, &to);
  PutLittleEndian(image.block_hashes.size(), 4, &to);
  for (const Extent& extent : image.extents) {
    PutLittleEndian(extent.offset / kPageBytes, 4, &to);
    PutLittleEndian(extent.length / kPageBytes, 4, &to);
    PutLittleEndian(extent.image, 4, &to);
  }
  for (const Hash128& hash : image.block_hashes) to.insert(to.end(), hash.begin(), hash.end());
  const Hash128 checksum = HashBytes(to.data(), to.size());
  to.insert(to.end(), checksum.begin(), checksum.end());
  return to;
}

Status DecodeIndex(const uint8_t* bytes, size_t size, MemoryImage* out) {
  if (size < sizeof(kMagic) || std::memcmp(bytes, kMagic, sizeof(kMagic)) != 0) {
    return Status::Error("SNAPSHOT_FORMAT", "Not a memory index: its first bytes are others");
  }
  if (size < kHeaderBytes + kHashBytes) return Corrupt("The memory index is cut short");
  const uint64_t major = GetLittleEndian(bytes + 8, 2);
  const uint64_t minor = GetLittleEndian(bytes + 10, 2);
  if (major != kMajor || minor > kMinor) {
    return Status::Error("SNAPSHOT_FORMAT",
                         "The memory index has version " + std::to_string(major) + "." +
                             std::to_string(minor) + "; this wasmsh reads " +
                             std::to_string(kMajor) + "." + std::to_string(kMinor));
  }
  const uint64_t extents = GetLittleEndian(bytes + 24, 4);
  const uint64_t blocks = GetLittleEndian(bytes + 28, 4);
  // Neither product can overflow: both counts have 32 bits.
  const uint64_t body = kHeaderBytes + extents * kExtentBytes + blocks * kHashBytes;
  if (size != body + kHashBytes) {
    return Corrupt("The memory index has " + std::to_string(size) + " bytes; its counts ask for " +
                   std::to_string(body + kHashBytes));
  }
  const Hash128 checksum = HashBytes(bytes, static_cast<size_t>(body));
  if (std::memcmp(checksum.data(), bytes + body, kHashBytes) != 0) {
    return Corrupt("The memory index does not match its checksum");
  }
  if (GetLittleEndian(bytes + 12, 4) != 0) return Corrupt("Reserved bytes of the index are used");

  MemoryImage image;
  image.bytes = GetLittleEndian(bytes + 16, 8);
  image.extents.reserve(extents);
  const uint8_t* at = bytes + kHeaderBytes;
  for (uint64_t i = 0; i < extents; ++i, at += kExtentBytes) {
    image.extents.push_back({GetLittleEndian(at, 4) * kPageBytes,
                             GetLittleEndian(at + 4, 4) * kPageBytes,
                             static_cast<uint32_t>(GetLittleEndian(at + 8, 4))});
  }
  image.block_hashes.resize(blocks);
  for (Hash128& hash : image.block_hashes) {
    std::memcpy(hash.data(), at, kHashBytes);
    at += kHashBytes;
  }
  Status checked = CheckImage(image, std::numeric_limits<uint32_t>::max());
  if (!checked.ok()) return checked;
  *out = std::move(image);
  return Status::Ok();
}

}  // namespace wasmsh::image
