// fd_read, fd_write, fd_pread and fd_pwrite, whole and interrupted.

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

std::string Drain(int fd, size_t length) {
  std::string text(length, '\0');
  size_t done = 0;
  while (done < length) {
    ssize_t got = read(fd, text.data() + done, length - done);
    Require(got > 0, "read");
    done += static_cast<size_t>(got);
  }
  return text;
}

int Held(int fd) {
  int bytes = 0;
  ioctl(fd, FIONREAD, &bytes);
  return bytes;
}

TEST(reads_what_is_there_into_several_buffers) {
  TestGuest guest;
  Require(write(guest.input.write_end, "hello world", 11) == 11, "write");
  uint32_t count = guest.PutVectors(100, {{1000, 3}, {2000, 0}, {3000, 100}});
  CHECK_EQ(guest.Call("fd_read", 0, 100, count, 200), 0u);
  CHECK_EQ(guest.U32(200), 11u);
  CHECK_EQ(guest.Text(1000, 3), std::string("hel"));
  CHECK_EQ(guest.Text(3000, 8), std::string("lo world"));
}

TEST(end_of_input_reads_zero_bytes) {
  TestGuest guest;
  close(guest.input.write_end);
  guest.input.write_end = -1;
  CHECK_EQ(guest.Read(0, 10), std::string());
}

TEST(writes_are_counted_by_stream) {
  TestGuest guest;
  CHECK_EQ(guest.Write(1, "to stdout"), 0u);
  CHECK_EQ(guest.U32(200), 9u);
  CHECK_EQ(guest.Write(2, "err"), 0u);
  CHECK_EQ(Drain(guest.output.read_end, 9), std::string("to stdout"));
  CHECK_EQ(Drain(guest.errors.read_end, 3), std::string("err"));
  CHECK_EQ(guest.state->counters().stdout_bytes.load(), 9u);
  CHECK_EQ(guest.state->counters().stderr_bytes.load(), 3u);
}

