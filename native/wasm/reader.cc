#include "wasm/reader.h"

#include "wasm/utf8.h"

namespace wasmsh::wasm {

uint8_t Reader::FailToRead() {
  Fail("unexpected end");
  return 0;
}

uint64_t Reader::Unsigned(uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < bits; shift += 7) {
    const uint8_t byte = Byte();
    if (!ok()) return 0;
    const uint32_t left = bits - shift;
    const uint64_t payload = byte & 0x7f;
    if (left < 7 && (payload >> left) != 0) {
      Fail("integer too large");
      return 0;
    }
    value |= payload << shift;
    if ((byte & 0x80) == 0) return value;
  }
  Fail("integer representation too long");
  return 0;
}

int64_t Reader::Signed(uint32_t bits) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < bits; shift += 7) {
    const uint8_t byte = Byte();
    if (!ok()) return 0;
    const uint32_t left = bits - shift;
    const uint64_t payload = byte & 0x7f;
    if (left < 7) {
      // The bits above the value's sign bit must repeat it.
      const uint64_t above = payload >> (left - 1);
      if (above != 0 && above != (0x7fu >> (left - 1))) {
        Fail("integer too large");
        return 0;
      }
    }
    value |= payload << shift;
    if ((byte & 0x80) == 0) {
      if ((byte & 0x40) != 0 && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      return static_cast<int64_t>(value);
    }
  }
  Fail("integer representation too long");
  return 0;
}

uint32_t Reader::Fixed32() {
  const uint8_t* bytes = Bytes(4);
  if (bytes == nullptr) return 0;
  uint32_t value = 0;
  for (uint32_t i = 0; i < 4; ++i) value |= static_cast<uint32_t>(bytes[i]) << (8 * i);
  return value;
}

uint64_t Reader::Fixed64() {
  const uint8_t* bytes = Bytes(8);
  if (bytes == nullptr) return 0;
  uint64_t value = 0;
  for (uint32_t i = 0; i < 8; ++i) value |= static_cast<uint64_t>(bytes[i]) << (8 * i);
  return value;
}

const uint8_t* Reader::Bytes(uint32_t size) {
  if (!ok()) return nullptr;
  if (size > remaining()) {
    FailToRead();
    return nullptr;
  }
  const uint8_t* at = bytes_ + offset_;
  offset_ += size;
  return at;
}

std::string Reader::Name() {
  const uint32_t size = U32();
  const uint8_t* bytes = Bytes(size);
  if (bytes == nullptr) return {};
  if (!IsUtf8(bytes, size)) {
    Fail("malformed UTF-8 in a name");
    return {};
  }
  // SAFETY: any object may be read as char; the range was checked by Bytes.
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

uint32_t Reader::Count(uint32_t element_bytes) {
  const uint32_t count = U32();
  if (!ok()) return 0;
  if (count > remaining() / element_bytes) {
    Fail("unexpected end: a vector is longer than what is left");
    return 0;
  }
  return count;
}

}  // namespace wasmsh::wasm
