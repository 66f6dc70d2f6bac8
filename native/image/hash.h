#ifndef WASMSH_IMAGE_HASH_H_
#define WASMSH_IMAGE_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace wasmsh::image {

using Hash128 = std::array<uint8_t, 16>;  // XXH3-128, canonical (big-endian) form

/** Returns the XXH3-128 of `bytes`, without seed, the same on every CPU.
 *  See https://github.com/Cyan4973/xxHash/blob/v0.8.3/doc/xxhash_spec.md */
Hash128 HashBytes(const uint8_t* bytes, size_t size);

}  // namespace wasmsh::image

#endif  // WASMSH_IMAGE_HASH_H_
