#include <time.h>

#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

uint64_t Nanoseconds(const timespec& time) {
  return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

uint64_t HostClock(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return Nanoseconds(now);
}

/** Deterministic runs: every read moves time on by one step, whichever clock is read. */
wasi::Errno ReadVirtual(HostState& host, uint32_t clock, uint64_t* now) {
  HostState::Private& p = host.p();
  p.clock_reads.fetch_add(1, std::memory_order_relaxed);
  *now = host.clock().Advance(p.config.clock_step_ns);
  if (clock == wasi::kClockRealtime) *now += p.config.realtime_base_ns;
  return wasi::kSuccess;
}

}  // namespace

wasi::Errno ReadClock(HostState& host, uint32_t clock, uint64_t* now) {
  if (clock > wasi::kClockThreadCpu) return wasi::kInval;
  if (host.clock().IsVirtual()) return ReadVirtual(host, clock, now);
  if (clock == wasi::kClockMonotonic) {
    *now = host.clock().Now();
  } else if (clock == wasi::kClockRealtime) {
    *now = HostClock(CLOCK_REALTIME);
  } else {
    *now = host.p().cpu_offset_ns + HostClock(CLOCK_THREAD_CPUTIME_ID);
  }
  return wasi::kSuccess;
}

Outcome ClockTimeGet(Call& call) {
  uint64_t now = 0;
  const GuestMemory& memory = call.memory;
  if (!memory.Contains(Arg32(call, 2), 8)) return Finish(call, wasi::kFault);
  wasi::Errno error = ReadClock(call.host, Arg32(call, 0), &now);
  if (error == 0) memory.Store(Arg32(call, 2), now);
  return Finish(call, error);
}

Outcome ClockResGet(Call& call) {
  const GuestMemory& memory = call.memory;
  if (!memory.Contains(Arg32(call, 1), 8)) return Finish(call, wasi::kFault);
  if (Arg32(call, 0) > wasi::kClockThreadCpu) return Finish(call, wasi::kInval);
  uint64_t resolution = 1;
  if (call.host.clock().IsVirtual()) {
    resolution = call.host.p().config.clock_step_ns;
  } else {
    timespec host_resolution;
    if (clock_getres(CLOCK_MONOTONIC, &host_resolution) == 0) {
      resolution = Nanoseconds(host_resolution);
    }
  }
  memory.Store(Arg32(call, 1), resolution);
  return Finish(call, wasi::kSuccess);
}

}  // namespace wasmsh::hostcalls