TEST(counting_follows_the_stream_through_a_renumber) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "a", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Call("fd_renumber", 1, fd), 0u);
  CHECK_EQ(guest.Write(fd, "12345"), 0u);
  CHECK_EQ(guest.state->counters().stdout_bytes.load(), 5u);
  CHECK_EQ(guest.Open(3, "b", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(fd, 1u);
  CHECK_EQ(guest.Write(1, "into the file"), 0u);
  CHECK_EQ(guest.state->counters().stdout_bytes.load(), 5u);
}

TEST(bad_pointers_and_descriptors_have_no_effect) {
  TestGuest guest;
  Require(write(guest.input.write_end, "kept", 4) == 4, "write");
  guest.PutVectors(100, {{1000, 4}, {kOutside, 2}});
  CHECK_EQ(guest.Call("fd_read", 0, 100, 2, 200), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_read", 0, kOutside, 1, 200), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_read", 0, 100, 1, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_read", 0, 0, UINT32_MAX, 200), uint32_t{wasi::kInval});
  CHECK_EQ(Held(guest.input.write_end), 4);
  guest.PutVectors(100, {{1000, 4}});
  CHECK_EQ(guest.Call("fd_write", 1, 100, 1, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(Held(guest.output.read_end), 0);
  CHECK_EQ(guest.Call("fd_write", 77, 100, 1, 200), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_write", UINT32_MAX, 100, 1, 200), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_write", 0, 100, 1, 200), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Call("fd_read", 1, 100, 1, 200), uint32_t{wasi::kNotcapable});
}

TEST(an_empty_list_moves_nothing) {
  TestGuest guest;
  CHECK_EQ(guest.Call("fd_write", 1, 0, 0, 200), 0u);
  CHECK_EQ(guest.U32(200), 0u);
  guest.PutVectors(100, {{UINT32_MAX, 0}});  // an empty buffer may be anywhere
  CHECK_EQ(guest.Call("fd_read", 0, 100, 1, 200), 0u);
  CHECK_EQ(guest.U32(200), 0u);
}

TEST(over_64_buffers_are_written_in_order) {
  TestGuest guest;
  std::vector<std::pair<uint32_t, uint32_t>> vectors;
  std::string expected;
  for (uint32_t i = 0; i < 1000; ++i) {
    guest.Put(uint32_t{20000 + i}, static_cast<uint8_t>(i));
    vectors.push_back({20000 + i, 1});
    expected += static_cast<char>(i);
  }
  uint32_t count = guest.PutVectors(1000, vectors);
  CHECK_EQ(guest.Call("fd_write", 1, 1000, count, 200), 0u);
  CHECK_EQ(guest.U32(200), 1000u);
  CHECK_EQ(Drain(guest.output.read_end, 1000), expected);
  CHECK_EQ(guest.Call("fd_write", 1, 1000, 1025, 200), uint32_t{wasi::kInval});
}

TEST(a_reader_that_is_gone_is_epipe) {
  TestGuest guest;
  close(guest.output.read_end);
  guest.output.read_end = -1;
  CHECK_EQ(guest.Write(1, "x"), 64u);
}

TEST(files_are_read_and_written_at_offsets) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "log", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Write(fd, "0123456789"), 0u);
  guest.PutText(1000, "AB");
  guest.PutVectors(100, {{1000, 2}});
  CHECK_EQ(guest.Call("fd_pwrite", fd, 100, 1, uint64_t{4}, 200), 0u);
  CHECK_EQ(guest.U32(200), 2u);
  CHECK_EQ(ReadFile(file.directory.File("log")), std::string("0123AB6789"));
  guest.PutVectors(100, {{2000, 100}});
  CHECK_EQ(guest.Call("fd_pread", fd, 100, 1, uint64_t{8}, 200), 0u);
  CHECK_EQ(guest.Text(2000, guest.U32(200)), std::string("89"));
  CHECK_EQ(guest.Call("fd_pread", fd, 100, 1, UINT64_MAX, 200), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_pread", 0, 100, 1, uint64_t{0}, 200), uint32_t{wasi::kSpipe});
  CHECK_EQ(guest.Call("fd_seek", fd, uint64_t{2}, 0, 300), 0u);
  CHECK_EQ(guest.Read(fd, 4), std::string("23AB"));
}

TEST(appending_ignores_the_offset) {
  FileGuest file;
  WriteFile(file.directory.File("log"), "old");
  uint32_t fd = 0;
  CHECK_EQ(file.guest.Open(3, "log", &fd, 0, TestGuest::kReadWrite, wasi::kFdflagAppend), 0u);
  CHECK_EQ(file.guest.Write(fd, "+new"), 0u);
  CHECK_EQ(ReadFile(file.directory.File("log")), std::string("old+new"));
}

TEST(nonblocking_input_says_again) {
  TestGuest guest;
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", 0, wasi::kFdflagNonblock), 0u);
  guest.PutVectors(100, {{1000, 10}});
  CHECK_EQ(guest.Call("fd_read", 0, 100, 1, 200), uint32_t{wasi::kAgain});
}

TEST(nonblocking_output_takes_what_fits) {
  TestGuest guest;
  CHECK_EQ(fcntl(guest.output.read_end, F_SETPIPE_SZ, 4096), 4096);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", 1, wasi::kFdflagNonblock), 0u);
  guest.PutVectors(100, {{0, 10000}});
  CHECK_EQ(guest.Call("fd_write", 1, 100, 1, 200), 0u);
  CHECK_EQ(guest.U32(200), 4096u);
  CHECK_EQ(guest.Call("fd_write", 1, 100, 1, 200), uint32_t{wasi::kAgain});
}

TEST(a_pause_in_a_blocked_read_is_undone_and_issued_again) {
  TestGuest guest;
  guest.PutVectors(100, {{1000, 100}});
  guest.Begin("fd_read", 0, 100, 1, 200);
  guest.control.WaitUntilBlocked();
  for (int i = 0; i < 20; ++i) {
    CHECK_EQ(guest.control.Pause().transferred, 0u);
    if (i == 10) Require(write(guest.input.write_end, "late", 4) == 4, "write");
    if (i == 10) CHECK_EQ(Held(guest.input.write_end), 4);
    guest.control.Resume();
    if (i == 10) break;
    guest.control.WaitUntilBlocked();
  }
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.Text(1000, guest.U32(200)), std::string("late"));
}

TEST(an_interrupted_write_goes_on_and_returns_the_total) {
  TestGuest guest;
  CHECK_EQ(fcntl(guest.output.read_end, F_SETPIPE_SZ, 4096), 4096);
  std::string text;
  for (int i = 0; i < 20000; ++i) text += static_cast<char>('a' + i % 26);
  guest.PutText(10000, text);
  guest.PutVectors(100, {{10000, 7000}, {17000, 13000}});
  guest.Begin("fd_write", 1, 100, 2, 200);
  WaitUntil("the pipe fills", [&] { return Held(guest.output.read_end) == 4096; });
  CHECK_EQ(guest.control.Pause().transferred, 4096u);
  std::string got = Drain(guest.output.read_end, 4096);
  CHECK_EQ(Held(guest.output.read_end), 0);  // nothing is written while it is parked
  guest.control.Resume();
  WaitUntil("the pipe fills again", [&] { return Held(guest.output.read_end) == 4096; });
  CHECK_EQ(guest.control.Pause().transferred, 8192u);
  guest.control.Resume();
  got += Drain(guest.output.read_end, 20000 - 4096);
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.U32(200), 20000u);
  CHECK_EQ(got, text);
  CHECK_EQ(guest.state->counters().stdout_bytes.load(), 20000u);
}

