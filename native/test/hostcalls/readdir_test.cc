#include <algorithm>
#include <map>
#include <set>

#include "check.h"
#include "hostcalls/directory.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

struct Entry {
  std::string name;
  uint64_t next = 0;
  uint64_t inode = 0;
  uint8_t type = 0;
};

/** One fd_readdir; whole entries only, as libraries take them. */
std::vector<Entry> ReadSome(TestGuest& guest, uint32_t fd, uint64_t cookie, uint32_t length) {
  CHECK_EQ(guest.Call("fd_readdir", fd, 1000, length, cookie, 500), 0u);
  uint32_t used = guest.U32(500);
  CHECK(used <= length);
  std::vector<Entry> entries;
  uint32_t at = 0;
  while (at + 24 <= used) {
    uint32_t name_length = guest.U32(1000 + at + 16);
    if (at + 24 + name_length > used) break;
    entries.push_back({guest.Text(1000 + at + 24, name_length), guest.U64(1000 + at),
                       guest.U64(1000 + at + 8), guest.U8(1000 + at + 20)});
    at += 24 + name_length;
  }
  return entries;
}

std::vector<std::string> ReadAll(TestGuest& guest, uint32_t fd, uint32_t length = 300,
                                 uint64_t cookie = 0) {
  std::vector<std::string> names;
  for (;;) {
    std::vector<Entry> some = ReadSome(guest, fd, cookie, length);
    if (some.empty()) return names;
    for (const Entry& entry : some) names.push_back(entry.name);
    cookie = some.back().next;
  }
}

void MakeFiles(const TemporaryDirectory& directory, int count) {
  for (int i = 0; i < count; ++i) WriteFile(directory.File("file" + std::to_string(i)), "");
}

TEST(every_entry_comes_once_whatever_the_buffer) {
  FileGuest file;
  MakeFiles(file.directory, 200);
  std::vector<std::string> expected = ReadAll(file.guest, 3, 40000);
  CHECK_EQ(expected.size(), 202u);
  CHECK_EQ(expected[0], std::string("."));
  CHECK_EQ(expected[1], std::string(".."));
  CHECK_EQ(std::set<std::string>(expected.begin(), expected.end()).size(), 202u);
  for (uint32_t length : {31, 32, 33, 63, 64, 100, 1000}) {
    CHECK(ReadAll(file.guest, 3, length) == expected);
  }
}

TEST(entries_tell_type_inode_and_length) {
  FileGuest file;
  WriteFile(file.directory.File("file"), "");
  Require(mkdir(file.directory.File("directory").c_str(), 0700) == 0, "mkdir");
  Require(symlink("file", file.directory.File("link").c_str()) == 0, "symlink");
  std::map<std::string, Entry> entries;
  for (const Entry& entry : ReadSome(file.guest, 3, 0, 1000)) entries[entry.name] = entry;
  CHECK_EQ(entries.size(), 5u);
  CHECK_EQ(entries["file"].type, wasi::kRegularFile);
  CHECK_EQ(entries["directory"].type, wasi::kDirectory);
  CHECK_EQ(entries["link"].type, wasi::kSymbolicLink);
  CHECK_EQ(entries["."].type, wasi::kDirectory);
  struct stat status;
  Require(stat(file.directory.File("file").c_str(), &status) == 0, "stat");
  CHECK_EQ(entries["file"].inode, status.st_ino);
}

TEST(a_full_buffer_says_that_there_is_more) {
  FileGuest file;
  MakeFiles(file.directory, 3);
  CHECK_EQ(file.guest.Call("fd_readdir", 3, 1000, 10, uint64_t{0}, 500), 0u);
  CHECK_EQ(file.guest.U32(500), 10u);
  CHECK_EQ(file.guest.Call("fd_readdir", 3, 1000, 0, uint64_t{0}, 500), 0u);
  CHECK_EQ(file.guest.U32(500), 0u);
}

TEST(a_cookie_means_the_same_in_another_directory_with_the_same_names) {
  FileGuest first;
  FileGuest second;
  MakeFiles(first.directory, 100);
  for (int i = 99; i >= 0; --i) WriteFile(second.directory.File("file" + std::to_string(i)), "");
  CHECK(ReadAll(first.guest, 3) == ReadAll(second.guest, 3));
  Entry middle = ReadSome(first.guest, 3, 0, 1000).back();
  CHECK(ReadAll(first.guest, 3, 300, middle.next) == ReadAll(second.guest, 3, 300, middle.next));
}

