#include "hostcalls/guest_vectors.h"

#include <algorithm>

namespace wasmsh::hostcalls {
namespace {

constexpr uint32_t kVectorBytes = 8;

}  // namespace

wasi::Errno GuestVectors::Check() {
  if (count_ > kMostVectors) return wasi::kInval;
  const uint8_t* list = memory_.At(list_, uint64_t{count_} * kVectorBytes);
  if (list == nullptr) return wasi::kFault;
  total_ = 0;
  for (uint32_t i = 0; i < count_; ++i, list += kVectorBytes) {
    uint32_t length = GuestMemory::Decode<uint32_t>(list + 4);
    if (!memory_.Contains(GuestMemory::Decode<uint32_t>(list), length)) return wasi::kFault;
    total_ += length;
  }
  return total_ > UINT32_MAX ? wasi::kInval : wasi::kSuccess;
}

int GuestVectors::Batch(uint64_t skip, uint64_t most, iovec (&entries)[kBatch],
                        uint64_t* bytes) const {
  *bytes = 0;
  int used = 0;
  const uint8_t* list = memory_.At(list_, uint64_t{count_} * kVectorBytes);
  if (list == nullptr) return 0;
  for (uint32_t i = 0; i < count_ && used < kBatch && *bytes < most; ++i, list += kVectorBytes) {
    uint64_t length = GuestMemory::Decode<uint32_t>(list + 4);
    uint8_t* buffer = memory_.At(GuestMemory::Decode<uint32_t>(list), length);
    if (buffer == nullptr) return used;
    if (skip >= length) {
      skip -= length;
      continue;
    }
    uint64_t part = std::min(length - skip, most - *bytes);
    entries[used++] = {buffer + skip, static_cast<size_t>(part)};
    *bytes += part;
    skip = 0;
  }
  return used;
}

}  // namespace wasmsh::hostcalls
