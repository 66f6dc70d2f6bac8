// Open files follow their names by what the log says; compared with what the kernel says.

#include <random>

#include "check.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/test_guest.h"
#include "test/fuzz.h"

namespace wasmsh::hostcalls::test {
namespace {

constexpr uint64_t kDirectoryRights = wasi::kFileRights;

/** A guest with directories "/data", "/again" (the same one) and "/inner" ("/data/d"). */
struct NamesGuest {
  TemporaryDirectory directory;
  std::string made = Made();
  TestGuest guest{Options()};

  std::string Made() const {
    Require(mkdir(directory.File("d").c_str(), 0755) == 0, "mkdir");
    return directory.path();
  }
  TestOptions Options() const {
    TestOptions options;
    options.preopens = {
        {"/data", directory.path()}, {"/again", directory.path()}, {"/inner", directory.File("d")}};
    return options;
  }

  uint32_t Open(const std::string& path, uint32_t directory_fd = 3, uint32_t oflags = 0) {
    uint32_t fd = 0;
    const uint64_t rights =
        (oflags & wasi::kOpenDirectory) != 0 ? kDirectoryRights : TestGuest::kReadWrite;
    guest.PutText(60000, path);
    CHECK_EQ(guest.Call("path_open", directory_fd, 1, 60000, path.size(), oflags, rights,
                        (oflags & wasi::kOpenDirectory) != 0 ? kDirectoryRights : 0, 0, 59000),
             0u);
    fd = guest.U32(59000);
    return fd;
  }
  uint32_t Make(const std::string& path, uint32_t directory_fd = 3) {
    return Open(path, directory_fd, wasi::kOpenCreate);
  }
  uint32_t OnOne(const char* call, const std::string& path, uint32_t fd = 3) {
    guest.PutText(61000, path);
    return guest.Call(call, fd, 61000, path.size());
  }
  uint32_t Unlink(const std::string& path, uint32_t fd = 3) {
    return OnOne("path_unlink_file", path, fd);
  }
  uint32_t Rename(const std::string& from, const std::string& to, uint32_t from_fd = 3,
                  uint32_t to_fd = 3) {
    guest.PutText(61000, from);
    guest.PutText(60000, to);
    return guest.Call("path_rename", from_fd, 61000, from.size(), to_fd, 60000, to.size());
  }
  uint32_t Link(const std::string& from, const std::string& to, uint32_t from_fd = 3,
                uint32_t to_fd = 3, uint32_t lookup = 0) {
    guest.PutText(61000, from);
    guest.PutText(60000, to);
    return guest.Call("path_link", from_fd, lookup, 61000, from.size(), to_fd, 60000, to.size());
  }
  uint32_t Symlink(const std::string& target, const std::string& path, uint32_t fd = 3) {
    guest.PutText(61000, target);
    guest.PutText(60000, path);
    return guest.Call("path_symlink", 61000, target.size(), fd, 60000, path.size());
  }

