// What deterministic runs tell of files: the same for every copy of a directory.

#include <map>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

struct DeterministicGuest {
  TemporaryDirectory directory;
  TestGuest guest{Options(directory.path())};

  static TestOptions Options(const std::string& host_path) {
    TestOptions options = FileGuest::WithPreopen(host_path);
    options.deterministic = true;
    return options;
  }
};

/** The encoded filestat of a path, symbolic links not followed. */
std::string StatPath(TestGuest& guest, const std::string& path, uint32_t fd = 3) {
  guest.PutText(60000, path);
  CHECK_EQ(guest.Call("path_filestat_get", fd, 0, 60000, path.size(), 0), 0u);
  return guest.Text(0, 64);
}

std::string StatFd(TestGuest& guest, uint32_t fd) {
  CHECK_EQ(guest.Call("fd_filestat_get", fd, 0), 0u);
  return guest.Text(0, 64);
}

std::map<std::string, uint64_t> Inodes(TestGuest& guest, uint32_t fd) {
  std::map<std::string, uint64_t> inodes;
  CHECK_EQ(guest.Call("fd_readdir", fd, 1000, 10000, uint64_t{0}, 500), 0u);
  for (uint32_t at = 1000; at < 1000 + guest.U32(500); at += 24 + guest.U32(at + 16)) {
    inodes[guest.Text(at + 24, guest.U32(at + 16))] = guest.U64(at + 8);
  }
  return inodes;
}

void Fill(const TemporaryDirectory& directory) {
  Require(mkdir(directory.File("sub").c_str(), 0700) == 0, "mkdir");
  WriteFile(directory.File("sub/file"), "contents");
  Require(symlink("sub", directory.File("link").c_str()) == 0, "symlink");
}

TEST(copies_of_a_directory_look_the_same) {
  DeterministicGuest first;
  DeterministicGuest second;
  Fill(first.directory);
  WriteFile(second.directory.File("gives another inode"), "");
  unlink(second.directory.File("gives another inode").c_str());
  Fill(second.directory);
  for (const char* path : {".", "sub", "sub/file", "link"}) {
    CHECK_EQ(StatPath(first.guest, path), StatPath(second.guest, path));
  }
  CHECK(Inodes(first.guest, 3) == Inodes(second.guest, 3));
}

