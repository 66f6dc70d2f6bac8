#include "platform/linux/memory_source.h"

#include "platform/linux/guest_memory.h"
#include "platform/linux/pagemap.h"

namespace wasmsh::platform {

image::MemoryReader MemorySource(const uint8_t* memory, uint64_t bytes,
                                 image::WriteOptions* options) {
  if (!TouchedPages(memory, bytes, &options->touched)) options->touched.clear();
  options->memory = memory;
  if (!OwnPages(memory, bytes, &options->in_place)) options->in_place.clear();
  return [memory](uint64_t offset, uint64_t length, uint8_t* to) {
    return ReadOwnMemory(memory + offset, length, to);
  };
}

}  // namespace wasmsh::platform
