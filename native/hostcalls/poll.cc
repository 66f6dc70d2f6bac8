#include "hostcalls/poll.h"

#include <cstring>

#include "hostcalls/guest_memory.h"

namespace wasmsh::hostcalls {

Subscription DecodeSubscription(const uint8_t* from, bool is_unstable) {
  Subscription result;
  result.userdata = GuestMemory::Decode<uint64_t>(from);
  result.type = from[8];
  if (result.type == wasi::kEventClock) {
    if (is_unstable) from += 8;  // an identifier that repeats the user data
    result.clock = GuestMemory::Decode<uint32_t>(from + 16);
    result.timeout = GuestMemory::Decode<uint64_t>(from + 24);
    result.is_absolute = (GuestMemory::Decode<uint16_t>(from + 40) & wasi::kClockAbsolute) != 0;
  } else {
    result.fd = GuestMemory::Decode<uint32_t>(from + 16);
  }
  return result;
}

void EncodeEvent(const PollEvent& event, uint8_t* to) {
  memset(to, 0, wasi::kEventBytes);
  GuestMemory::Encode(to, event.userdata);
  GuestMemory::Encode(to + 8, event.error);
  to[10] = event.type;
  if (event.type == wasi::kEventClock) return;
  GuestMemory::Encode(to + 16, event.bytes);
  GuestMemory::Encode(to + 24, static_cast<uint16_t>(event.is_hangup ? wasi::kEventHangup : 0));
}

}  // namespace wasmsh::hostcalls
