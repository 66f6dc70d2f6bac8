// poll_oneoff: clocks, descriptors, several at once, pauses.

#include <time.h>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;
constexpr uint64_t kHour = 3'600'000'000'000;
constexpr uint32_t kIn = 1000;
constexpr uint32_t kOut = 5000;
constexpr uint32_t kCount = 500;

void PutClock(TestGuest& guest, uint32_t index, uint64_t userdata, uint32_t clock, uint64_t timeout,
              uint16_t flags = 0) {
  uint32_t at = kIn + index * 48;
  memset(guest.memory().At(at, 48), 0, 48);
  guest.Put(at, userdata);
  guest.Put(at + 16, clock);
  guest.Put(at + 24, timeout);
  guest.Put(at + 40, flags);
}

void PutFd(TestGuest& guest, uint32_t index, uint64_t userdata, uint8_t type, uint32_t fd) {
  uint32_t at = kIn + index * 48;
  memset(guest.memory().At(at, 48), 0, 48);
  guest.Put(at, userdata);
  guest.Put(at + 8, type);
  guest.Put(at + 16, fd);
}

struct Event {
  uint64_t userdata;
  uint16_t error;
  uint8_t type;
  uint64_t bytes;
  uint16_t flags;
};

Event EventAt(TestGuest& guest, uint32_t index) {
  uint32_t at = kOut + index * 32;
  return {guest.U64(at), guest.U16(at + 8), guest.U8(at + 10), guest.U64(at + 16),
          guest.U16(at + 24)};
}

uint32_t PollAll(TestGuest& guest, uint32_t count) {
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kOut, count, kCount), 0u);
  return guest.U32(kCount);
}

uint64_t HostNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

TEST(no_subscription_is_einval) {
  TestGuest guest;
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kOut, 0, kCount), uint32_t{wasi::kInval});
}

TEST(bad_pointers_are_efault) {
  TestGuest guest;
  PutClock(guest, 0, 1, 1, 0);
  CHECK_EQ(guest.Call("poll_oneoff", kOutside, kOut, 1, kCount), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kMemoryBytes - 31, 1, kCount), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kOut, 1, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kOut, 2000, kCount), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kOut, UINT32_MAX, kCount), uint32_t{wasi::kInval});
}

TEST(a_sleep_takes_its_time) {
  TestGuest guest;
  PutClock(guest, 0, 0x1122334455667788, 1, 5 * kMillisecond);
  uint64_t before = HostNow();
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK(HostNow() - before >= 5 * kMillisecond);
  Event event = EventAt(guest, 0);
  CHECK_EQ(event.userdata, 0x1122334455667788u);
  CHECK_EQ(event.error, 0);
  CHECK_EQ(event.type, uint8_t{wasi::kEventClock});
}

TEST(absolute_time_outs_end_at_their_time) {
  TestGuest guest;
  guest.Call("clock_time_get", 1, uint64_t{0}, 0);
  uint64_t end = guest.U64(0) + 5 * kMillisecond;
  PutClock(guest, 0, 1, 1, end, 1);
  CHECK_EQ(PollAll(guest, 1), 1u);
  guest.Call("clock_time_get", 1, uint64_t{0}, 0);
  CHECK(guest.U64(0) >= end);
  guest.Call("clock_time_get", 0, uint64_t{0}, 0);
  end = guest.U64(0) + 5 * kMillisecond;
  PutClock(guest, 0, 1, 0, end, 1);
  CHECK_EQ(PollAll(guest, 1), 1u);
  guest.Call("clock_time_get", 0, uint64_t{0}, 0);
  CHECK(guest.U64(0) >= end);
  PutClock(guest, 0, 1, 0, 1, 1);  // long past
  CHECK_EQ(PollAll(guest, 1), 1u);
}

TEST(only_the_clocks_that_have_fired_are_reported) {
  TestGuest guest;
  PutClock(guest, 0, 10, 1, kHour);
  PutClock(guest, 1, 11, 1, kMillisecond);
  PutClock(guest, 2, 12, 0, 0);
  CHECK_EQ(PollAll(guest, 3), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 12u);
  PutClock(guest, 2, 12, 0, kHour);
  CHECK_EQ(PollAll(guest, 3), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 11u);
}

TEST(a_time_out_without_end_does_not_overflow) {
  TestGuest guest;
  PutClock(guest, 0, 1, 1, UINT64_MAX);
  PutClock(guest, 1, 2, 1, UINT64_MAX, 1);
  PutFd(guest, 2, 3, wasi::kEventFdWrite, 1);
  CHECK_EQ(PollAll(guest, 3), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 3u);
}

