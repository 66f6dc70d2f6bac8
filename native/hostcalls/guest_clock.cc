#include <time.h>

#include <limits>

#include "hostcalls/host_state.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

uint64_t HostMonotonic() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * kSecond + static_cast<uint64_t>(now.tv_nsec);
}

/** Marks the clock as being written for as long as it lives; under the clock's mutex. */
class Writing {
 public:
  explicit Writing(std::atomic<uint32_t>* version) : version_(version) {
    version_->fetch_add(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_release);
  }
  ~Writing() { version_->fetch_add(1, std::memory_order_release); }

 private:
  std::atomic<uint32_t>* version_;
};

}  // namespace

uint64_t GuestClock::Now() const {
  constexpr auto kRelaxed = std::memory_order_relaxed;
  if (virtual_) return time_ns_.load(kRelaxed);
  for (;;) {
    uint32_t version = version_.load(std::memory_order_acquire);
    if (version % 2 != 0) continue;
    uint64_t now = frozen_.load(kRelaxed) != 0 ? time_ns_.load(kRelaxed)
                                               : HostMonotonic() - offset_ns_.load(kRelaxed);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (version_.load(kRelaxed) == version) return now;
  }
}

void GuestClock::Freeze() {
  std::lock_guard<std::mutex> lock(mutex_);
  Writing writing(&version_);
  if (frozen_ == 0 && !virtual_) time_ns_ = HostMonotonic() - offset_ns_;
  ++frozen_;
}

void GuestClock::Thaw() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (frozen_ == 0) return;
  Writing writing(&version_);
  --frozen_;
  if (frozen_ == 0 && !virtual_) offset_ns_ = HostMonotonic() - time_ns_;
}

void GuestClock::Set(uint64_t now_ns) {
  std::lock_guard<std::mutex> lock(mutex_);
  Writing writing(&version_);
  time_ns_ = now_ns;
  if (frozen_ == 0) offset_ns_ = HostMonotonic() - now_ns;
}

uint64_t GuestClock::HostDeadline(uint64_t guest_ns) const {
  uint64_t now = Now();
  uint64_t host_now = HostMonotonic();
  uint64_t left = guest_ns > now ? guest_ns - now : 0;
  uint64_t most = std::numeric_limits<uint64_t>::max() - host_now;
  return host_now + (left < most ? left : most);
}

void GuestClock::MakeVirtual() {
  std::lock_guard<std::mutex> lock(mutex_);
  virtual_ = true;
}

uint64_t GuestClock::Advance(uint64_t by_ns) { return time_ns_ += by_ns; }

void GuestClock::AdvanceTo(uint64_t to_ns) {
  uint64_t now = time_ns_;
  while (now < to_ns && !time_ns_.compare_exchange_weak(now, to_ns)) {
  }
}

}  // namespace wasmsh::hostcalls
