#ifndef WASMSH_PLATFORM_LINUX_GUEST_MEMORY_H_
#define WASMSH_PLATFORM_LINUX_GUEST_MEMORY_H_

#include <cstdint>

/** Copies of this process's own memory made by the kernel: where a plain read would end the process
 *  (SIGBUS of a lost image, SIGSEGV), these say false. */
namespace wasmsh::platform {

/** Copies `length` bytes at `address` to `to`; false when not all of it can be read. */
bool ReadOwnMemory(const uint8_t* address, uint64_t length, uint8_t* to);

/** Copies `length` bytes to `address`; false when not all of it can be written (some may be). */
bool WriteOwnMemory(uint8_t* address, uint64_t length, const uint8_t* from);

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_GUEST_MEMORY_H_