TEST(unknown_clocks_and_types_are_errors_of_their_event) {
  TestGuest guest;
  PutClock(guest, 0, 1, 2, 0);
  PutClock(guest, 1, 2, 77, 0);
  PutFd(guest, 2, 3, 9, 0);
  PutClock(guest, 3, 4, 1, kHour);
  CHECK_EQ(PollAll(guest, 4), 3u);
  CHECK_EQ(EventAt(guest, 0).error, wasi::kNotsup);
  CHECK_EQ(EventAt(guest, 1).error, wasi::kInval);
  CHECK_EQ(EventAt(guest, 2).error, wasi::kInval);
}

TEST(a_bad_descriptor_is_an_error_of_its_event) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate, wasi::kFdRead), 0u);  // cannot be polled
  PutFd(guest, 0, 1, wasi::kEventFdRead, 99);
  PutFd(guest, 1, 2, wasi::kEventFdRead, 0);
  PutFd(guest, 2, 3, wasi::kEventFdRead, fd);
  CHECK_EQ(PollAll(guest, 3), 2u);
  CHECK_EQ(EventAt(guest, 0).error, wasi::kBadf);
  CHECK_EQ(EventAt(guest, 0).type, uint8_t{wasi::kEventFdRead});
  CHECK_EQ(EventAt(guest, 1).error, wasi::kNotcapable);
}

TEST(readiness_tells_bytes_and_hangup) {
  TestGuest guest;
  PutFd(guest, 0, 1, wasi::kEventFdRead, 0);
  PutClock(guest, 1, 2, 1, kMillisecond);
  CHECK_EQ(PollAll(guest, 2), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 2u);
  Require(write(guest.input.write_end, "12345", 5) == 5, "write");
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(EventAt(guest, 0).bytes, 5u);
  CHECK_EQ(EventAt(guest, 0).flags, 0);
  close(guest.input.write_end);
  guest.input.write_end = -1;
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(EventAt(guest, 0).bytes, 5u);
  CHECK_EQ(EventAt(guest, 0).flags, uint16_t{wasi::kEventHangup});
  guest.Read(0, 10);
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(EventAt(guest, 0).bytes, 0u);
  CHECK_EQ(EventAt(guest, 0).flags, uint16_t{wasi::kEventHangup});
}

TEST(a_pipe_without_reader_is_writable_and_hung_up) {
  TestGuest guest;
  PutFd(guest, 0, 1, wasi::kEventFdWrite, 1);
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(EventAt(guest, 0).flags, 0);
  close(guest.output.read_end);
  guest.output.read_end = -1;
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(EventAt(guest, 0).error, 0);
  CHECK_EQ(EventAt(guest, 0).flags, uint16_t{wasi::kEventHangup});
}

TEST(a_full_pipe_is_not_writable) {
  TestGuest guest;
  CHECK_EQ(fcntl(guest.output.read_end, F_SETPIPE_SZ, 4096), 4096);
  CHECK_EQ(guest.Write(1, std::string(4096, 'x')), 0u);
  PutFd(guest, 0, 1, wasi::kEventFdWrite, 1);
  PutClock(guest, 1, 2, 1, kMillisecond);
  CHECK_EQ(PollAll(guest, 2), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 2u);
}

TEST(files_are_always_ready) {
  FileGuest file;
  TestGuest& guest = file.guest;
  WriteFile(file.directory.File("f"), "0123456789");
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd), 0u);
  CHECK_EQ(guest.Read(fd, 4), std::string("0123"));
  PutFd(guest, 0, 1, wasi::kEventFdRead, fd);
  PutFd(guest, 1, 2, wasi::kEventFdWrite, fd);
  PutFd(guest, 2, 3, wasi::kEventFdRead, 0);
  CHECK_EQ(PollAll(guest, 3), 2u);
  CHECK_EQ(EventAt(guest, 0).bytes, 6u);
  CHECK_EQ(EventAt(guest, 1).userdata, 2u);
}

TEST(input_ends_a_wait) {
  TestGuest guest;
  PutFd(guest, 0, 1, wasi::kEventFdRead, 0);
  PutClock(guest, 1, 2, 1, kHour);
  guest.Begin("poll_oneoff", kIn, kOut, 2, kCount);
  guest.control.WaitUntilBlocked();
  Require(write(guest.input.write_end, "x", 1) == 1, "write");
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.U32(kCount), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 1u);
}

TEST(events_may_overwrite_their_subscriptions) {
  TestGuest guest;
  PutClock(guest, 0, 7, 1, 0);
  PutClock(guest, 1, 8, 1, 0);
  CHECK_EQ(guest.Call("poll_oneoff", kIn, kIn, 2, kCount), 0u);
  CHECK_EQ(guest.U32(kCount), 2u);
  CHECK_EQ(guest.U64(kIn), 7u);
  CHECK_EQ(guest.U64(kIn + 32), 8u);
}

