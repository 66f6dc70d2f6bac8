// A checksum by table, byte by byte: a chain of dependent loads in a loop of any length.
#include "kernel.h"

static uint32_t table[256];

static uint32_t Update(uint32_t crc, const uint8_t* bytes, int count) {
  for (int i = 0; i < count; ++i) crc = table[(crc ^ bytes[i]) & 255] ^ crc >> 8;
  return crc;
}

int main(void) {
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320 ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  const int count = AtRunTime(1 << 18);
  uint8_t* bytes = calloc(count, 1);
  for (int i = 0; i < count; ++i) bytes[i] = i * 13 + (i >> 9);
  uint32_t crc = ~0u;
  for (int turn = AtRunTime(500); turn > 0; --turn) crc = Update(crc, bytes, count);
  Keep(crc);
  return 0;
}