TEST(removing_while_reading_misses_nothing) {
  FileGuest file;
  TestGuest& guest = file.guest;
  MakeFiles(file.directory, 500);
  uint64_t cookie = 0;
  size_t removed = 0;
  for (;;) {
    std::vector<Entry> some = ReadSome(guest, 3, cookie, 400);
    if (some.empty()) break;
    cookie = some.back().next;
    for (const Entry& entry : some) {
      if (entry.name[0] == '.') continue;
      guest.PutText(60000, entry.name);
      CHECK_EQ(guest.Call("path_unlink_file", 3, 60000, entry.name.size()), 0u);
      ++removed;
    }
  }
  CHECK_EQ(removed, 500u);
  CHECK_EQ(ReadAll(guest, 3).size(), 2u);
}

TEST(what_others_add_is_seen) {
  FileGuest file;
  MakeFiles(file.directory, 1);
  CHECK_EQ(ReadAll(file.guest, 3).size(), 3u);
  // Until the file system gives the directory another time.
  int added = 0;
  int fd = open(file.directory.path().c_str(), O_RDONLY | O_CLOEXEC);
  int64_t changed = ChangedNs(fd);
  WaitUntil("the directory's time does not change", [&] {
    WriteFile(file.directory.File("added" + std::to_string(added++)), "");
    return ChangedNs(fd) != changed;
  });
  close(fd);
  CHECK_EQ(ReadAll(file.guest, 3).size(), 3u + static_cast<size_t>(added));
}

TEST(cookies_fit_into_a_32_bit_long) {
  FileGuest file;
  MakeFiles(file.directory, 300);
  for (const Entry& entry : ReadSome(file.guest, 3, 0, 30000)) {
    CHECK(entry.next > 0 && entry.next < (1ull << 31));
  }
}

TEST(cookies_are_part_of_the_snapshot_format) {
  // Guests keep cookies in their memory: these numbers may never change.
  TemporaryDirectory directory;
  WriteFile(directory.File("a"), "");
  WriteFile(directory.File("hello.txt"), "");
  int fd = open(directory.path().c_str(), O_RDONLY | O_CLOEXEC);
  DirectoryListing listing;
  CHECK_EQ(ReadDirectory(fd, &listing), 0);
  close(fd);
  std::map<std::string, uint64_t> cookies;
  for (const DirectoryEntry& entry : listing.entries) cookies[entry.name] = entry.cookie;
  CHECK_EQ(cookies["."], 1u);
  CHECK_EQ(cookies[".."], 2u);
  CHECK_EQ(cookies["a"], 349873223u);
  CHECK_EQ(cookies["hello.txt"], 1180577603u);
}

TEST(names_are_as_long_as_the_file_system_allows) {
  FileGuest file;
  std::string name(255, 'n');
  WriteFile(file.directory.File(name), "");
  std::vector<std::string> names = ReadAll(file.guest, 3, 300);
  CHECK(std::find(names.begin(), names.end(), name) != names.end());
}

TEST(a_removed_directory_is_empty) {
  FileGuest file;
  Require(mkdir(file.directory.File("d").c_str(), 0700) == 0, "mkdir");
  uint32_t fd = 0;
  CHECK_EQ(file.guest.Open(3, "d", &fd, wasi::kOpenDirectory, TestGuest::kReadOnly), 0u);
  CHECK_EQ(ReadAll(file.guest, fd).size(), 2u);
  Require(rmdir(file.directory.File("d").c_str()) == 0, "rmdir");
  CHECK_EQ(ReadAll(file.guest, fd).size(), 0u);
}

TEST(errors) {
  FileGuest file;
  TestGuest& guest = file.guest;
  WriteFile(file.directory.File("f"), "");
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "f", &fd), 0u);
  CHECK_EQ(guest.Call("fd_readdir", fd, 1000, 100, uint64_t{0}, 500), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guest.Call("fd_readdir", 99, 1000, 100, uint64_t{0}, 500), uint32_t{wasi::kBadf});
  CHECK_EQ(guest.Call("fd_readdir", 3, kOutside, 100, uint64_t{0}, 500), uint32_t{wasi::kFault});
  CHECK_EQ(guest.Call("fd_readdir", 3, 1000, 100, uint64_t{0}, kOutside), uint32_t{wasi::kFault});
  CHECK_EQ(ReadSome(guest, 3, UINT64_MAX, 1000).size(), 0u);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