TEST(time_in_a_pause_does_not_count) {
  TestGuest guest;
  PutClock(guest, 0, 1, 1, 50 * kMillisecond);
  guest.Begin("poll_oneoff", kIn, kOut, 1, kCount);
  guest.control.WaitUntilBlocked();
  CallProgress progress = guest.control.Pause();
  CHECK(progress.deadline_ns.has_value());
  uint64_t left = *progress.deadline_ns - guest.state->clock().Now();
  CHECK(left <= 50 * kMillisecond);
  // Parked for longer than what is left: nothing may fire because of it.
  uint64_t until = HostNow() + left + 10 * kMillisecond;
  WaitUntil("time passes", [&] { return HostNow() > until; });
  CHECK(!guest.is_done());
  uint64_t resumed = HostNow();
  guest.control.Resume();
  CHECK_EQ(guest.Wait(), 0u);
  CHECK(HostNow() - resumed >= left);
  CHECK_EQ(guest.U32(kCount), 1u);
}

TEST(many_pauses_do_not_prolong_a_sleep) {
  TestGuest guest;
  PutClock(guest, 0, 1, 1, 30 * kMillisecond);
  guest.Begin("poll_oneoff", kIn, kOut, 1, kCount);
  std::optional<uint64_t> deadline;
  while (!guest.is_done()) {
    if (!guest.control.in_call()) continue;
    guest.control.stop = true;
    guest.state->clock().Freeze();
    WaitUntil("parks or ends", [&] {
      if (guest.control.IsParked() || guest.is_done()) return true;
      guest.control.Kick();
      return false;
    });
    if (guest.control.IsParked()) {
      std::optional<uint64_t> now = guest.control.progress().deadline_ns;
      if (deadline) CHECK_EQ(*deadline, *now);
      deadline = now;
    }
    guest.control.Resume();
  }
  CHECK_EQ(guest.Wait(), 0u);
  CHECK(guest.state->clock().Now() >= deadline.value_or(0));
}

TEST(a_recovered_sleep_ends_at_its_stored_deadline) {
  TestGuest guest;
  guest.state->clock().Freeze();
  guest.state->clock().Set(1000 * kHour);
  guest.state->clock().Thaw();
  PutClock(guest, 0, 1, 1, kHour);
  PutClock(guest, 1, 2, 1, 2 * kHour);
  guest.control.set_recovered_progress({0, 1000 * kHour + 2 * kMillisecond, 0});
  CHECK_EQ(PollAll(guest, 2), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 1u);
  CHECK(guest.state->clock().Now() >= 1000 * kHour + 2 * kMillisecond);
}

TEST(virtual_time_jumps_instead_of_waiting) {
  TestOptions options;
  options.deterministic = true;
  TestGuest guest(options);
  PutClock(guest, 0, 1, 1, 10 * kHour);
  PutClock(guest, 1, 2, 1, 20 * kHour);
  PutFd(guest, 2, 3, wasi::kEventFdRead, 0);
  CHECK_EQ(PollAll(guest, 3), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 1u);
  guest.Call("clock_time_get", 1, uint64_t{0}, 0);
  CHECK_EQ(guest.U64(0), 10 * kHour + 1000);
  PutClock(guest, 0, 1, 0, 1'600'000'000'000'000'000 + 11 * kHour, 1);
  CHECK_EQ(PollAll(guest, 1), 1u);
  CHECK_EQ(guest.state->clock().Now(), 11 * kHour);
  Require(write(guest.input.write_end, "x", 1) == 1, "write");
  PutClock(guest, 0, 1, 1, kHour);
  CHECK_EQ(PollAll(guest, 3), 1u);  // what is ready goes before time
  CHECK_EQ(EventAt(guest, 0).userdata, 3u);
  CHECK_EQ(guest.state->clock().Now(), 11 * kHour);
}

TEST(old_programs_have_longer_subscriptions) {
  TestGuest guest;
  memset(guest.memory().At(kIn, 112), 0, 112);
  guest.Put<uint64_t>(kIn, 5);
  guest.Put<uint64_t>(kIn + 16, 5);                 // identifier
  guest.Put<uint32_t>(kIn + 24, 1);                 // monotonic
  guest.Put<uint64_t>(kIn + 32, 2 * kMillisecond);  // time-out
  guest.Put<uint64_t>(kIn + 56, 6);
  guest.Put<uint8_t>(kIn + 56 + 8, wasi::kEventFdRead);
  guest.Put<uint32_t>(kIn + 56 + 16, 0);
  CHECK_EQ(guest.CallIn("wasi_unstable", "poll_oneoff", kIn, kOut, 2, kCount), 0u);
  CHECK_EQ(guest.U32(kCount), 1u);
  CHECK_EQ(EventAt(guest, 0).userdata, 5u);
}

TEST(a_kill_ends_a_sleep) {
  TestGuest guest;
  PutClock(guest, 0, 1, 1, kHour);
  guest.Begin("poll_oneoff", kIn, kOut, 1, kCount);
  guest.control.WaitUntilBlocked();
  guest.control.Kill();
  guest.Wait();
  CHECK(guest.Exception().find("killed") != std::string::npos);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
