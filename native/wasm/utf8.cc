#include "wasm/utf8.h"

namespace wasmsh::wasm {
namespace {

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

/** Length of the sequence at `bytes`, 0 when it is malformed. */
size_t SequenceLength(const uint8_t* bytes, size_t size) {
  const uint8_t first = bytes[0];
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return size >= 2 && IsContinuation(bytes[1]) ? 2 : 0;
  if (first < 0xf0) {
    if (size < 3 || !IsContinuation(bytes[1]) || !IsContinuation(bytes[2])) return 0;
    if (first == 0xe0 && bytes[1] < 0xa0) return 0;
    if (first == 0xed && bytes[1] >= 0xa0) return 0;
    return 3;
  }
  if (first > 0xf4 || size < 4) return 0;
  if (!IsContinuation(bytes[1]) || !IsContinuation(bytes[2]) || !IsContinuation(bytes[3])) return 0;
  if (first == 0xf0 && bytes[1] < 0x90) return 0;
  if (first == 0xf4 && bytes[1] >= 0x90) return 0;
  return 4;
}

}  // namespace

bool IsUtf8(const uint8_t* bytes, size_t size) {
  size_t at = 0;
  while (at < size) {
    const size_t length = SequenceLength(bytes + at, size - at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace wasmsh::wasm
