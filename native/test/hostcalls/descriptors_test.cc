// The descriptor table: numbers, rights, flags, preopens, closing and renumbering.

#include <algorithm>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

struct Fdstat {
  uint8_t type;
  uint16_t flags;
  uint64_t base;
  uint64_t inheriting;
};

Fdstat FdstatOf(TestGuest& guest, uint32_t fd) {
  CHECK_EQ(guest.Call("fd_fdstat_get", fd, 500), 0u);
  return {guest.U8(500), guest.U16(502), guest.U64(508), guest.U64(516)};
}

TEST(numbers_are_the_lowest_free_ones) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fds[4];
  for (uint32_t i = 0; i < 4; ++i) {
    CHECK_EQ(guest.Open(3, "f" + std::to_string(i), &fds[i], wasi::kOpenCreate), 0u);
    CHECK_EQ(fds[i], 4 + i);
  }
  CHECK_EQ(guest.Call("fd_close", 5), 0u);
  CHECK_EQ(guest.Call("fd_close", 0), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "g", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(fd, 0u);
  CHECK_EQ(guest.Open(3, "h", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(fd, 5u);
}

TEST(host_descriptors_are_close_on_exec_and_closed_with_the_guest) {
  auto open_fds = [&] {
    std::vector<int> fds;
    for (int fd = 0; fd < 256; ++fd) {
      if (fcntl(fd, F_GETFD) >= 0) fds.push_back(fd);
    }
    return fds;
  };
  { FileGuest warm_up; }
  std::vector<int> before = open_fds();
  {
    FileGuest file;
    uint32_t fd = 0;
    CHECK_EQ(file.guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
    file.guest.PutText(60000, "d");
    CHECK_EQ(file.guest.Call("path_create_directory", 3, 60000, 1), 0u);
    CHECK_EQ(file.guest.Open(3, "d", &fd, wasi::kOpenDirectory, TestGuest::kReadOnly), 0u);
    CHECK_EQ(file.guest.Call("fd_readdir", fd, 1000, 1000, uint64_t{0}, 0), 0u);
    for (int now : open_fds()) {
      bool is_new = std::find(before.begin(), before.end(), now) == before.end();
      if (is_new) CHECK((fcntl(now, F_GETFD) & FD_CLOEXEC) != 0);
    }
  }
  CHECK(open_fds() == before);
}

TEST(closing_standard_output_ends_its_reader) {
  TestGuest guest;
  CHECK_EQ(guest.Call("fd_close", 1), 0u);
  char byte;
  CHECK_EQ(read(guest.output.read_end, &byte, 1), 0);
  CHECK_EQ(guest.Call("fd_close", 1), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Write(1, "x"), uint32_t{wasi::kBadf});
}

TEST(a_guest_holds_at_most_1024_descriptors) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  uint32_t error = 0;
  uint32_t opened = 4;
  while ((error = guest.Open(3, "f", &fd, wasi::kOpenCreate)) == 0) ++opened;
  CHECK_EQ(error, uint32_t{wasi::kMfile});
  CHECK_EQ(opened, 1024u);
  CHECK_EQ(guest.Open(3, "other", &fd, wasi::kOpenCreate), uint32_t{wasi::kMfile});
  CHECK(access(file.directory.File("other").c_str(), F_OK) != 0);  // nothing was created
  CHECK_EQ(guest.Call("fd_close", 1000), 0u);
  CHECK_EQ(guest.Open(3, "f", &fd), 0u);
  CHECK_EQ(fd, 1000u);
}

TEST(preopens_tell_their_guest_path) {
  FileGuest file;
  TestGuest& guest = file.guest;
  CHECK_EQ(guest.Call("fd_prestat_get", 3, 0), 0u);
  CHECK_EQ(guest.U8(0), uint8_t{0});
  CHECK_EQ(guest.U32(4), 5u);
  CHECK_EQ(guest.Call("fd_prestat_dir_name", 3, 100, 5), 0u);
  CHECK_EQ(guest.Text(100, 5), std::string("/data"));
  CHECK_EQ(guest.Call("fd_prestat_dir_name", 3, 100, 4), uint32_t{wasi::kNametoolong});
  CHECK_EQ(guest.Call("fd_prestat_dir_name", 3, kOutside, 5), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_prestat_get", 3, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_prestat_get", 4, 0), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_prestat_get", 0, 0), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_close", 3), 0u);
  CHECK_EQ(guest.Call("fd_prestat_get", 3, 0), uint32_t{wasi::kBadf});
}

TEST(a_missing_preopen_is_named) {
  HostConfig config;
  config.preopens = {{"/data", "/nonexistent/wasmsh"}};
  std::unique_ptr<HostState> state;
  Status status = HostState::Create(std::move(config), &state);
  CHECK_EQ(status.code, std::string("DIRECTORY_MISSING"));
  CHECK(status.message.find("/nonexistent/wasmsh") != std::string::npos);
  CHECK_EQ(status.system_errno, ENOENT);
}

