#include <time.h>

#include <thread>

#include "check.h"
#include "hostcalls/host_state.h"

namespace wasmsh::hostcalls {
namespace {

uint64_t HostNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

void WaitHost(uint64_t nanoseconds) {
  uint64_t end = HostNow() + nanoseconds;
  while (HostNow() < end) std::this_thread::yield();
}

TEST(begins_frozen_at_zero) {
  GuestClock clock;
  WaitHost(1'000'000);
  CHECK_EQ(clock.Now(), 0u);
}

TEST(runs_only_while_thawed) {
  GuestClock clock;
  uint64_t before = HostNow();
  clock.Thaw();
  WaitHost(2'000'000);
  CHECK(clock.Now() >= 2'000'000);
  clock.Freeze();
  uint64_t frozen = clock.Now();
  CHECK(frozen <= HostNow() - before);
  WaitHost(2'000'000);
  CHECK_EQ(clock.Now(), frozen);
  clock.Thaw();
  CHECK(clock.Now() >= frozen);
}

TEST(nested_freezes_end_with_the_last_thaw) {
  GuestClock clock;
  clock.Thaw();
  clock.Freeze();
  clock.Freeze();
  uint64_t frozen = clock.Now();
  clock.Thaw();
  WaitHost(1'000'000);
  CHECK_EQ(clock.Now(), frozen);
  clock.Thaw();
  WaitHost(1'000'000);
  CHECK(clock.Now() > frozen);
  clock.Thaw();  // one too many does no harm
  clock.Freeze();
  frozen = clock.Now();
  WaitHost(1'000'000);
  CHECK_EQ(clock.Now(), frozen);
}

TEST(set_takes_over_a_stored_time) {
  GuestClock clock;
  clock.Set(5'000'000'000);
  CHECK_EQ(clock.Now(), 5'000'000'000u);
  clock.Thaw();
  CHECK(clock.Now() >= 5'000'000'000u);
  CHECK(clock.Now() < 25'000'000'000u);
}

TEST(host_deadline_is_guest_time_left) {
  GuestClock clock;
  clock.Set(1'000'000'000);
  clock.Thaw();
  uint64_t before = HostNow();
  uint64_t deadline = clock.HostDeadline(3'000'000'000);
  CHECK(deadline >= before + 1'900'000'000 || HostNow() > before + 100'000'000);
  CHECK(deadline <= HostNow() + 2'000'000'000);
  CHECK(clock.HostDeadline(0) <= HostNow());
  CHECK_EQ(clock.HostDeadline(UINT64_MAX) >= before, true);  // no overflow
}

TEST(virtual_time_moves_only_when_told) {
  GuestClock clock;
  clock.MakeVirtual();
  clock.Thaw();
  CHECK_EQ(clock.Advance(1000), 1000u);
  WaitHost(1'000'000);
  CHECK_EQ(clock.Now(), 1000u);
  clock.AdvanceTo(5000);
  clock.AdvanceTo(4000);
  CHECK_EQ(clock.Now(), 5000u);
  clock.Freeze();
  clock.Set(9000);
  clock.Thaw();
  CHECK_EQ(clock.Now(), 9000u);
}

TEST(readers_never_see_time_go_back) {
  GuestClock clock;
  clock.Thaw();
  std::thread pauses([&] {
    for (int i = 0; i < 20000; ++i) {
      clock.Freeze();
      clock.Thaw();
    }
  });
  uint64_t last = 0;
  bool went_back = false;
  for (int i = 0; i < 200000; ++i) {
    uint64_t now = clock.Now();
    went_back = went_back || now < last;
    last = now;
  }
  pauses.join();
  CHECK(!went_back);
}

}  // namespace
}  // namespace wasmsh::hostcalls
