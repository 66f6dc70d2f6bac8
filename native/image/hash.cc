#include "image/hash.h"

#include <cstring>

// Everything static and inlined: zstd carries an xxHash of its own under other symbol names.
#define XXH_INLINE_ALL
#include "xxhash.h"

namespace wasmsh::image {

Hash128 HashBytes(const uint8_t* bytes, size_t size) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, size));
  Hash128 hash;
  static_assert(sizeof(canonical.digest) == sizeof(hash));
  std::memcpy(hash.data(), canonical.digest, hash.size());
  return hash;
}

}  // namespace wasmsh::image
