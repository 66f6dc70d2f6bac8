// Arguments, environment, clocks, random numbers and the end of the process.

#include <time.h>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

TEST(arguments_are_written_with_their_addresses) {
  TestOptions options;
  options.arguments = {"prog", "", "two words"};
  options.environment = {"A=1", "LONG=" + std::string(300, 'x')};
  TestGuest guest(options);
  CHECK_EQ(guest.Call("args_sizes_get", 0, 4), 0u);
  CHECK_EQ(guest.U32(0), 3u);
  CHECK_EQ(guest.U32(4), 16u);
  CHECK_EQ(guest.Call("args_get", 100, 200), 0u);
  CHECK_EQ(guest.Text(guest.U32(100), 5), std::string("prog\0", 5));
  CHECK_EQ(guest.U32(104), 205u);
  CHECK_EQ(guest.Text(guest.U32(108), 10), std::string("two words\0", 10));
  CHECK_EQ(guest.Call("environ_sizes_get", 0, 4), 0u);
  CHECK_EQ(guest.U32(0), 2u);
  CHECK_EQ(guest.U32(4), 4u + 306u);
  CHECK_EQ(guest.Call("environ_get", 100, 200), 0u);
  CHECK_EQ(guest.Text(guest.U32(100), 4), std::string("A=1\0", 4));
}

TEST(no_environment_writes_nothing) {
  TestGuest guest;
  CHECK_EQ(guest.Call("environ_sizes_get", 0, 4), 0u);
  CHECK_EQ(guest.U32(0), 0u);
  CHECK_EQ(guest.U32(4), 0u);
  CHECK_EQ(guest.Call("environ_get", 0, 0), 0u);
}

