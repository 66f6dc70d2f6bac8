#ifndef WASMSH_TEST_HOSTCALLS_CALLS_PATH_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_PATH_CASES_H_

#include "hostcalls/calls/descriptor_cases.h"

namespace wasmsh::hostcalls::test {

constexpr uint32_t kOtherPathAt = 57000;

/** A path in guest memory, below a directory. */
struct PathArgument {
  uint32_t directory;
  uint32_t address;
  size_t length;
};

using OnPathArgument = std::function<uint32_t(World&, const PathArgument&)>;

/** A second path, for calls that take two. */
inline PathArgument Other(World& w, uint32_t directory, const std::string& path) {
  w->PutText(kOtherPathAt, path);
  return {directory, kOtherPathAt, path.size()};
}

inline Act At(OnPathArgument act, const std::string& path, uint32_t directory = kData) {
  return [=](World& w) {
    w->PutText(kPathAt, path);
    return act(w, {directory, kPathAt, path.size()});
  };
}

/** What every call with a path says of a bad one. */
inline void AddPathErrors(std::vector<CallCase>* cases, const std::string& call,
                          OnPathArgument act) {
  cases->push_back({call, "badf", At(act, "file", kNone)});
  cases->push_back({call, "notcapable", At(act, "../file")});
  cases->push_back({call, "notcapable", At(act, "/file")});
  cases->push_back(
      {call, "notcapable", At(act, "file"), [](World& w) { w.Restrict(kData, wasi::kFdReaddir); }});
  cases->push_back({call, "fault", [=](World& w) { return act(w, {kData, kOutside, 9}); }});
  cases->push_back({call, "noent", At(act, "missing/file")});
  cases->push_back({call, "noent", At(act, "")});
  cases->push_back({call, "notdir", At(act, "file/file")});
  cases->push_back({call, "loop", At(act, "loop/file")});
  cases->push_back({call, "nametoolong", At(act, std::string(300, 'x') + "/file")});
  cases->push_back({call, "nametoolong", At(act, std::string(5000, 'x'))});
  cases->push_back({call, "ilseq", At(act, std::string("a\0b", 3))});
  cases->push_back({call, "acces",
                    [=](World& w) {
                      Unprivileged unprivileged;
                      return At(act, "dir/inner")(w);
                    },
                    [](World& w) { chmod(w.data.File("dir").c_str(), 0); },
                    [](World& w) { chmod(w.data.File("dir").c_str(), 0700); }});
}

inline uint32_t OpenPath(World& w, const PathArgument& path, uint32_t oflags, uint64_t rights,
                         uint32_t fdflags = 0, uint32_t lookup = 0) {
  return w->Call("path_open", path.directory, lookup, path.address, path.length, oflags, rights,
                 uint64_t{0}, fdflags, kResultAt);
}

inline OnPathArgument Opens(uint32_t oflags, uint64_t rights, uint32_t fdflags = 0) {
  return [=](World& w, const PathArgument& path) {
    return OpenPath(w, path, oflags, rights, fdflags);
  };
}

/** No file can be made in the small file system any more. */
inline void UseUpNames(World& w) {
  for (int i = 0;; ++i) {
    const int fd =
        open(w.small.File(std::to_string(i)).c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) return;
    close(fd);
  }
}

inline std::vector<CallCase> OpenCases() {
  std::vector<CallCase> cases;
  const std::string call = "path_open";
  constexpr uint64_t kWrite = wasi::kFdWrite;
  constexpr uint64_t kRead = wasi::kFdRead;
  AddPathErrors(&cases, call, Opens(0, kRead));
  cases.push_back(
      {call, "success", At(Opens(wasi::kOpenCreate, kRead | kWrite), "new"), nullptr, [](World& w) {
         CHECK_EQ(w->U32(kResultAt), 6u);
         CHECK_EQ(w->Write(6, "made"), 0u);
         CHECK_EQ(ReadFile(w.data.File("new")), std::string("made"));
       }});
  cases.push_back({call, "fault", [](World& w) {
                     w->PutText(kPathAt, "file");
                     return w->Call("path_open", kData, 0, kPathAt, 4, 0, kRead, uint64_t{0}, 0,
                                    kOutside);
                   }});
  cases.push_back({call, "noent", At(Opens(0, kRead), "missing")});
  cases.push_back(
      {call, "exist", At(Opens(wasi::kOpenCreate | wasi::kOpenExclusive, kWrite), "file")});
  cases.push_back({call, "isdir", At(Opens(0, kWrite), "dir")});
  cases.push_back({call, "notdir", At(Opens(wasi::kOpenDirectory, kRead), "file")});
  cases.push_back({call, "loop", At(Opens(0, kRead), "link")});
  cases.push_back({call, "inval", At(Opens(16, kRead), "file")});
  cases.push_back({call, "inval", At(Opens(0, kRead, 32), "file")});
  cases.push_back(
      {call, "inval", At(Opens(wasi::kOpenCreate | wasi::kOpenDirectory, kRead), "dir")});
  cases.push_back({call, "mfile", At(Opens(wasi::kOpenCreate, kWrite), "new"),
                   [](World& w) {
                     for (int i = 6; i < 1024; ++i) w.Open(kData, "file", wasi::kFdRead);
                   },
                   [](World& w) { CHECK(access(w.data.File("new").c_str(), F_OK) != 0); }});
  cases.push_back({call, "nospc", At(Opens(wasi::kOpenCreate, kWrite), "new", kSmall), UseUpNames,
                   nullptr, true});
  cases.push_back(
      {call, "rofs", At(Opens(wasi::kOpenCreate, kWrite), "new", kFixed), nullptr, nullptr, true});
  cases.push_back({call, "rofs", At(Opens(0, kWrite), "file", kFixed), nullptr, nullptr, true});
  cases.push_back({call, "nxio", At(Opens(0, kWrite, wasi::kFdflagNonblock), "fifo"), [](World& w) {
                     Require(mkfifo(w.data.File("fifo").c_str(), 0600) == 0, "mkfifo");
                   }});
  return cases;
}

/** Calls with one path. */
inline std::vector<CallCase> PathCases() {
  std::vector<CallCase> cases = OpenCases();
  const auto simple = [](const char* call) {
    return [=](World& w, const PathArgument& path) {
      return w->Call(call, path.directory, path.address, path.length);
    };
  };
  const auto exists = [](const char* name, bool expected) {
    return [=](World& w) {
      struct stat status;
      CHECK_EQ(lstat(w.data.File(name).c_str(), &status) == 0, expected);
    };
  };

  const OnPathArgument make = simple("path_create_directory");
  AddPathErrors(&cases, "path_create_directory", make);
  cases.push_back(
      {"path_create_directory", "success", At(make, "new"), nullptr, exists("new", true)});
  cases.push_back({"path_create_directory", "exist", At(make, "file")});
  cases.push_back(
      {"path_create_directory", "rofs", At(make, "new", kFixed), nullptr, nullptr, true});
  cases.push_back(
      {"path_create_directory", "nospc", At(make, "new", kSmall), UseUpNames, nullptr, true});

  const OnPathArgument remove = simple("path_remove_directory");
  AddPathErrors(&cases, "path_remove_directory", remove);
  cases.push_back(
      {"path_remove_directory", "success", At(remove, "empty"), nullptr, exists("empty", false)});
  cases.push_back({"path_remove_directory", "noent", At(remove, "missing")});
  cases.push_back(
      {"path_remove_directory", "notdir", At(remove, "file"), nullptr, exists("file", true)});
  cases.push_back(
      {"path_remove_directory", "notempty", At(remove, "dir"), nullptr, exists("dir/inner", true)});
  cases.push_back({"path_remove_directory", "inval", At(remove, ".")});
  cases.push_back(
      {"path_remove_directory", "rofs", At(remove, "sub", kFixed), nullptr, nullptr, true});

  const OnPathArgument unlink = simple("path_unlink_file");
  AddPathErrors(&cases, "path_unlink_file", unlink);
  cases.push_back(
      {"path_unlink_file", "success", At(unlink, "link"), nullptr, exists("link", false)});
  cases.push_back({"path_unlink_file", "noent", At(unlink, "missing")});
  cases.push_back({"path_unlink_file", "isdir", At(unlink, "dir"), nullptr, exists("dir", true)});
  cases.push_back(
      {"path_unlink_file", "notdir", At(unlink, "file/"), nullptr, exists("file", true)});
  cases.push_back({"path_unlink_file", "rofs", At(unlink, "file", kFixed), nullptr, nullptr, true});

  const OnPathArgument stat = [](World& w, const PathArgument& path) {
    return w->Call("path_filestat_get", path.directory, 0, path.address, path.length, 0);
  };
  AddPathErrors(&cases, "path_filestat_get", stat);
  cases.push_back({"path_filestat_get", "success", At(stat, "file"), nullptr,
                   [](World& w) { CHECK_EQ(w->U64(32), 10u); }});
  cases.push_back({"path_filestat_get", "fault", [](World& w) {
                     w->PutText(kPathAt, "file");
                     return w->Call("path_filestat_get", kData, 0, kPathAt, 4, kOutside);
                   }});

  const auto set_times = [](uint32_t flags) {
    return [=](World& w, const PathArgument& path) {
      return w->Call("path_filestat_set_times", path.directory, 0, path.address, path.length,
                     uint64_t{3'000'000'000}, uint64_t{4'000'000'000}, flags);
    };
  };
  AddPathErrors(&cases, "path_filestat_set_times", set_times(5));
  cases.push_back(
      {"path_filestat_set_times", "success", At(set_times(5), "file"), nullptr, [=](World& w) {
         CHECK_EQ(At(stat, "file")(w), 0u);
         CHECK_EQ(w->U64(48), 4'000'000'000u);
       }});
  cases.push_back({"path_filestat_set_times", "inval", At(set_times(12), "file")});
  cases.push_back({"path_filestat_set_times", "rofs", At(set_times(5), "file", kFixed), nullptr,
                   nullptr, true});

  const auto read_link = [](uint32_t buffer) {
    return [=](World& w, const PathArgument& path) {
      return w->Call("path_readlink", path.directory, path.address, path.length, buffer, 20,
                     kResultAt);
    };
  };
  AddPathErrors(&cases, "path_readlink", read_link(kBufferAt));
  cases.push_back(
      {"path_readlink", "success", At(read_link(kBufferAt), "link"), nullptr,
       [](World& w) { CHECK_EQ(w->Text(kBufferAt, w->U32(kResultAt)), std::string("file")); }});
  cases.push_back({"path_readlink", "inval", At(read_link(kBufferAt), "file")});
  cases.push_back({"path_readlink", "fault", At(read_link(kOutside), "link")});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_PATH_CASES_H_
