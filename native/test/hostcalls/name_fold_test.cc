// What the log says of names, without any files: links, "..", and preopens that show the same.

#include "hostcalls/name_fold.h"

#include <string>

#include "check.h"

namespace wasmsh::hostcalls::test {
namespace {

/** One preopen, and names below it. */
struct Names : NameFold {
  using NameFold::NameFold;
  explicit Names(size_t most_bytes = kMostBytes) : NameFold(most_bytes) { AddPreopen({0, ""}); }

  std::string At(const std::string& path, bool follows = false) const {
    return Resolve(Preopen(0), path, follows).path;
  }
  std::string RemoveAt(const std::string& path) {
    const auto other = Remove(Resolve(Preopen(0), path, false));
    return other ? other->path : "none";
  }
  void MoveTo(const std::string& from, const std::string& to) {
    Move(Resolve(Preopen(0), from, false), Resolve(Preopen(0), to, false));
  }
};

NamePlace At(const std::string& path) { return {0, path}; }

TEST(paths_are_one_text_for_all_ways) {
  Names names;
  CHECK_EQ(names.At("a//./b/"), std::string("a/b"));
  CHECK_EQ(names.At("a/../b/c/.."), std::string("b"));
  CHECK_EQ(names.At("a/.."), std::string(""));
  CHECK_EQ(names.At("."), std::string(""));
}

TEST(known_links_are_followed) {
  Names names;
  names.AddSymlink(At("d/up"), "../e/");
  names.AddSymlink(At("again"), "d/up/f");
  CHECK_EQ(names.At("d/up/x"), std::string("e/x"));
  CHECK_EQ(names.At("d/up/../x"), std::string("x"));
  CHECK_EQ(names.At("d/up"), std::string("d/up"));
  CHECK_EQ(names.At("d/up", true), std::string("e"));
  CHECK_EQ(names.At("d/up/"), std::string("e"));
  CHECK_EQ(names.At("again", true), std::string("e/f"));
  names.MoveTo("d", "moved");
  CHECK_EQ(names.At("moved/up/x"), std::string("e/x"));
  CHECK_EQ(names.At("d/up/x"), std::string("d/up/x"));
  names.RemoveAt("moved/up");
  CHECK_EQ(names.At("moved/up/x"), std::string("moved/up/x"));
}

TEST(links_in_a_circle_end) {
  Names names;
  names.AddSymlink(At("a"), "b");
  names.AddSymlink(At("b"), "a");
  names.At("a/c", true);
  names.AddSymlink(At("long"), "long/x");
  names.At("long", true);
}

TEST(a_file_keeps_its_other_names) {
  Names names;
  names.AddLink(At("b"), At("d/c"));
  names.AddLink(At("d/c"), At("a"));
  CHECK(names.AreOne(At("a"), At("b")));
  CHECK(!names.AreOne(At("a"), At("d")));
  CHECK_EQ(names.RemoveAt("b"), std::string("a"));
  CHECK_EQ(names.RemoveAt("b"), std::string("none"));
  names.MoveTo("d", "e/d");
  CHECK(names.AreOne(At("a"), At("e/d/c")));
  CHECK_EQ(names.RemoveAt("a"), std::string("e/d/c"));
  CHECK_EQ(names.RemoveAt("e/d/c"), std::string("none"));
}

TEST(names_that_only_begin_alike_stay) {
  Names names;
  names.AddLink(At("d/a"), At("d-b"));
  names.AddLink(At("d/a"), At("dd"));
  names.MoveTo("d", "e");
  CHECK(names.AreOne(At("e/a"), At("d-b")));
  CHECK(names.AreOne(At("dd"), At("d-b")));
  CHECK(!names.AreOne(At("d/a"), At("d-b")));
}

TEST(a_link_to_a_symbolic_link_is_one) {
  Names names;
  names.AddSymlink(At("s"), "target");
  names.AddLink(At("s"), At("t"));
  CHECK_EQ(names.At("t", true), std::string("target"));
  CHECK(names.AreOne(At("s"), At("t")));  // a rename between them changes nothing
  CHECK_EQ(names.RemoveAt("s"), std::string("t"));
  CHECK_EQ(names.At("t", true), std::string("target"));
  CHECK_EQ(names.RemoveAt("t"), std::string("none"));
  CHECK_EQ(names.At("t", true), std::string("t"));
}

TEST(preopens_that_show_the_same_have_the_same_names) {
  NameFold names;
  names.AddPreopen({0, ""});
  names.AddPreopen({0, "in"});
  names.AddPreopen({0, ""});
  const NamePlace file = names.Resolve(names.Preopen(1), "f", false);
  CHECK_EQ(file.path, std::string("in/f"));
  CHECK(names.Resolve(names.Preopen(2), "in/f", false) == file);
  CHECK_EQ(names.Seen(file, 1).path, std::string("f"));
  CHECK_EQ(names.Seen(file, 2).preopen, 2u);
  CHECK_EQ(names.Seen({0, "out"}, 1).preopen, 0u);
  CHECK_EQ(names.Seen({0, "in"}, 1).path, std::string(""));
  names.Move({0, "in"}, {0, "moved/in"});
  CHECK_EQ(names.Resolve(names.Preopen(1), "f", false).path, std::string("moved/in/f"));
  names.Remove({0, "moved/in"});
  CHECK_EQ(names.Resolve(names.Preopen(1), "f", false).root, 1u);
}

TEST(no_more_text_is_kept_than_is_allowed) {
  Names names(4000);
  std::string last;
  for (int i = 0; i < 10000; ++i) {
    last = "name-" + std::to_string(i);
    names.AddLink(At("first"), At(last));
    names.AddSymlink(At("s" + last), "first");
  }
  CHECK_EQ(names.At("sname-1", true), std::string("first"));
  CHECK_EQ(names.At("s" + last, true), "s" + last);  // unknown
  CHECK(names.AreOne(At("first"), At("name-1")));
  CHECK(!names.AreOne(At("first"), At(last)));
  // What goes makes room, down to the last byte.
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10000; ++i) {
      const std::string name = "name-" + std::to_string(i);
      names.MoveTo(name, "a-longer-name");
      names.RemoveAt("a-longer-name");
      names.RemoveAt("s" + name);
    }
    names.AddSymlink(At(std::string(1000, 'x')), std::string(2000, 'y'));
    CHECK_EQ(names.At(std::string(1000, 'x'), true), std::string(2000, 'y'));
    names.RemoveAt(std::string(1000, 'x'));
    names.AddLink(At("first"), At(last));
    CHECK(names.AreOne(At("first"), At(last)));
    names.RemoveAt(last);
  }
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
