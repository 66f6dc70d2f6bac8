#ifndef WASMSH_IMAGE_CRC32C_H_
#define WASMSH_IMAGE_CRC32C_H_

#include <cstddef>
#include <cstdint>

namespace wasmsh::view {

/** CRC-32C (Castagnoli) as in RFC 3720, appendix B.4: reflected polynomial 0x82f63b78, all ones
 *  before and inverted behind. "123456789" gives 0xe3069283. */
uint32_t Crc32c(const uint8_t* bytes, size_t size);

}  // namespace wasmsh::view

#endif  // WASMSH_IMAGE_CRC32C_H_
