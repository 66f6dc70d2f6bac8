#include "image/crc32c.h"

#include <array>

namespace wasmsh::view {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;
constexpr size_t kStride = 8;

using Tables = std::array<std::array<uint32_t, 256>, kStride>;

/** tables[n][b]: remainder of byte b followed by n zero bytes, so that eight bytes go at once. */
constexpr Tables MakeTables() {
  Tables tables = {};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t rest = byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    tables[0][byte] = rest;
  }
  for (size_t n = 1; n < kStride; ++n) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[n - 1][byte];
      tables[n][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32c(const uint8_t* bytes, size_t size) {
  uint32_t crc = 0xffffffff;
  while (size >= kStride) {
    uint32_t next = 0;
    for (size_t i = 0; i < kStride; ++i) {
      const uint8_t folded = i < 4 ? static_cast<uint8_t>(bytes[i] ^ (crc >> (8 * i))) : bytes[i];
      next ^= kTables[kStride - 1 - i][folded];
    }
    crc = next;
    bytes += kStride;
    size -= kStride;
  }
  for (size_t i = 0; i < size; ++i) crc = (crc >> 8) ^ kTables[0][(crc ^ bytes[i]) & 0xff];
  return ~crc;
}

}  // namespace wasmsh::view
