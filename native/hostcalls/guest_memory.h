#ifndef WASMSH_HOSTCALLS_GUEST_MEMORY_H_
#define WASMSH_HOSTCALLS_GUEST_MEMORY_H_

#include <cstdint>
#include <cstring>

#include "hostcalls/wamr_posix.h"

namespace wasmsh::hostcalls {

/**
 * The calling guest's linear memory, bounds-checked against its size when this was made. Make one
 * per call and use it on the guest's own thread: no other code can shrink or move the memory
 * meanwhile. Numbers are little-endian in memory on every host.
 */
class GuestMemory {
 public:
  explicit GuestMemory(WASMExecEnv* exec_env) {
    if (!wasmsh_memory(exec_env, &base_, &bytes_)) bytes_ = 0;
  }

  /** Host address of a range; nullptr when any of it is outside. An empty range is inside wherever
   *  it begins, as for the kernel. */
  uint8_t* At(uint32_t address, uint64_t length) const {
    if (length == 0) return base_ == nullptr ? const_cast<uint8_t*>(&empty_) : base_;
    if (length > bytes_ || address > bytes_ - length) return nullptr;
    return base_ + address;
  }

  bool Contains(uint32_t address, uint64_t length) const { return At(address, length) != nullptr; }

  template <typename Integer>
  bool Load(uint32_t address, Integer* value) const {
    const uint8_t* from = At(address, sizeof(Integer));
    if (from == nullptr) return false;
    *value = Decode<Integer>(from);
    return true;
  }

  template <typename Integer>
  bool Store(uint32_t address, Integer value) const {
    uint8_t* to = At(address, sizeof(Integer));
    if (to == nullptr) return false;
    Encode(to, value);
    return true;
  }

  template <typename Integer>
  static Integer Decode(const uint8_t* from) {
    Integer value = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&value, from, sizeof(Integer));
#else
    for (size_t i = 0; i < sizeof(Integer); ++i) value |= static_cast<Integer>(from[i]) << (8 * i);
#endif
    return value;
  }

  template <typename Integer>
  static void Encode(uint8_t* to, Integer value) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, &value, sizeof(Integer));
#else
    for (size_t i = 0; i < sizeof(Integer); ++i) to[i] = static_cast<uint8_t>(value >> (8 * i));
#endif
  }

 private:
  uint8_t* base_ = nullptr;
  uint64_t bytes_ = 0;
  uint8_t empty_ = 0;
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_GUEST_MEMORY_H_