TEST(one_file_has_one_identity_by_path_descriptor_and_directory) {
  DeterministicGuest file;
  TestGuest& guest = file.guest;
  Fill(file.directory);
  uint32_t fd = 0;
  uint32_t directory = 0;
  CHECK_EQ(guest.Open(3, "link/../sub/./file", &fd, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(guest.Open(3, "link", &directory, wasi::kOpenDirectory,
                      TestGuest::kReadOnly | wasi::kPathFilestatGet),
           0u);
  std::string by_path = StatPath(guest, "sub/file");
  CHECK_EQ(StatFd(guest, fd), by_path);
  CHECK_EQ(StatPath(guest, "link/file"), by_path);
  CHECK_EQ(StatPath(guest, "file", directory), by_path);
  uint64_t inode = guest.U64(8);
  CHECK_EQ(Inodes(guest, directory)["file"], inode);
  StatPath(guest, "sub");
  uint64_t sub = guest.U64(8);
  CHECK(sub != inode);
  CHECK_EQ(Inodes(guest, directory)["."], sub);
  CHECK_EQ(Inodes(guest, 3)["sub"], sub);
  StatPath(guest, ".");
  CHECK_EQ(Inodes(guest, directory)[".."], guest.U64(8));
  CHECK_EQ(Inodes(guest, 3)[".."], guest.U64(8));
}

TEST(a_deleted_file_keeps_its_identity) {
  DeterministicGuest file;
  Fill(file.directory);
  uint32_t fd = 0;
  CHECK_EQ(file.guest.Open(3, "sub/file", &fd, 0, TestGuest::kReadOnly), 0u);
  StatFd(file.guest, fd);
  uint64_t inode = file.guest.U64(8);
  unlink(file.directory.File("sub/file").c_str());
  StatFd(file.guest, fd);
  CHECK_EQ(file.guest.U64(8), inode);
}

TEST(a_deleted_file_keeps_its_identity_when_it_is_recovered) {
  DeterministicGuest first;
  Fill(first.directory);
  uint32_t fd = 0;
  CHECK_EQ(first.guest.Open(3, "sub/file", &fd, 0, TestGuest::kReadOnly), 0u);
  const std::string last = first.directory.File("last name");
  Require(rename(first.directory.File("sub/file").c_str(), last.c_str()) == 0, "rename");
  unlink(last.c_str());
  StatFd(first.guest, fd);
  const uint64_t inode = first.guest.U64(8);
  view::View view;
  CHECK_OK(first.guest.state->Save(&view));

  TemporaryDirectory directory;
  const std::string nameless = directory.File("contents");
  WriteFile(nameless, "contents");
  TestOptions options = DeterministicGuest::Options(directory.path());
  options.given = {{fd, open(nameless.c_str(), O_RDONLY | O_CLOEXEC)}};
  unlink(nameless.c_str());
  TestGuest second(options);
  second.state->clock().Freeze();
  CHECK_OK(second.state->Restore(view));
  second.state->clock().Thaw();
  StatFd(second, fd);
  CHECK_EQ(second.U64(8), inode);
  view::View again;
  CHECK_OK(second.state->Save(&again));
  CHECK_EQ(again.descriptors[fd].guest_path, std::string("last name"));
  CHECK_EQ(again.descriptors[fd].stream, view.descriptors[fd].stream);
}

uint32_t OnTwo(TestGuest& guest, const char* call, const std::string& from, const std::string& to,
               uint32_t to_fd = 3) {
  guest.PutText(61000, from);
  guest.PutText(60000, to);
  if (std::string(call) == "path_link") {
    return guest.Call(call, 3, 0, 61000, from.size(), to_fd, 60000, to.size());
  }
  return guest.Call(call, 3, 61000, from.size(), to_fd, 60000, to.size());
}

/** Another guest over the same directories that goes on where the first one was. */
struct GoesOn {
  GoesOn(TestGuest& first, const TestOptions& options) : second(options) {
    view::View view;
    CHECK_OK(first.state->Save(&view));
    second.state->clock().Freeze();
    CHECK_OK(second.state->Restore(view));
    second.state->clock().Thaw();
  }
  TestGuest second;
};

TEST(a_file_that_lost_one_of_its_names_has_one_identity) {
  DeterministicGuest first;
  Fill(first.directory);
  uint32_t fd = 0;
  CHECK_EQ(first.guest.Open(3, "sub/file", &fd, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(OnTwo(first.guest, "path_link", "sub/file", "sub/other"), 0u);
  first.guest.PutText(60000, "sub/file");
  CHECK_EQ(first.guest.Call("path_unlink_file", 3, 60000, 8), 0u);
  const std::string status = StatFd(first.guest, fd);
  CHECK_EQ(StatPath(first.guest, "sub/other"), status);
  GoesOn on(first.guest, DeterministicGuest::Options(first.directory.path()));
  CHECK_EQ(StatFd(on.second, fd), status);
}

TEST(a_name_that_another_program_took_away_is_not_the_identity) {
  DeterministicGuest first;
  Fill(first.directory);
  for (const char* name : {"sub/z", "sub/m", "a"}) {
    Require(link(first.directory.File("sub/file").c_str(), first.directory.File(name).c_str()) == 0,
            "link");
  }
  uint32_t fd = 0;
  CHECK_EQ(first.guest.Open(3, "sub/file", &fd, 0, TestGuest::kReadOnly), 0u);
  unlink(first.directory.File("sub/file").c_str());
  const std::string status = StatFd(first.guest, fd);
  CHECK_EQ(StatPath(first.guest, "a"), status);  // the first one, in every copy
  GoesOn on(first.guest, DeterministicGuest::Options(first.directory.path()));
  CHECK_EQ(StatFd(on.second, fd), status);
}

TEST(a_file_that_moved_to_another_directory_has_the_identity_that_it_has_there) {
  TemporaryDirectory one, two;
  WriteFile(one.File("file"), "contents");
  TestOptions options;
  options.deterministic = true;
  options.preopens = {{"/one", one.path()}, {"/two", two.path()}};
  TestGuest first(options);
  uint32_t fd = 0;
  CHECK_EQ(first.Open(3, "file", &fd, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(OnTwo(first, "path_rename", "file", "moved", 4), 0u);
  const std::string status = StatFd(first, fd);
  CHECK_EQ(StatPath(first, "moved", 4), status);
  GoesOn on(first, options);
  CHECK_EQ(StatFd(on.second, fd), status);
}

TEST(no_file_is_newer_than_the_run) {
  DeterministicGuest file;
  constexpr uint64_t kStart = 1'600'000'000'000'000'000;  // of the test guest's real time
  WriteFile(file.directory.File("f"), "");
  StatPath(file.guest, "f");
  CHECK_EQ(file.guest.U64(40), kStart);
  CHECK_EQ(file.guest.U64(48), kStart);
  CHECK_EQ(file.guest.U64(56), kStart);
  file.guest.PutText(60000, "f");
  CHECK_EQ(file.guest.Call("path_filestat_set_times", 3, 0, 60000, 1, uint64_t{5}, uint64_t{7}, 5),
           0u);
  StatPath(file.guest, "f");
  CHECK_EQ(file.guest.U64(48), 7u);
}

TEST(ordinary_runs_tell_the_truth) {
  FileGuest file;
  WriteFile(file.directory.File("f"), "12345");
  struct stat status;
  Require(stat(file.directory.File("f").c_str(), &status) == 0, "stat");
  StatPath(file.guest, "f");
  CHECK_EQ(file.guest.U64(0), static_cast<uint64_t>(status.st_dev));
  CHECK_EQ(file.guest.U64(8), static_cast<uint64_t>(status.st_ino));
  CHECK_EQ(file.guest.U64(32), 5u);
  CHECK_EQ(file.guest.U64(48), static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000 +
                                   static_cast<uint64_t>(status.st_mtim.tv_nsec));
}

TEST(a_directory_is_no_stream) {
  TemporaryDirectory directory;
  HostConfig config;
  config.streams[0] = {open(directory.path().c_str(), O_RDONLY | O_CLOEXEC), "file"};
  std::unique_ptr<HostState> state;
  CHECK_EQ(HostState::Create(std::move(config), &state).code, std::string("STREAM_FILE"));
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
