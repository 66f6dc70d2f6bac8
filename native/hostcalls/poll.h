#ifndef WASMSH_HOSTCALLS_POLL_H_
#define WASMSH_HOSTCALLS_POLL_H_

#include <cstdint>

#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {

/** One subscription of poll_oneoff, decoded. */
struct Subscription {
  uint64_t userdata = 0;
  uint8_t type = 0;  // wasi::kEvent...; anything else is unknown
  uint32_t fd = 0;
  uint32_t clock = 0;
  uint64_t timeout = 0;  // nanoseconds, from the call or from the clock's zero
  bool is_absolute = false;
};

/** One event, to be encoded. */
struct PollEvent {
  uint64_t userdata = 0;
  wasi::Errno error = 0;
  uint8_t type = 0;
  uint64_t bytes = 0;  // readable or writable, fd events
  bool is_hangup = false;
};

/** Bytes of an encoded subscription; "wasi_unstable" has one more field in clocks. */
constexpr uint32_t SubscriptionBytes(bool is_unstable) { return is_unstable ? 56 : 48; }
Subscription DecodeSubscription(const uint8_t* from, bool is_unstable);
/** Writes wasi::kEventBytes. */
void EncodeEvent(const PollEvent& event, uint8_t* to);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_POLL_H_