  /** What the log says of a descriptor, as "preopen:path", or "removed". */
  std::string Logged(uint32_t fd) {
    for (const Disagreement& one : guest.state->Disagreements()) {
      throw std::runtime_error(one.resource + ": " + one.reason);
    }
    HostState::Private& p = guest.state->p();
    p.config.trusts_log = true;
    view::View view;
    CHECK_OK(guest.state->Save(&view));
    p.config.trusts_log = false;
    for (const view::Descriptor& one : view.descriptors) {
      if (one.fd != fd) continue;
      if (one.stream == view::kNameless) return "removed";
      return std::to_string(one.preopen) + ":" + one.guest_path;
    }
    return "none";
  }
};

TEST(a_file_has_its_other_name_when_one_is_removed) {
  NamesGuest names;
  const uint32_t fd = names.Make("a");
  CHECK_EQ(names.Link("a", "b"), 0u);
  CHECK_EQ(names.Unlink("a"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:b"));
  CHECK_EQ(names.Unlink("b"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("removed"));
}

TEST(links_count_that_were_made_before_the_file_was_opened) {
  NamesGuest names;
  CHECK_EQ(names.guest.Call("fd_close", names.Make("a")), 0u);
  CHECK_EQ(names.Link("a", "d/b"), 0u);
  const uint32_t fd = names.Open("a");
  const uint32_t other = names.Open("d/b");
  CHECK_EQ(names.Rename("d", "e"), 0u);
  CHECK_EQ(names.Unlink("a"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:e/b"));
  CHECK_EQ(names.Logged(other), std::string("3:e/b"));
}

TEST(a_rename_between_two_names_of_one_file_changes_nothing) {
  NamesGuest names;
  const uint32_t fd = names.Make("a");
  CHECK_EQ(names.Link("a", "b"), 0u);
  CHECK_EQ(names.Rename("a", "b"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:a"));
  CHECK_EQ(names.Unlink("a"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:b"));
}

TEST(a_rename_over_a_name_leaves_the_others_of_that_file) {
  NamesGuest names;
  const uint32_t old = names.Make("a");
  const uint32_t fd = names.Make("new");
  CHECK_EQ(names.Link("a", "kept"), 0u);
  CHECK_EQ(names.Rename("new", "a"), 0u);
  CHECK_EQ(names.Logged(old), std::string("3:kept"));
  CHECK_EQ(names.Logged(fd), std::string("3:a"));
  CHECK_EQ(names.Rename("a", "kept"), 0u);
  CHECK_EQ(names.Logged(old), std::string("removed"));
  CHECK_EQ(names.Logged(fd), std::string("3:kept"));
}

TEST(a_name_made_anew_is_another_file) {
  NamesGuest names;
  const uint32_t old = names.Make("a");
  CHECK_EQ(names.Unlink("a"), 0u);
  const uint32_t fd = names.Make("a");
  CHECK_EQ(names.Rename("a", "b"), 0u);
  CHECK_EQ(names.Logged(old), std::string("removed"));
  CHECK_EQ(names.Logged(fd), std::string("3:b"));
}

TEST(what_is_below_a_directory_moves_with_it) {
  NamesGuest names;
  CHECK_EQ(names.OnOne("path_create_directory", "d/e"), 0u);
  const uint32_t fd = names.Make("d/e/f");
  const uint32_t directory = names.Open("d/e", 3, wasi::kOpenDirectory);
  CHECK_EQ(names.Rename("d", "moved"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:moved/e/f"));
  CHECK_EQ(names.Logged(names.Make("g", directory)), std::string("3:moved/e/g"));
  CHECK_EQ(names.Unlink("g", directory), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:moved/e/f"));
  CHECK_EQ(names.Logged(names.Make("f", 5)), std::string("5:f"));  // "/inner" has moved along
  CHECK_EQ(names.Unlink("moved/f"), 0u);
}

TEST(symbolic_links_that_the_guest_made_are_seen_through) {
  NamesGuest names;
  CHECK_EQ(names.Symlink("d/f", "s"), 0u);
  CHECK_EQ(names.Symlink("d", "t"), 0u);
  const uint32_t fd = names.Make("s");
  CHECK_EQ(names.Logged(fd), std::string("3:d/f"));
  CHECK_EQ(names.Unlink("s"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:d/f"));
  CHECK_EQ(names.Rename("t/f", "t/../g"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:g"));
  CHECK_EQ(names.Symlink("g", "u"), 0u);
  CHECK_EQ(names.Link("u", "h", 3, 3, 1), 0u);
  CHECK_EQ(names.Unlink("g"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:h"));
  CHECK_EQ(names.Unlink("d/../h"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("removed"));
}

TEST(another_preopen_that_shows_the_directory_counts) {
  NamesGuest names;
  const uint32_t fd = names.Make("f", 5);
  CHECK_EQ(names.Logged(fd), std::string("5:f"));
  CHECK_EQ(names.Rename("d/f", "g", 4, 4), 0u);
  CHECK_EQ(names.Logged(fd), std::string("4:g"));
  CHECK_EQ(names.Link("g", "h", 3, 5), 0u);
  CHECK_EQ(names.Unlink("g", 3), 0u);
  CHECK_EQ(names.Logged(fd), std::string("4:d/h"));
  CHECK_EQ(names.Unlink("h", 5), 0u);
  CHECK_EQ(names.Logged(fd), std::string("removed"));
}

TEST(links_that_were_there_before_are_found_when_they_are_needed) {
  NamesGuest names;
  const std::string first = names.directory.File("first");
  WriteFile(first, "contents");
  Require(link(first.c_str(), names.directory.File("d/m").c_str()) == 0, "link");
  Require(link(first.c_str(), names.directory.File("z").c_str()) == 0, "link");
  const uint32_t fd = names.Open("first");
  CHECK_EQ(names.Unlink("first"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:d/m"));
  CHECK_EQ(names.Link("z", "y"), 0u);
  CHECK_EQ(names.Unlink("d/m"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("3:y"));
  CHECK_EQ(names.Unlink("y"), 0u);
  CHECK_EQ(names.Unlink("z"), 0u);
  CHECK_EQ(names.Logged(fd), std::string("removed"));
}

TEST(a_deleted_directory_opened_once_more_has_no_name_either) {
  NamesGuest names;
  CHECK_EQ(names.OnOne("path_create_directory", "e"), 0u);
  const uint32_t directory = names.Open("e", 3, wasi::kOpenDirectory);
  CHECK_EQ(names.OnOne("path_remove_directory", "e"), 0u);
  CHECK_EQ(names.OnOne("path_create_directory", "e"), 0u);
  CHECK_EQ(names.Logged(names.Open(".", directory, wasi::kOpenDirectory)), std::string("removed"));
  for (const Blocker& one : names.guest.state->Blockers()) CHECK(one.can_travel);
}

/** Does anything with few names, many of which are one file or a link to another. */
class Anything {
 public:
  Anything(NamesGuest& names, uint32_t seed) : names_(names), random_(seed) {}

  void DoOne() {
    TestGuest& guest = names_.guest;
    const std::string path = Path();
    switch (Any(12)) {
      case 0:
      case 1:
        names_.guest.PutText(60000, path);
        guest.Call("path_open", Directory(), Any(4) != 0, 60000, path.size(), wasi::kOpenCreate,
                   TestGuest::kReadWrite, uint64_t{0}, 0, 59000);
        return;
      case 2:
        names_.guest.PutText(60000, path);
        guest.Call("path_open", Directory(), 1, 60000, path.size(), wasi::kOpenDirectory,
                   kDirectoryRights, kDirectoryRights, 0, 59000);
        return;
      case 3:
        guest.Call("fd_close", 6 + Any(20));
        return;
      case 4:
        names_.OnOne("path_create_directory", path, Directory());
        return;
      case 5:
        names_.OnOne("path_remove_directory", path, Directory());
        return;
      case 6:
        names_.Unlink(path, Directory());
        return;
      case 7:
        names_.Symlink(Any(3) == 0 ? "../" + Path() : Path(), path, Directory());
        return;
      case 8:
      case 9:
        names_.Link(path, Path(), Directory(), Directory(), Any(2));
        return;
      default:
        names_.Rename(path, Path(), Directory(), Directory());
        return;
    }
  }

 private:
  uint32_t Any(uint32_t count) { return static_cast<uint32_t>(random_() % count); }
  uint32_t Directory() { return Any(3) != 0 ? 3 + Any(3) : 6 + Any(20); }
  std::string Path() {
    static const char* const kParts[] = {"a", "b", "c", "d", "e", "..", "."};
    std::string path = kParts[Any(5)];
    while (Any(3) == 0) path += std::string("/") + kParts[Any(7)];
    return path;
  }

  NamesGuest& names_;
  std::mt19937 random_;
};

TEST(the_log_and_the_kernel_agree_whatever_is_done) {
  size_t compared = 0;
  size_t removed = 0;
  const uint64_t rounds = wasmsh::test::FuzzRounds([&](uint64_t seed) {
    NamesGuest names;
    Anything anything(names, static_cast<uint32_t>(seed));
    for (int i = 0; i < 400; ++i) {
      anything.DoOne();
      for (const Disagreement& one : names.guest.state->Disagreements()) {
        throw std::runtime_error("WASMSH_FUZZ_SEED=" + std::to_string(seed) + ", step " +
                                 std::to_string(i) + ", " + one.resource + ": " + one.reason);
      }
    }
    for (const auto& [fd, record] : names.guest.state->p().records) {
      compared += record.kind == RecordKind::kFile || record.kind == RecordKind::kDirectory;
      removed += record.is_removed;
    }
  });
  CHECK(compared > 5 * rounds);
  CHECK(removed > rounds);
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
