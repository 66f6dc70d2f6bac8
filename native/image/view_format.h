#ifndef WASMSH_IMAGE_VIEW_FORMAT_H_
#define WASMSH_IMAGE_VIEW_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

/** Numbers of "state.bin" (docs/snapshot-format.md) and little-endian reading and writing. */
namespace wasmsh::view {

constexpr uint8_t kMagic[8] = {'w', 'a', 's', 'm', 's', 'h', 'W', 'V'};
constexpr uint16_t kMajorVersion = 1;  // must be equal
constexpr uint16_t kMinorVersion = 0;  // of the file must not be greater
constexpr uint32_t kHeaderBytes = 16;
constexpr uint32_t kSectionEntryBytes = 24;
constexpr uint32_t kChecksumBytes = 4;
/** Larger files are refused, so that memory for a hostile one stays bounded. */
constexpr uint64_t kMaxStateBytes = 256 << 20;

/** Sections, all present, in this order. */
enum class SectionId : uint32_t {
  kModule = 1,
  kTime = 2,
  kEnvironment = 3,
  kMemories = 4,
  kInstances = 5,
  kThreads = 6,
  kDescriptors = 7,
};
constexpr uint32_t kSectionCount = 7;

/** Least bytes that the elements of lists take: bounds before allocation. */
constexpr uint32_t kMinValueBytes = 6;
constexpr uint32_t kMinStringBytes = 4;
constexpr uint32_t kMinTableBytes = 5;
constexpr uint32_t kMinInstanceBytes = 16;
constexpr uint32_t kMinFrameBytes = 16;
constexpr uint32_t kMinThreadBytes = 26;
constexpr uint32_t kMinDescriptorBytes = 62;

/** Appends little-endian numbers of fixed width. */
class ByteWriter {
 public:
  void U8(uint8_t value) { bytes_.push_back(value); }
  void U16(uint16_t value) { Fixed(value, 2); }
  void U32(uint32_t value) { Fixed(value, 4); }
  void U64(uint64_t value) { Fixed(value, 8); }
  void Bytes(const uint8_t* bytes, size_t size) {
    if (size > 0) bytes_.insert(bytes_.end(), bytes, bytes + size);
  }
  size_t size() const { return bytes_.size(); }
  std::vector<uint8_t> Take() { return std::move(bytes_); }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  void Fixed(uint64_t value, uint32_t width) {
    uint8_t digits[8];
    for (uint32_t i = 0; i < width; ++i) digits[i] = static_cast<uint8_t>(value >> (8 * i));
    bytes_.insert(bytes_.end(), digits, digits + width);
  }
  std::vector<uint8_t> bytes_;
};

/** Reads them. The first failure sticks, and every read gives zero from then on. */
class ByteReader {
 public:
  ByteReader(const uint8_t* bytes, size_t size) : bytes_(bytes), size_(size) {}
  bool ok() const { return ok_; }
  bool at_end() const { return offset_ == size_; }
  size_t offset() const { return offset_; }
  void Fail() { ok_ = false; }

  uint8_t U8() { return static_cast<uint8_t>(Fixed(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Fixed(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Fixed(4)); }
  uint64_t U64() { return Fixed(8); }
  /** A byte that must be 0 or 1. */
  bool Flag() {
    const uint8_t byte = U8();
    if (byte > 1) Fail();
    return byte == 1;
  }
  /** Takes `size` bytes; nullptr when there are not so many. */
  const uint8_t* Bytes(size_t size) {
    if (!ok_ || size > size_ - offset_) {
      Fail();
      return nullptr;
    }
    const uint8_t* at = bytes_ + offset_;
    offset_ += size;
    return at;
  }
  /** A list's length; fails when its elements, `element_bytes` or more each, cannot follow. */
  uint32_t Count(uint32_t element_bytes) {
    const uint32_t count = U32();
    if (ok_ && count <= (size_ - offset_) / element_bytes) return count;
    Fail();
    return 0;
  }

 private:
  uint64_t Fixed(uint32_t width) {
    const uint8_t* at = Bytes(width);
    if (at == nullptr) return 0;
    uint64_t value = 0;
    for (uint32_t i = 0; i < width; ++i) value |= static_cast<uint64_t>(at[i]) << (8 * i);
    return value;
  }
  const uint8_t* bytes_;
  size_t size_;
  size_t offset_ = 0;
  bool ok_ = true;
};

}  // namespace wasmsh::view

#endif  // WASMSH_IMAGE_VIEW_FORMAT_H_
