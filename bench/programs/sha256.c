// SHA-256: arithmetic in loops of constant length.
#include "kernel.h"

static uint32_t constants[64];

static uint32_t Rotate(uint32_t word, int by) { return word >> by | word << (32 - by); }

__attribute__((noinline)) static void Block(uint32_t* hash, const uint8_t* bytes) {
  uint32_t w[64];
  for (int i = 0; i < 16; ++i) {
    w[i] = (uint32_t)bytes[4 * i] << 24 | bytes[4 * i + 1] << 16 | bytes[4 * i + 2] << 8 |
           bytes[4 * i + 3];
  }
  for (int i = 16; i < 64; ++i) {
    const uint32_t x = w[i - 15], y = w[i - 2];
    w[i] = w[i - 16] + (Rotate(x, 7) ^ Rotate(x, 18) ^ x >> 3) + w[i - 7] +
           (Rotate(y, 17) ^ Rotate(y, 19) ^ y >> 10);
  }
  uint32_t a = hash[0], b = hash[1], c = hash[2], d = hash[3];
  uint32_t e = hash[4], f = hash[5], g = hash[6], h = hash[7];
  for (int i = 0; i < 64; ++i) {
    const uint32_t t = h + (Rotate(e, 6) ^ Rotate(e, 11) ^ Rotate(e, 25)) + ((e & f) ^ (~e & g)) +
                       constants[i] + w[i];
    const uint32_t u = (Rotate(a, 2) ^ Rotate(a, 13) ^ Rotate(a, 22)) +
                       ((a & b) ^ (a & c) ^ (b & c));
    h = g; g = f; f = e; e = d + t;
    d = c; c = b; b = a; a = t + u;
  }
  hash[0] += a; hash[1] += b; hash[2] += c; hash[3] += d;
  hash[4] += e; hash[5] += f; hash[6] += g; hash[7] += h;
}

static uint8_t buffer[1 << 16];

int main(void) {
  uint32_t hash[8] = {1, 2, 3, 4, 5, 6, 7, 8}, state = 5;
  for (int i = 0; i < 64; ++i) constants[i] = NextRandom(&state) << 4;
  for (int i = 0; i < 1 << 16; ++i) buffer[i] = i * 7 + (i >> 8);
  for (int turn = AtRunTime(900); turn > 0; --turn) {
    for (int i = 0; i < 1 << 16; i += 64) Block(hash, buffer + i);
  }
  Keep(hash[0]);
  return 0;
}