TEST(bad_pointers_are_efault_and_write_nothing) {
  TestGuest guest;
  guest.Put<uint32_t>(0, 0xaaaaaaaa);
  CHECK_EQ(guest.Call("args_sizes_get", 0, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.U32(0), 0xaaaaaaaau);
  CHECK_EQ(guest.Call("args_get", kOutside, 0), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("args_get", 0, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("environ_sizes_get", UINT32_MAX, 0), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("clock_time_get", 0, uint64_t{0}, kMemoryBytes - 7), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("clock_res_get", 0, UINT32_MAX), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("random_get", 1, kMemoryBytes), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("random_get", UINT32_MAX, UINT32_MAX), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Exception(), std::string());
}

TEST(clocks_tell_time) {
  TestGuest guest;
  CHECK_EQ(guest.Call("clock_time_get", 0, uint64_t{0}, 0), 0u);
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  CHECK(guest.U64(0) / 1'000'000'000 + 5 > static_cast<uint64_t>(now.tv_sec));
  CHECK_EQ(guest.Call("clock_time_get", 1, uint64_t{0}, 0), 0u);
  uint64_t first = guest.U64(0);
  CHECK(first < 20'000'000'000);  // counts from the guest's start
  CHECK_EQ(guest.Call("clock_time_get", 1, uint64_t{0}, 0), 0u);
  CHECK(guest.U64(0) >= first);
  CHECK_EQ(guest.Call("clock_time_get", 2, uint64_t{0}, 0), 0u);
  CHECK_EQ(guest.Call("clock_time_get", 3, uint64_t{0}, 0), 0u);
  CHECK_EQ(guest.Call("clock_time_get", 4, uint64_t{0}, 0), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("clock_res_get", 1, 0), 0u);
  CHECK(guest.U64(0) >= 1);
  CHECK_EQ(guest.Call("clock_res_get", 9, 0), uint32_t{wasi::kInval});
}

TEST(deterministic_clocks_move_by_one_step_a_call) {
  TestOptions options;
  options.deterministic = true;
  TestGuest guest(options);
  for (uint64_t i = 1; i <= 3; ++i) {
    CHECK_EQ(guest.Call("clock_time_get", 1, uint64_t{0}, 0), 0u);
    CHECK_EQ(guest.U64(0), i * 1000);
  }
  CHECK_EQ(guest.Call("clock_time_get", 0, uint64_t{0}, 0), 0u);
  CHECK_EQ(guest.U64(0), 1'600'000'000'000'000'000u + 4000u);
  CHECK_EQ(guest.Call("clock_time_get", 3, uint64_t{0}, 0), 0u);
  CHECK_EQ(guest.U64(0), 5000u);
  CHECK_EQ(guest.Call("clock_res_get", 0, 0), 0u);
  CHECK_EQ(guest.U64(0), 1000u);
}

TEST(random_bytes_differ_and_fill_exactly) {
  TestGuest guest;
  guest.Put<uint64_t>(0, 0);
  guest.Put<uint64_t>(8, 0);
  CHECK_EQ(guest.Call("random_get", 1, 14), 0u);
  CHECK_EQ(guest.U8(0), uint8_t{0});
  CHECK_EQ(guest.U8(15), uint8_t{0});
  CHECK(guest.U64(1) != guest.U64(7) || guest.U64(1) != 0);
  CHECK_EQ(guest.Call("random_get", 0, 0), 0u);
  CHECK_EQ(guest.Call("random_get", 0, kMemoryBytes), 0u);
}

TEST(seeded_random_repeats_and_its_state_goes_on) {
  TestOptions options;
  options.deterministic = true;
  options.seed = 7;
  TestGuest first(options);
  TestGuest second(options);
  CHECK_EQ(first.Call("random_get", 0, 10000), 0u);
  CHECK_EQ(second.Call("random_get", 0, 10000), 0u);
  CHECK_EQ(first.Text(0, 10000), second.Text(0, 10000));
  view::View view;
  CHECK_OK(first.state->Save(&view));
  CHECK(view.environment.deterministic);
  CHECK_EQ(first.Call("random_get", 0, 16), 0u);
  options.seed = 8;
  TestGuest recovered(options);
  recovered.state->clock().Freeze();
  CHECK_OK(recovered.state->Restore(view));
  recovered.state->clock().Thaw();
  CHECK_EQ(recovered.Call("random_get", 0, 16), 0u);
  CHECK_EQ(first.Text(0, 16), recovered.Text(0, 16));
}

TEST(splitting_a_request_does_not_change_seeded_numbers) {
  TestOptions options;
  options.deterministic = true;
  TestGuest whole(options);
  TestGuest halves(options);
  whole.Call("random_get", 0, 16);
  halves.Call("random_get", 0, 8);
  halves.Call("random_get", 8, 8);
  CHECK_EQ(whole.Text(0, 16), halves.Text(0, 16));
}

TEST(exit_carries_the_code_and_unwinds) {
  TestGuest guest;
  guest.Call("proc_exit", 42);
  CHECK(guest.control.exited);
  CHECK_EQ(guest.control.exit_code, 42u);
  CHECK(guest.Exception().find("wasi proc exit") != std::string::npos);
}

TEST(signals_end_the_guest_are_ignored_or_refused) {
  TestGuest guest;
  CHECK_EQ(guest.Call("proc_raise", 0), 0u);
  CHECK_EQ(guest.Call("proc_raise", 16), 0u);
  CHECK_EQ(guest.Call("proc_raise", 18), uint32_t{wasi::kNotsup});
  CHECK_EQ(guest.Call("proc_raise", 31), uint32_t{wasi::kInval});
  CHECK(!guest.control.exited);
  guest.Call("proc_raise", 6);
  CHECK(guest.control.exited);
  CHECK_EQ(guest.control.exit_code, 134u);
}

TEST(yield_returns) {
  TestGuest guest;
  CHECK_EQ(guest.Call("sched_yield"), 0u);
}

TEST(a_long_random_request_can_be_interrupted_and_goes_on) {
  TestGuest guest;
  guest.control.stop = true;  // seen after the first piece
  guest.Begin("random_get", 0, kMemoryBytes);
  CallProgress progress = guest.control.Pause();
  CHECK_EQ(progress.transferred, 4096u);
  guest.control.Resume();
  CHECK_EQ(guest.Wait(), 0u);
}

TEST(calls_are_counted) {
  TestGuest guest;
  uint64_t before = guest.state->Calls();
  guest.Call("sched_yield");
  guest.Call("sched_yield");
  CHECK_EQ(guest.state->Calls() - before, 2u);
}

TEST(wamr_resolves_only_what_the_boundary_provides) {
  TestGuest guest;
  CHECK(FindHostCall(kPreview1, "sock_open") == nullptr);
  CHECK(FindHostCall("wasi_unstable", "fd_write") != nullptr);
  CHECK(FindHostCall("wasi_unstable", "sock_accept") == nullptr);
  CHECK(FindHostCall("env", "fd_write") == nullptr);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