TEST(a_terminal_is_a_character_device_that_cannot_seek) {
  TestOptions options;
  options.stream_kind = "terminal";
  TestGuest guest(options);
  Fdstat status = FdstatOf(guest, 1);
  CHECK_EQ(status.type, wasi::kCharacterDevice);
  CHECK_EQ(status.base & (wasi::kFdSeek | wasi::kFdTell), 0u);
  CHECK((status.base & wasi::kFdWrite) != 0);
  CHECK_EQ(guest.Call("fd_seek", 1, uint64_t{0}, 1, 0), uint32_t{wasi::kSpipe});
  CHECK_EQ(guest.Call("fd_tell", 1, 0), uint32_t{wasi::kSpipe});
  CHECK_EQ(guest.Call("fd_filestat_get", 1, 0), 0u);
  CHECK_EQ(guest.U8(16), wasi::kCharacterDevice);
  CHECK_EQ(guest.Write(1, "hello"), 0u);
}

TEST(a_null_stream_is_no_terminal) {
  HostConfig config;
  std::unique_ptr<HostState> state;
  CHECK_OK(HostState::Create(std::move(config), &state));
}

TEST(a_pipe_tells_nothing_of_the_host) {
  TestGuest guest;
  Fdstat status = FdstatOf(guest, 0);
  CHECK(status.type != wasi::kCharacterDevice);
  CHECK_EQ(guest.Call("fd_filestat_get", 0, 0), 0u);
  CHECK_EQ(guest.U64(0), 0u);
  CHECK_EQ(guest.U64(8), 0u);
  CHECK_EQ(guest.U64(40), 0u);
  CHECK_EQ(guest.Call("fd_filestat_get", 2, 0), 0u);
  CHECK_EQ(guest.U64(8), 2u);
}

TEST(flags_can_be_set_where_the_kernel_can) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(FdstatOf(guest, fd).flags, 0);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", fd, wasi::kFdflagAppend | wasi::kFdflagNonblock), 0u);
  CHECK_EQ(FdstatOf(guest, fd).flags, wasi::kFdflagAppend | wasi::kFdflagNonblock);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", fd, 0), 0u);
  CHECK_EQ(FdstatOf(guest, fd).flags, 0);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", fd, wasi::kFdflagSync), uint32_t{wasi::kNotsup});
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", fd, 32), uint32_t{wasi::kInval});
  uint32_t synced = 0;
  CHECK_EQ(guest.Open(3, "s", &synced, wasi::kOpenCreate,
                      TestGuest::kReadWrite | wasi::kFdSync | wasi::kFdDatasync, wasi::kFdflagSync),
           0u);
  uint16_t flags = FdstatOf(guest, synced).flags;
  CHECK((flags & wasi::kFdflagSync) != 0);
  CHECK_EQ(guest.Call("fd_fdstat_set_flags", synced, flags | wasi::kFdflagAppend), 0u);
}

TEST(rights_can_only_be_given_up) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  uint64_t base = FdstatOf(guest, fd).base;
  CHECK_EQ(guest.Call("fd_fdstat_set_rights", fd, base & ~wasi::kFdWrite, uint64_t{0}), 0u);
  CHECK_EQ(guest.Write(fd, "x"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Call("fd_fdstat_set_rights", fd, base, uint64_t{0}), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Call("fd_fdstat_set_rights", 99, uint64_t{0}, uint64_t{0}), uint32_t{wasi::kBadf});
}

