#ifndef WASMSH_WASM_READER_H_
#define WASMSH_WASM_READER_H_

#include <cstdint>
#include <string>

namespace wasmsh::wasm {

/**
 * Reads a range of a module without ever leaving it. The first failure sticks: from then on every
 * read gives zero and `ok()` is false, so callers check once behind a group of reads, and always
 * before they loop or allocate by what they read. Offsets are those of the file.
 */
class Reader {
 public:
  /** Reads bytes[begin, end). */
  Reader(const uint8_t* bytes, uint32_t begin, uint32_t end)
      : bytes_(bytes), offset_(begin), end_(end) {}

  bool ok() const { return error_ == nullptr; }
  /** What went wrong, nullptr so far nothing. */
  const char* error() const { return error_; }
  uint32_t offset() const { return offset_; }
  uint32_t end() const { return end_; }
  uint32_t remaining() const { return end_ - offset_; }
  bool at_end() const { return offset_ == end_; }

  uint8_t Byte() {
    if (offset_ == end_ || error_ != nullptr) return FailToRead();
    return bytes_[offset_++];
  }
  /** Next byte without taking it; 0 at the end. */
  uint8_t Peek() const { return offset_ == end_ ? 0 : bytes_[offset_]; }

  /** LEB128 as the core specification, 5.2.2, limits it: at most ceil(N / 7) bytes, no unused bits
   *  set. Padded forms are legal. */
  uint32_t U32() {
    if (offset_ != end_ && bytes_[offset_] < 0x80 && error_ == nullptr) return bytes_[offset_++];
    return static_cast<uint32_t>(Unsigned(32));
  }
  int32_t S32() { return static_cast<int32_t>(Signed(32)); }
  int64_t S33() { return Signed(33); }
  int64_t S64() { return Signed(64); }

  /** Little-endian, fixed width. */
  uint32_t Fixed32();
  uint64_t Fixed64();

  /** Takes `size` bytes; nullptr when there are not so many. */
  const uint8_t* Bytes(uint32_t size);
  /** A length and so many bytes of UTF-8. */
  std::string Name();
  /** A vector's length; fails when its elements, `element_bytes` or more each, cannot follow. */
  uint32_t Count(uint32_t element_bytes);

  void Fail(const char* error) {
    if (error_ == nullptr) error_ = error;
  }

 private:
  uint8_t FailToRead();
  uint64_t Unsigned(uint32_t bits);
  int64_t Signed(uint32_t bits);

  const uint8_t* bytes_;
  uint32_t offset_;
  uint32_t end_;
  const char* error_ = nullptr;
};

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_READER_H_