TEST(a_recovered_write_begins_behind_what_was_written) {
  TestGuest guest;
  guest.PutText(1000, "0123456789");
  guest.PutVectors(100, {{1000, 4}, {1004, 6}});
  guest.control.set_recovered_progress({7, std::nullopt, 0});
  CHECK_EQ(guest.Call("fd_write", 1, 100, 2, 200), 0u);
  CHECK_EQ(guest.U32(200), 10u);
  CHECK_EQ(Drain(guest.output.read_end, 3), std::string("789"));
  CHECK_EQ(Held(guest.output.read_end), 0);
}

TEST(an_error_after_some_bytes_reports_the_bytes) {
  TestGuest guest;
  CHECK_EQ(fcntl(guest.output.read_end, F_SETPIPE_SZ, 4096), 4096);
  guest.PutVectors(100, {{0, 10000}});
  guest.Begin("fd_write", 1, 100, 1, 200);
  WaitUntil("the pipe fills", [&] { return Held(guest.output.read_end) == 4096; });
  guest.control.Pause();
  close(guest.output.read_end);
  guest.output.read_end = -1;
  guest.control.Resume();
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.U32(200), 4096u);
  CHECK_EQ(guest.Write(1, "x"), 64u);
}

TEST(a_kill_ends_a_blocked_read) {
  TestGuest guest;
  guest.PutVectors(100, {{1000, 100}});
  guest.Begin("fd_read", 0, 100, 1, 200);
  guest.control.WaitUntilBlocked();
  guest.control.Kill();
  guest.Wait();
  CHECK(guest.Exception().find("killed") != std::string::npos);
}

TEST(a_pause_in_a_long_file_transfer_waits_for_one_piece_only) {
  FileGuest file;
  TestGuest& guest = file.guest;
  // One buffer many times over, so that 64 KiB of memory make 63 MiB of data.
  std::vector<std::pair<uint32_t, uint32_t>> vectors(1000, {0, 64000});
  uint32_t count = guest.PutVectors(0, vectors);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "big", &fd, wasi::kOpenCreate), 0u);
  guest.PutVectors(0, vectors);
  guest.control.stop = true;
  guest.Begin("fd_write", fd, 0, count, 65000);
  uint64_t done = guest.control.Pause().transferred;
  CHECK(done > 0 && done <= 1 << 20);
  guest.control.Resume();
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.U32(65000), 64'000'000u);
  struct stat status;
  CHECK_EQ(stat(file.directory.File("big").c_str(), &status), 0);
  CHECK_EQ(status.st_size, 64'000'000);
}

TEST(memory_that_is_edited_while_parked_is_checked_again) {
  TestGuest guest;
  guest.PutVectors(100, {{1000, 100}});
  guest.Begin("fd_read", 0, 100, 1, 200);
  guest.control.WaitUntilBlocked();
  guest.control.Pause();
  guest.Put<uint32_t>(100, UINT32_MAX - 10);
  guest.control.Resume();
  CHECK_EQ(guest.Wait(), uint32_t{wasi::kFault});
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
