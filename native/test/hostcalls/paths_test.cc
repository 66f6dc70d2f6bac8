// Calls on paths: what they do, and that no path leaves its directory.

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

constexpr uint32_t kNoEntry = 44;
constexpr uint32_t kExists = 20;
constexpr uint32_t kLoop = 32;
constexpr uint32_t kNotDirectory = 54;
constexpr uint32_t kNotEmpty = 55;
constexpr uint32_t kIllegalBytes = 25;

/** A path call with one path at 60000. */
template <typename... Rest>
uint32_t OnPath(TestGuest& guest, const std::string& name, uint32_t fd, const std::string& path,
                Rest... rest) {
  guest.PutText(60000, path);
  return guest.Call(name, fd, 60000, path.size(), rest...);
}

uint32_t Filestat(TestGuest& guest, uint32_t fd, const std::string& path, uint32_t lookup = 0) {
  guest.PutText(60000, path);
  return guest.Call("path_filestat_get", fd, lookup, 60000, path.size(), 0);
}

uint32_t Symlink(TestGuest& guest, const std::string& target, const std::string& path) {
  guest.PutText(61000, target);
  guest.PutText(60000, path);
  return guest.Call("path_symlink", 61000, target.size(), 3, 60000, path.size());
}

uint32_t Rename(TestGuest& guest, const std::string& from, const std::string& to) {
  guest.PutText(61000, from);
  guest.PutText(60000, to);
  return guest.Call("path_rename", 3, 61000, from.size(), 3, 60000, to.size());
}

TEST(open_flags_do_what_they_say) {
  FileGuest file;
  TestGuest& guest = file.guest;
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd), kNoEntry);
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate | wasi::kOpenExclusive), 0u);
  CHECK_EQ(guest.Write(fd, "contents"), 0u);
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenCreate | wasi::kOpenExclusive), kExists);
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenDirectory, TestGuest::kReadOnly), kNotDirectory);
  CHECK_EQ(guest.Open(3, "f", &fd, wasi::kOpenTruncate), 0u);
  CHECK_EQ(ReadFile(file.directory.File("f")), std::string());
  CHECK_EQ(guest.Open(3, ".", &fd, wasi::kOpenCreate | wasi::kOpenDirectory),
           uint32_t{wasi::kInval});
  CHECK_EQ(guest.Open(3, "f", &fd, 16), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Open(3, "f", &fd, 0, TestGuest::kReadOnly, 32), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Open(3, "f", &fd, 0, TestGuest::kReadOnly, 0, 2), uint32_t{wasi::kInval});
  CHECK_EQ(guest.Open(99, "f", &fd), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Open(0, "f", &fd), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Open(3, std::string(5000, 'x'), &fd), uint32_t{wasi::kNametoolong});
  CHECK_EQ(guest.Open(3, std::string("a\0b", 3), &fd), kIllegalBytes);
  CHECK_EQ(guest.Open(3, "", &fd), kNoEntry);
}

TEST(open_checks_its_pointers_first) {
  FileGuest file;
  TestGuest& guest = file.guest;
  guest.PutText(60000, "f");
  uint64_t rights = TestGuest::kReadWrite;
  CHECK_EQ(
      guest.Call("path_open", 3, 0, 60000, 1, wasi::kOpenCreate, rights, uint64_t{0}, 0, kOutside),
      uint32_t{wasi::kFault});
  CHECK_EQ(
      guest.Call("path_open", 3, 0, kOutside, 100, wasi::kOpenCreate, rights, uint64_t{0}, 0, 0),
      uint32_t{wasi::kFault});
  CHECK(access(file.directory.File("f").c_str(), F_OK) != 0);
}

TEST(a_directory_opens_for_reading_whatever_the_rights) {
  FileGuest file;
  TestGuest& guest = file.guest;
  CHECK_EQ(OnPath(guest, "path_create_directory", 3, "sub"), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "sub", &fd, wasi::kOpenDirectory, wasi::kFileRights), 0u);
  CHECK_EQ(guest.Call("fd_fdstat_get", fd, 0), 0u);
  CHECK_EQ(guest.U8(0), wasi::kDirectory);
  CHECK_EQ(guest.Open(3, "sub", &fd, 0, wasi::kFdRead | wasi::kFdWrite), uint32_t{wasi::kIsdir});
}

TEST(rights_that_only_hint_at_writing_open_a_read_only_file) {
  FileGuest file;
  TestGuest& guest = file.guest;
  OnPath(guest, "path_create_directory", 3, "sub");
  uint32_t fd = 0;
  uint64_t rights = wasi::kFdRead | wasi::kFdFilestatSetSize;  // as Go's os.Open asks
  CHECK_EQ(guest.Open(3, "sub", &fd, 0, rights), 0u);
}