TEST(renumbering_moves_and_closes_what_was_there) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t a = 0;
  uint32_t b = 0;
  CHECK_EQ(guest.Open(3, "a", &a, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Open(3, "b", &b, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Write(a, "to a"), 0u);
  CHECK_EQ(guest.Call("fd_renumber", a, b), 0u);
  CHECK_EQ(guest.Write(a, "x"), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Write(b, ", more"), 0u);
  CHECK_EQ(ReadFile(file.directory.File("a")), std::string("to a, more"));
  CHECK_EQ(ReadFile(file.directory.File("b")), std::string());
  CHECK_EQ(guest.Call("fd_renumber", b, b), 0u);
  CHECK_EQ(guest.Write(b, "!"), 0u);
  CHECK_EQ(guest.Call("fd_renumber", b, 50), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_renumber", 50, b), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Open(3, "c", &a, wasi::kOpenCreate), 0u);
  CHECK_EQ(a, 4u);
}

TEST(renumbering_thousands_of_times_leaks_nothing) {
  FileGuest file;
  TestGuest& guest = file.guest;
  for (int i = 0; i < 5000; ++i) {
    uint32_t fd = 0;
    CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
    CHECK_EQ(fd, 4u);
    CHECK_EQ(guest.Call("fd_renumber", fd, 0), 0u);
  }
}

TEST(seek_and_tell_follow_the_offset) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Write(fd, "0123456789"), 0u);
  CHECK_EQ(guest.Call("fd_tell", fd, 0), 0u);
  CHECK_EQ(guest.U64(0), 10u);
  CHECK_EQ(guest.Call("fd_seek", fd, static_cast<uint64_t>(-3), 2, 0), 0u);
  CHECK_EQ(guest.U64(0), 7u);
  CHECK_EQ(guest.Call("fd_seek", fd, static_cast<uint64_t>(-2), 1, 0), 0u);
  CHECK_EQ(guest.U64(0), 5u);
  CHECK_EQ(guest.Call("fd_seek", fd, static_cast<uint64_t>(-1), 0, 0), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_seek", fd, uint64_t{0}, 3, 0), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_seek", fd, uint64_t{0}, 0, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_seek", 3, uint64_t{0}, 0, 0), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Call("fd_seek", 0, uint64_t{0}, 0, 0), uint32_t{wasi::kSpipe});
}

TEST(old_programs_number_whence_differently) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Write(fd, "0123456789"), 0u);
  CHECK_EQ(guest.CallIn("wasi_unstable", "fd_seek", fd, uint64_t{4}, 2, 0), 0u);  // set
  CHECK_EQ(guest.U64(0), 4u);
  CHECK_EQ(guest.CallIn("wasi_unstable", "fd_seek", fd, uint64_t{1}, 0, 0), 0u);  // current
  CHECK_EQ(guest.U64(0), 5u);
  CHECK_EQ(guest.CallIn("wasi_unstable", "fd_seek", fd, uint64_t{0}, 1, 0), 0u);  // end
  CHECK_EQ(guest.U64(0), 10u);
  guest.Put<uint64_t>(56, 0x1234567890abcdef);
  CHECK_EQ(guest.CallIn("wasi_unstable", "fd_filestat_get", fd, 0), 0u);
  CHECK_EQ(guest.U32(20), 1u);   // links
  CHECK_EQ(guest.U64(24), 10u);  // size
  CHECK_EQ(guest.U64(56), 0x1234567890abcdefu);
}

TEST(files_can_be_sized_timed_and_synced) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint64_t all = TestGuest::kReadWrite | wasi::kFdSync | wasi::kFdDatasync | wasi::kFdAllocate |
                 (1ull << 7) | (1ull << 23);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate, all), 0u);
  CHECK_EQ(guest.Call("fd_filestat_set_size", fd, uint64_t{100}), 0u);
  CHECK_EQ(guest.Call("fd_allocate", fd, uint64_t{50}, uint64_t{100}), 0u);
  CHECK_EQ(guest.Call("fd_allocate", fd, uint64_t{0}, uint64_t{0}), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_filestat_set_times", fd, uint64_t{0}, uint64_t{5'000'000'007}, 4), 0u);
  CHECK_EQ(guest.Call("fd_filestat_set_times", fd, uint64_t{0}, uint64_t{0}, 12),
           uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_filestat_get", fd, 0), 0u);
  CHECK_EQ(guest.U8(16), wasi::kRegularFile);
  CHECK_EQ(guest.U64(24), 1u);
  CHECK_EQ(guest.U64(32), 150u);
  CHECK_EQ(guest.U64(48), 5'000'000'007u);
  CHECK_EQ(guest.Call("fd_filestat_get", fd, kMemoryBytes - 63), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_sync", fd), 0u);
  CHECK_EQ(guest.Call("fd_datasync", fd), 0u);
  CHECK_EQ(guest.Call("fd_advise", fd, uint64_t{0}, uint64_t{10}, 3), 0u);
  CHECK_EQ(guest.Call("fd_advise", fd, uint64_t{0}, uint64_t{10}, 6), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Call("fd_sync", 42), uint32_t{wasi::kBadf});
}

TEST(sockets_are_refused_for_what_is_none) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  guest.PutVectors(100, {{1000, 10}});
  constexpr uint32_t kNotSocket = 57;
  CHECK_EQ(guest.Call("sock_recv", fd, 100, 1, 0, 200, 204), kNotSocket);
  CHECK_EQ(guest.Call("sock_send", fd, 100, 1, 0, 200), kNotSocket);
  CHECK_EQ(guest.Call("sock_shutdown", fd, 3), kNotSocket);
  CHECK_EQ(guest.Call("sock_accept", fd, 0, 200), kNotSocket);
  CHECK_EQ(guest.Call("sock_accept", 99, 0, 200), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("sock_recv", fd, 100, 1, 0, kOutside, 204), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("sock_send", fd, 100, 1, 1, 200), uint32_t{wasi::kInval});
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
