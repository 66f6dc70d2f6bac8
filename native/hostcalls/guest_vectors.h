#ifndef WASMSH_HOSTCALLS_GUEST_VECTORS_H_
#define WASMSH_HOSTCALLS_GUEST_VECTORS_H_

#include <sys/uio.h>

#include <cstdint>

#include "hostcalls/guest_memory.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {

/** A guest's list of buffers ("iovs", 8 bytes each: address, length), read from its memory as it is
 *  needed: the guest may change list and memory while a call is parked. */
class GuestVectors {
 public:
  /** As many as Linux takes (IOV_MAX). */
  static constexpr uint32_t kMostVectors = 1024;
  /** As many as are handed to the kernel at once. */
  static constexpr int kBatch = 64;

  GuestVectors(const GuestMemory& memory, uint32_t list, uint32_t count)
      : memory_(memory), list_(list), count_(count) {}

  /** Checks the list and every buffer. EINVAL: too many, or over 4 GiB in total; EFAULT. */
  wasi::Errno Check();

  /** Bytes of all buffers, after Check. */
  uint64_t total() const { return total_; }

  /**
   * Lays out at most `most` bytes that follow the first `skip` bytes for readv or writev. Returns
   * the number of entries, at most kBatch; `bytes` is what they hold. 0 entries: nothing follows,
   * or what follows has gone out of memory's bounds since Check.
   */
  int Batch(uint64_t skip, uint64_t most, iovec (&entries)[kBatch], uint64_t* bytes) const;

 private:
  const GuestMemory& memory_;
  const uint32_t list_;
  const uint32_t count_;
  uint64_t total_ = 0;
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_GUEST_VECTORS_H_
