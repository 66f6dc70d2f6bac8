#ifndef WASMSH_TEST_HOSTCALLS_CALLS_TWO_PATH_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_TWO_PATH_CASES_H_

#include "hostcalls/calls/path_cases.h"

namespace wasmsh::hostcalls::test {

/** Calls with two paths. */
inline std::vector<CallCase> TwoPathCases() {
  std::vector<CallCase> cases;
  const auto rename = [](World& w, const PathArgument& from, const PathArgument& to) {
    return w->Call("path_rename", from.directory, from.address, from.length, to.directory,
                   to.address, to.length);
  };
  const auto link = [](World& w, const PathArgument& from, const PathArgument& to) {
    return w->Call("path_link", from.directory, 0, from.address, from.length, to.directory,
                   to.address, to.length);
  };
  using TwoPaths = std::function<uint32_t(World&, const PathArgument&, const PathArgument&)>;
  const auto between = [](const TwoPaths& act, const std::string& from, const std::string& to,
                          uint32_t from_below = kData, uint32_t to_below = kData) {
    return At(
        [=](World& w, const PathArgument& path) { return act(w, path, Other(w, to_below, to)); },
        from, from_below);
  };
  for (const auto& [name, act] : {std::make_pair(std::string("path_rename"), TwoPaths(rename)),
                                  std::make_pair(std::string("path_link"), TwoPaths(link))}) {
    const TwoPaths call = act;
    AddPathErrors(&cases, name, [=](World& w, const PathArgument& path) {
      return call(w, path, Other(w, kData, "new"));
    });
    AddPathErrors(&cases, name, [=](World& w, const PathArgument& path) {
      return call(w, Other(w, kData, "file"), path);
    });
    cases.push_back({name, "noent", between(call, "missing", "new")});
    cases.push_back(
        {name, "xdev", between(call, "file", "new", kData, kSmall), nullptr, nullptr, true});
    cases.push_back(
        {name, "rofs", between(call, "file", "new", kFixed, kFixed), nullptr, nullptr, true});
  }
  cases.push_back(
      {"path_rename", "success", between(rename, "file", "dir/inner"), nullptr, [](World& w) {
         CHECK_EQ(ReadFile(w.data.File("dir/inner")), std::string("0123456789"));
         CHECK(access(w.data.File("file").c_str(), F_OK) != 0);
       }});
  cases.push_back({"path_rename", "isdir", between(rename, "file", "dir")});
  cases.push_back({"path_rename", "notdir", between(rename, "dir", "file")});
  cases.push_back({"path_rename", "notempty", between(rename, "empty", "dir")});
  cases.push_back({"path_rename", "inval", between(rename, "dir", "dir/below")});
  cases.push_back(
      {"path_link", "success", between(link, "file", "dir/second"), nullptr,
       [](World& w) { CHECK_EQ(ReadFile(w.data.File("dir/second")), std::string("0123456789")); }});
  cases.push_back({"path_link", "exist", between(link, "file", "dir")});
  cases.push_back({"path_link", "perm", between(link, "dir", "new")});
  cases.push_back({"path_link", "nospc", between(link, "file", "new", kSmall, kSmall), UseUpNames,
                   nullptr, true});

  const auto symlink_to = [](const std::string& target) {
    return [=](World& w, const PathArgument& path) {
      const PathArgument to = Other(w, kData, target);
      return w->Call("path_symlink", to.address, to.length, path.directory, path.address,
                     path.length);
    };
  };
  AddPathErrors(&cases, "path_symlink", symlink_to("file"));
  cases.push_back({"path_symlink", "success", At(symlink_to("file"), "new"), nullptr, [](World& w) {
                     CHECK_EQ(ReadFile(w.data.File("new")), std::string("0123456789"));
                   }});
  cases.push_back({"path_symlink", "exist", At(symlink_to("file"), "dir")});
  cases.push_back({"path_symlink", "noent", At(symlink_to(""), "new")});
  cases.push_back({"path_symlink", "notcapable", At(symlink_to("/file"), "new")});
  cases.push_back(
      {"path_symlink", "rofs", At(symlink_to("file"), "new", kFixed), nullptr, nullptr, true});
  cases.push_back(
      {"path_symlink", "nospc", At(symlink_to("file"), "new", kSmall), UseUpNames, nullptr, true});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_TWO_PATH_CASES_H_
