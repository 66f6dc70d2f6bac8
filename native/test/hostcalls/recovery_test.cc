// Save, Blockers and Restore: what a guest holds outside of itself, in another guest.

#include <algorithm>

#include "check.h"
#include "hostcalls/test_guest.h"

namespace wasmsh::hostcalls::test {
namespace {

view::View Saved(TestGuest& guest) {
  view::View view;
  CHECK_OK(guest.state->Save(&view));
  return view;
}

Status Restore(TestGuest& guest, const view::View& view) {
  guest.state->clock().Freeze();
  Status status = guest.state->Restore(view);
  guest.state->clock().Thaw();
  return status;
}

const view::Descriptor* Find(const view::View& view, uint32_t fd) {
  for (const view::Descriptor& descriptor : view.descriptors) {
    if (descriptor.fd == fd) return &descriptor;
  }
  return nullptr;
}

/** Two guests over one directory: the second takes over from the first. */
struct TwoGuests {
  TemporaryDirectory directory;
  TestGuest first{FileGuest::WithPreopen(directory.path())};
  TestGuest second{FileGuest::WithPreopen(directory.path())};
};

TEST(a_fresh_guest_comes_back_as_it_was) {
  TwoGuests guests;
  view::View view = Saved(guests.first);
  CHECK_EQ(view.descriptors.size(), 4u);
  CHECK_EQ(view.descriptors[0].kind, std::string("stdin"));
  CHECK_EQ(view.descriptors[0].stream, std::string("pipe"));
  CHECK_EQ(view.descriptors[3].kind, std::string("preopen"));
  CHECK_EQ(view.descriptors[3].guest_path, std::string("/data"));
  CHECK_OK(Restore(guests.second, view));
  view::View again = Saved(guests.second);
  CHECK_EQ(again.descriptors.size(), 4u);
  for (uint32_t fd = 0; fd < 4; ++fd) {
    CHECK_EQ(Find(again, fd)->rights_base, Find(view, fd)->rights_base);
    CHECK_EQ(Find(again, fd)->rights_inheriting, Find(view, fd)->rights_inheriting);
  }
  CHECK_EQ(guests.second.Write(1, "alive"), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guests.second.Open(3, "f", &fd, wasi::kOpenCreate), 0u);
  CHECK_EQ(fd, 4u);
}

TEST(arguments_and_time_travel) {
  TestOptions options;
  options.arguments = {"prog", "one"};
  options.environment = {"KEY=value"};
  TestGuest first(options);
  first.state->clock().Freeze();
  first.state->clock().Set(77'000'000'000);
  view::View view = Saved(first);
  CHECK_EQ(view.monotonic_ns, 77'000'000'000u);
  TestGuest second;
  CHECK_OK(Restore(second, view));
  CHECK_EQ(second.Call("args_sizes_get", 0, 4), 0u);
  CHECK_EQ(second.U32(0), 2u);
  CHECK_EQ(second.Call("environ_sizes_get", 0, 4), 0u);
  CHECK_EQ(second.U32(0), 1u);
  second.Call("clock_time_get", 1, uint64_t{0}, 0);
  CHECK(second.U64(0) >= 77'000'000'000u);
  CHECK(second.U64(0) < 97'000'000'000u);
}

TEST(a_deterministic_run_goes_on_where_it_was) {
  TestOptions options;
  options.deterministic = true;
  TestGuest first(options);
  first.Call("clock_time_get", 1, uint64_t{0}, 0);
  view::View view = Saved(first);
  CHECK_EQ(view.environment.clock_reads, 1u);
  TestGuest second;  // told nothing of determinism
  CHECK_OK(Restore(second, view));
  first.Call("clock_time_get", 0, uint64_t{0}, 0);
  second.Call("clock_time_get", 0, uint64_t{0}, 0);
  CHECK_EQ(first.U64(0), second.U64(0));
}

TEST(files_keep_number_offset_rights_and_flags) {
  TwoGuests guests;
  WriteFile(guests.directory.File("a"), "0123456789");
  uint32_t a = 0;
  uint32_t b = 0;
  uint32_t c = 0;
  CHECK_EQ(guests.first.Open(3, "a", &a, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(guests.first.Open(3, "b", &b, wasi::kOpenCreate), 0u);
  CHECK_EQ(guests.first.Open(3, "c", &c, wasi::kOpenCreate | wasi::kOpenTruncate,
                             TestGuest::kReadWrite, wasi::kFdflagAppend),
           0u);
  CHECK_EQ(guests.first.Read(a, 4), std::string("0123"));
  CHECK_EQ(guests.first.Write(c, "kept"), 0u);
  CHECK_EQ(guests.first.Call("fd_close", b), 0u);
  CHECK_EQ(guests.first.Call("fd_renumber", a, 0), 0u);
  view::View view = Saved(guests.first);
  CHECK_OK(Restore(guests.second, view));
  CHECK_EQ(guests.second.Read(0, 3), std::string("456"));
  CHECK_EQ(guests.second.Write(0, "x"), uint32_t{wasi::kNotcapable});
  CHECK_EQ(guests.second.Write(a, "x"), uint32_t{wasi::kBadf});
  CHECK_EQ(guests.second.Write(c, "+more"), 0u);
  CHECK_EQ(ReadFile(guests.directory.File("c")), std::string("kept+more"));
  uint32_t next = 0;
  CHECK_EQ(guests.second.Open(3, "n", &next, wasi::kOpenCreate), 0u);
  CHECK_EQ(next, std::min(a, b));
}

TEST(a_file_is_found_below_directories_links_and_new_names) {
  TwoGuests guests;
  TestGuest& first = guests.first;
  Require(mkdir(guests.directory.File("sub").c_str(), 0700) == 0, "mkdir");
  WriteFile(guests.directory.File("sub/f"), "below");
  WriteFile(guests.directory.File("old"), "renamed");
  Require(symlink("sub", guests.directory.File("link").c_str()) == 0, "symlink");
  uint32_t directory = 0;
  first.PutText(60000, "link");
  CHECK_EQ(first.Call("path_open", 3, 1, 60000, 4, wasi::kOpenDirectory, wasi::kFileRights,
                      wasi::kFileRights, 0, 59000),
           0u);
  directory = first.U32(59000);
  uint32_t below = 0;
  uint32_t renamed = 0;
  CHECK_EQ(first.Open(directory, "./f", &below, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(first.Open(3, "old", &renamed, 0, TestGuest::kReadOnly), 0u);
  first.PutText(61000, "old");
  first.PutText(60000, "sub/new");
  CHECK_EQ(first.Call("path_rename", 3, 61000, 3, 3, 60000, 7), 0u);
  CHECK_EQ(first.state->Blockers().size(), 0u);
  view::View view = Saved(first);
  CHECK_EQ(Find(view, below)->guest_path, std::string("link/f"));
  CHECK_EQ(Find(view, renamed)->guest_path, std::string("sub/new"));
  CHECK_OK(Restore(guests.second, view));
  CHECK_EQ(guests.second.Read(below, 10), std::string("below"));
  CHECK_EQ(guests.second.Read(renamed, 10), std::string("renamed"));
  CHECK_EQ(guests.second.Call("fd_readdir", directory, 1000, 1000, uint64_t{0}, 500), 0u);
  uint32_t fd = 0;
  CHECK_EQ(guests.second.Open(directory, "f", &fd, 0, TestGuest::kReadOnly), 0u);
}

TEST(a_closed_preopen_still_leads_to_its_files) {
  TwoGuests guests;
  WriteFile(guests.directory.File("f"), "contents");
  uint32_t fd = 0;
  CHECK_EQ(guests.first.Open(3, "f", &fd, 0, TestGuest::kReadOnly), 0u);
  CHECK_EQ(guests.first.Call("fd_close", 3), 0u);
  CHECK_EQ(guests.first.Call("fd_close", 2), 0u);
  view::View view = Saved(guests.first);
  CHECK_OK(Restore(guests.second, view));
  CHECK_EQ(guests.second.Call("fd_prestat_get", 3, 0), uint32_t{wasi::kBadf});
  CHECK_EQ(guests.second.Call("fd_fdstat_get", 2, 0), uint32_t{wasi::kBadf});
  CHECK_EQ(guests.second.Read(fd, 20), std::string("contents"));
  // And once more, from the recovered one.
  TestGuest third(FileGuest::WithPreopen(guests.directory.path()));
  CHECK_OK(Restore(third, Saved(guests.second)));
  CHECK_EQ(third.Call("fd_prestat_get", 3, 0), uint32_t{wasi::kBadf});
}

TEST(a_directory_stream_goes_on_after_entries_were_removed) {
  TwoGuests guests;
  for (int i = 0; i < 50; ++i) WriteFile(guests.directory.File(std::to_string(i)), "");
  auto names_from = [](TestGuest& guest, uint64_t cookie, uint64_t* last, uint32_t length) {
    std::vector<std::string> names;
    CHECK_EQ(guest.Call("fd_readdir", 3, 1000, length, cookie, 500), 0u);
    for (uint32_t at = 0; at + 24 <= guest.U32(500);) {
      uint32_t name_length = guest.U32(1000 + at + 16);
      if (at + 24 + name_length > guest.U32(500)) break;
      names.push_back(guest.Text(1000 + at + 24, name_length));
      *last = guest.U64(1000 + at);
      at += 24 + name_length;
    }
    return names;
  };
  uint64_t cookie = 0;
  std::vector<std::string> begun = names_from(guests.first, 0, &cookie, 500);
  for (const std::string& name : begun) {
    if (name[0] != '.') unlink(guests.directory.File(name).c_str());
  }
  CHECK_OK(Restore(guests.second, Saved(guests.first)));
  uint64_t last = 0;
  std::vector<std::string> rest = names_from(guests.second, cookie, &last, 30000);
  CHECK_EQ(begun.size() + rest.size(), 52u);
}

TEST(unread_input_is_copied_and_stays) {
  TestGuest guest;
  std::string text;
  for (int i = 0; i < 60000; ++i) text += static_cast<char>(i * 7);
  Require(write(guest.input.write_end, text.data(), text.size()) == 60000, "write");
  CHECK_EQ(guest.Read(0, 5), text.substr(0, 5));
  for (int i = 0; i < 2; ++i) {
    view::View view = Saved(guest);
    const std::vector<uint8_t>& unread = Find(view, 0)->unread;
    CHECK_EQ(std::string(unread.begin(), unread.end()), text.substr(5));
  }
  std::string read;
  while (read.size() < text.size() - 5) read += guest.Read(0, 30000);
  CHECK_EQ(read, text.substr(5));
  CHECK_EQ(Find(Saved(guest), 0)->unread.size(), 0u);
}

TEST(a_full_pipe_of_many_small_writes_is_copied) {
  TestGuest guest;
  Require(fcntl(guest.input.write_end, F_SETFL, O_NONBLOCK) == 0, "fcntl");
  size_t written = 0;
  while (write(guest.input.write_end, "abc", 3) == 3) written += 3;
  CHECK_EQ(Find(Saved(guest), 0)->unread.size(), written);
}

TEST(standard_input_from_a_file_tells_its_offset) {
  TemporaryDirectory directory;
  WriteFile(directory.File("in"), "0123456789");
  TestOptions options;
  options.stdin_file = directory.File("in");
  TestGuest guest(options);
  CHECK_EQ(guest.Read(0, 4), std::string("0123"));
  view::View view = Saved(guest);
  CHECK_EQ(Find(view, 0)->stream, std::string("file"));
  CHECK_EQ(Find(view, 0)->offset, 4u);
  CHECK_EQ(Find(view, 0)->unread.size(), 0u);
  TestGuest second(options);
  CHECK_EQ(second.Call("fd_seek", 0, uint64_t{6}, 0, 0), 0u);  // as whoever opens it does
  CHECK_OK(Restore(second, view));
  CHECK_EQ(second.Read(0, 10), std::string("6789"));
}

TEST(nonblocking_input_stays_so) {
  TestGuest first;
  CHECK_EQ(first.Call("fd_fdstat_set_flags", 0, wasi::kFdflagNonblock), 0u);
  TestGuest second;
  CHECK_OK(Restore(second, Saved(first)));
  second.PutVectors(100, {{1000, 1}});
  CHECK_EQ(second.Call("fd_read", 0, 100, 1, 200), uint32_t{wasi::kAgain});
}

TEST(blockers_name_what_would_be_lost) {
  FileGuest file;
  TestGuest& guest = file.guest;
  WriteFile(file.directory.File("deleted"), "");
  WriteFile(file.directory.File("replaced"), "");
  Require(mkdir(file.directory.File("gone").c_str(), 0700) == 0, "mkdir");
  uint32_t fd = 0;
  CHECK_EQ(guest.Open(3, "deleted", &fd), 0u);
  CHECK_EQ(guest.Open(3, "replaced", &fd), 0u);
  CHECK_EQ(guest.Open(3, "gone", &fd, wasi::kOpenDirectory, TestGuest::kReadOnly), 0u);
  CHECK_EQ(guest.state->Blockers().size(), 0u);
  unlink(file.directory.File("deleted").c_str());
  TemporaryDirectory elsewhere;
  Require(rename(file.directory.File("replaced").c_str(), elsewhere.File("r").c_str()) == 0,
          "rename");
  WriteFile(file.directory.File("replaced"), "another");
  rmdir(file.directory.File("gone").c_str());
  std::vector<Blocker> blockers = guest.state->Blockers();
  CHECK_EQ(blockers.size(), 3u);
  CHECK_EQ(blockers[0].resource, std::string("descriptor 4 (/data/deleted)"));
  CHECK(blockers[0].reason.find("deleted") != std::string::npos);
  CHECK_EQ(blockers[1].resource, std::string("descriptor 5 (/data/replaced)"));
  CHECK(blockers[1].reason.find("moved away") != std::string::npos);
  CHECK_EQ(blockers[2].resource, std::string("descriptor 6 (/data/gone)"));
  CHECK(!blockers[2].hint.empty());
}

TEST(a_file_that_lost_its_name_is_found_by_another) {
  TwoGuests guests;
  WriteFile(guests.directory.File("f"), "contents");
  Require(mkdir(guests.directory.File("deep").c_str(), 0700) == 0, "mkdir");
  uint32_t fd = 0;
  CHECK_EQ(guests.first.Open(3, "f", &fd), 0u);
  Require(link(guests.directory.File("f").c_str(), guests.directory.File("deep/g").c_str()) == 0,
          "link");
  unlink(guests.directory.File("f").c_str());
  WriteFile(guests.directory.File("f"), "another");
  CHECK_EQ(guests.first.state->Blockers().size(), 0u);
  view::View view = Saved(guests.first);
  CHECK_EQ(Find(view, fd)->guest_path, std::string("deep/g"));
  CHECK_OK(Restore(guests.second, view));
  CHECK_EQ(guests.second.Read(fd, 8), std::string("contents"));
}

TEST(a_file_that_moved_to_another_preopen_is_found_there) {
  TemporaryDirectory data;
  TemporaryDirectory other;
  TestOptions options = FileGuest::WithPreopen(data.path());
  options.preopens.push_back({"/other", other.path()});
  TestGuest first(options);
  WriteFile(data.File("f"), "contents");
  uint32_t fd = 0;
  CHECK_EQ(first.Open(3, "f", &fd), 0u);
  Require(rename(data.File("f").c_str(), other.File("g").c_str()) == 0, "rename");
  CHECK_EQ(first.Call("fd_close", 4), 0u);
  view::View view = Saved(first);
  CHECK_EQ(Find(view, fd)->guest_path, std::string("g"));
  const view::Descriptor* preopen = Find(view, Find(view, fd)->preopen);
  CHECK(preopen != nullptr);
  CHECK_EQ(preopen->guest_path, std::string("/other"));
  TestGuest second(options);
  CHECK_OK(Restore(second, view));
  CHECK_EQ(second.Read(fd, 8), std::string("contents"));
}

TEST(a_missing_or_changed_file_refuses_recovery) {
  TwoGuests guests;
  WriteFile(guests.directory.File("f"), "contents");
  uint32_t fd = 0;
  CHECK_EQ(guests.first.Open(3, "f", &fd), 0u);
  view::View view = Saved(guests.first);
  WriteFile(guests.directory.File("f"), "contents and more");
  Status status = Restore(guests.second, view);
  CHECK_EQ(status.code, std::string("RECOVER_FILE_CHANGED"));
  CHECK(status.message.find("descriptor 4 (f)") != std::string::npos);
  unlink(guests.directory.File("f").c_str());
  TestGuest third(FileGuest::WithPreopen(guests.directory.path()));
  CHECK_EQ(Restore(third, view).code, std::string("RECOVER_FILE_MISSING"));
  Require(mkfifo(guests.directory.File("f").c_str(), 0600) == 0, "mkfifo");
  TestGuest fourth(FileGuest::WithPreopen(guests.directory.path()));
  CHECK_EQ(Restore(fourth, view).code, std::string("RECOVER_FILE_CHANGED"));
}

TEST(untrusted_descriptors_are_refused) {
  TemporaryDirectory directory;
  WriteFile(directory.File("f"), "");
  auto refused = [&](auto change) {
    TestGuest first(FileGuest::WithPreopen(directory.path()));
    uint32_t fd = 0;
    CHECK_EQ(first.Open(3, "f", &fd), 0u);
    view::View view = Saved(first);
    change(view.descriptors);
    TestGuest second(FileGuest::WithPreopen(directory.path()));
    return Restore(second, view).code;
  };
  using Descriptors = std::vector<view::Descriptor>;
  const std::string kRefused = "RECOVER_DESCRIPTOR";
  CHECK_EQ(refused([](Descriptors& d) { d[4].fd = 3; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[4].fd = 1024; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[4].fd = UINT32_MAX; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[4].kind = "teapot"; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[4].preopen = 9; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[4].offset = UINT64_MAX; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[3].guest_path = "/other"; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d[1].kind = "stdin"; }), kRefused);
  CHECK_EQ(refused([](Descriptors& d) { d.push_back(d[3]); }), kRefused);
  const std::string kMissing = "RECOVER_FILE_MISSING";
  CHECK_EQ(refused([](Descriptors& d) { d[4].guest_path = "../../etc/passwd"; }), kMissing);
  CHECK_EQ(refused([](Descriptors& d) { d[4].guest_path = "/etc/passwd"; }), kMissing);
  CHECK_EQ(refused([](Descriptors& d) { d[4].guest_path = std::string("f\0", 2); }), kMissing);
  CHECK_EQ(refused([](Descriptors& d) { d[4].guest_path = ""; }), kMissing);
  // Rights that the file cannot have are not given, whatever the view says.
  CHECK_EQ(refused([](Descriptors& d) { d[4].rights_base = UINT64_MAX; }), std::string());
}

TEST(a_view_without_streams_leaves_them_closed) {
  TestGuest first;
  view::View view = Saved(first);
  view.descriptors.clear();
  TestGuest second;
  CHECK_OK(Restore(second, view));
  CHECK_EQ(second.Write(1, "x"), uint32_t{wasi::kBadf});
  char byte;
  CHECK_EQ(read(second.output.read_end, &byte, 1), 0);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
