#ifndef WASMSH_PLATFORM_LINUX_MEMORY_SOURCE_H_
#define WASMSH_PLATFORM_LINUX_MEMORY_SOURCE_H_

#include <cstdint>

#include "image/memory_image.h"

namespace wasmsh::platform {

/**
 * Says how to read the memory of a parked guest for WriteImage, as fast as is safe: sets
 * `options->touched`, `memory` and `in_place`, and returns the reader. Pages of the process's own
 * are read in place; those that are still a file's are copied by the kernel, since the file may be
 * lost. The guest must stay parked until WriteImage has returned.
 */
image::MemoryReader MemorySource(const uint8_t* memory, uint64_t bytes,
                                 image::WriteOptions* options);

}  // namespace wasmsh::platform

#endif  // WASMSH_PLATFORM_LINUX_MEMORY_SOURCE_H_