TEST(what_is_opened_below_a_directory_is_found_there) {
  FileGuest file;
  TestGuest& guest = file.guest;
  OnPath(guest, "path_create_directory", 3, "sub");
  uint32_t directory = 0;
  uint32_t fd = 0;
  // Handing rights on to what is opened below takes inheriting rights.
  guest.PutText(60000, "sub");
  CHECK_EQ(guest.Call("path_open", 3, 1, 60000, 3, wasi::kOpenDirectory, wasi::kFileRights,
                      wasi::kFileRights, 0, 59000),
           0u);
  directory = guest.U32(59000);
  CHECK_EQ(guest.Open(directory, "f", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(guest.Write(fd, "below"), 0u);
  CHECK_EQ(ReadFile(file.directory.File("sub/f")), std::string("below"));
}

TEST(no_path_leaves_the_directory) {
  TemporaryDirectory outside;
  WriteFile(outside.File("secret"), "secret");
  FileGuest file;
  TestGuest& guest = file.guest;
  OnPath(guest, "path_create_directory", 3, "sub");
  Require(symlink(outside.path().c_str(), file.directory.File("absolute").c_str()) == 0, "symlink");
  std::string name = outside.path().substr(outside.path().rfind('/') + 1);
  Require(symlink(("../" + name).c_str(), file.directory.File("relative").c_str()) == 0, "symlink");
  Require(symlink("../..", file.directory.File("sub/up").c_str()) == 0, "symlink");
  uint32_t fd = 0;
  for (const std::string& path :
       {std::string(".."), std::string("../") + name + "/secret", std::string("/etc/passwd"),
        std::string("sub/../../") + name + "/secret", std::string("absolute/secret"),
        std::string("relative/secret"), std::string("sub/up"),
        std::string("sub/up/") + name + "/secret", outside.File("secret")}) {
    CHECK_EQ(guest.Open(3, path, &fd, 0, TestGuest::kReadOnly), uint32_t{wasi::kNotcapable});
    CHECK_EQ(Filestat(guest, 3, path, 1), uint32_t{wasi::kNotcapable});
    CHECK_EQ(guest.Open(3, path + "/new", &fd, wasi::kOpenCreate), uint32_t{wasi::kNotcapable});
  }
  CHECK_EQ(guest.Open(3, "absolute", &fd, wasi::kOpenDirectory, TestGuest::kReadOnly),
           uint32_t{wasi::kNotcapable});
  CHECK_EQ(OnPath(guest, "path_unlink_file", 3, "relative/secret"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(OnPath(guest, "path_create_directory", 3, "absolute/made"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(Rename(guest, "sub", "relative/sub"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(ReadFile(outside.File("secret")), std::string("secret"));
}

TEST(links_inside_are_followed_when_asked) {
  FileGuest file;
  TestGuest& guest = file.guest;
  WriteFile(file.directory.File("target"), "12345");
  CHECK_EQ(Symlink(guest, "target", "link"), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "link", &fd, 0, TestGuest::kReadOnly, 0, 1), 0u);
  CHECK_EQ(guest.Read(fd, 10), std::string("12345"));
  CHECK_EQ(guest.Open(3, "link", &fd, 0, TestGuest::kReadOnly, 0, 0), kLoop);
  CHECK_EQ(Filestat(guest, 3, "link", 0), 0u);
  CHECK_EQ(guest.U8(16), wasi::kSymbolicLink);
  CHECK_EQ(Filestat(guest, 3, "link", 1), 0u);
  CHECK_EQ(guest.U8(16), wasi::kRegularFile);
  CHECK_EQ(guest.U64(32), 5u);
  CHECK_EQ(OnPath(guest, "path_readlink", 3, "link", 100, 50, 200), 0u);
  CHECK_EQ(guest.Text(100, guest.U32(200)), std::string("target"));
  CHECK_EQ(OnPath(guest, "path_readlink", 3, "link", 100, 3, 200), 0u);
  CHECK_EQ(guest.U32(200), 3u);
  CHECK_EQ(OnPath(guest, "path_readlink", 3, "target", 100, 50, 200), uint32_t{wasi::kInval});
  CHECK_EQ(OnPath(guest, "path_readlink", 3, "link", kOutside, 50, 200), uint32_t{wasi::kFault});
  CHECK_EQ(Symlink(guest, "/etc/passwd", "evil"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(Symlink(guest, "loop", "loop"), 0u);
  CHECK_EQ(guest.Open(3, "loop", &fd, 0, TestGuest::kReadOnly, 0, 1), kLoop);
}

TEST(a_link_target_is_not_looked_up_from_the_host_programs_directory) {
  FileGuest file;
  TemporaryDirectory elsewhere;
  WriteFile(elsewhere.File("package.json"), "{}");
  char before[4096];
  Require(getcwd(before, sizeof before) != nullptr, "getcwd");
  Require(chdir(elsewhere.path().c_str()) == 0, "chdir");
  uint32_t error = Symlink(file.guest, "package.json", "link");
  Require(chdir(before) == 0, "chdir");
  CHECK_EQ(error, 0u);
}

TEST(names_come_and_go) {
  FileGuest file;
  TestGuest& guest = file.guest;
  CHECK_EQ(OnPath(guest, "path_create_directory", 3, "d"), 0u);
  CHECK_EQ(OnPath(guest, "path_create_directory", 3, "d"), kExists);
  WriteFile(file.directory.File("d/f"), "x");
  CHECK_EQ(OnPath(guest, "path_remove_directory", 3, "d"), kNotEmpty);
  CHECK_EQ(OnPath(guest, "path_unlink_file", 3, "d"), uint32_t{wasi::kIsdir});
  CHECK_EQ(Rename(guest, "d/f", "g"), 0u);
  CHECK_EQ(OnPath(guest, "path_remove_directory", 3, "d"), 0u);
  CHECK_EQ(OnPath(guest, "path_remove_directory", 3, "g"), kNotDirectory);
  guest.PutText(61000, "g");
  guest.PutText(60000, "h");
  CHECK_EQ(guest.Call("path_link", 3, 0, 61000, 1, 3, 60000, 1), 0u);
  CHECK_EQ(guest.Call("path_link", 3, 0, 61000, 1, 3, 60000, 1), kExists);
  CHECK_EQ(Filestat(guest, 3, "h"), 0u);
  CHECK_EQ(guest.U64(24), 2u);
  CHECK_EQ(OnPath(guest, "path_unlink_file", 3, "g"), 0u);
  CHECK_EQ(OnPath(guest, "path_unlink_file", 3, "g"), kNoEntry);
  CHECK_EQ(ReadFile(file.directory.File("h")), std::string("x"));
  guest.PutText(60000, "h");
  CHECK_EQ(guest.Call("path_filestat_set_times", 3, 0, 60000, 1, uint64_t{3'000'000'000},
                      uint64_t{4'000'000'000}, 5),
           0u);
  CHECK_EQ(Filestat(guest, 3, "h"), 0u);
  CHECK_EQ(guest.U64(40), 3'000'000'000u);
  CHECK_EQ(guest.U64(48), 4'000'000'000u);
}

TEST(bad_pointers_are_efault_everywhere) {
  FileGuest file;
  TestGuest& guest = file.guest;
  constexpr uint32_t kFaulty = wasi::kFault;
  CHECK_EQ(guest.Call("path_create_directory", 3, kOutside, 9), kFaulty);
  CHECK_EQ(guest.Call("path_remove_directory", 3, kOutside, 9), kFaulty);
  CHECK_EQ(guest.Call("path_unlink_file", 3, kOutside, 9), kFaulty);
  CHECK_EQ(guest.Call("path_filestat_get", 3, 0, kOutside, 9, 0), kFaulty);
  CHECK_EQ(guest.Call("path_filestat_get", 3, 0, 0, 9, kOutside), kFaulty);
  CHECK_EQ(guest.Call("path_filestat_set_times", 3, 0, kOutside, 9, uint64_t{0}, uint64_t{0}, 0),
           kFaulty);
  CHECK_EQ(guest.Call("path_rename", 3, 0, 1, 3, kOutside, 9), kFaulty);
  CHECK_EQ(guest.Call("path_link", 3, 0, kOutside, 9, 3, 0, 1), kFaulty);
  CHECK_EQ(guest.Call("path_symlink", kOutside, 9, 3, 0, 1), kFaulty);
  CHECK_EQ(guest.Call("path_readlink", 3, UINT32_MAX, UINT32_MAX, 0, 1, 0), kFaulty);
  CHECK_EQ(guest.Exception(), std::string());
}

TEST(opening_a_named_pipe_waits_and_can_be_paused) {
  FileGuest file;
  TestGuest& guest = file.guest;
  Require(mkfifo(file.directory.File("fifo").c_str(), 0600) == 0, "mkfifo");
  guest.PutText(60000, "fifo");
  guest.Begin("path_open", 3, 0, 60000, 4, 0, uint64_t{wasi::kFdRead}, uint64_t{0}, 0, 59000);
  guest.control.WaitUntilBlocked();
  guest.control.Pause();
  guest.control.Resume();
  guest.control.WaitUntilBlocked();
  CHECK(!guest.is_done());
  int writer = open(file.directory.File("fifo").c_str(), O_WRONLY | O_CLOEXEC);
  CHECK_EQ(guest.Wait(), 0u);
  CHECK_EQ(guest.U32(59000), 4u);
  CHECK_EQ(guest.state->Blockers().size(), 1u);
  close(writer);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
