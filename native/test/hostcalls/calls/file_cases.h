#ifndef WASMSH_TEST_HOSTCALLS_CALLS_FILE_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_FILE_CASES_H_

#include "hostcalls/calls/descriptor_cases.h"

namespace wasmsh::hostcalls::test {

/** Calls on one open file that move no bytes. */
inline std::vector<CallCase> FileCases() {
  using OnFd = std::function<uint32_t(World&, uint32_t)>;
  std::vector<CallCase> cases;
  const auto on_file = [](OnFd act) { return [=](World& w) { return act(w, w.fd); }; };
  const auto size_is = [](uint64_t size) {
    return [=](World& w) { CHECK_EQ(ReadFile(w.data.File("file")).size(), size); };
  };

  const auto advise = [](uint32_t advice) {
    return [=](World& w, uint32_t fd) {
      return w->Call("fd_advise", fd, uint64_t{0}, uint64_t{10}, advice);
    };
  };
  AddDescriptorErrors(&cases, "fd_advise", advise(0), 1);
  cases.push_back({"fd_advise", "success", on_file(advise(3)), OpenFile, size_is(10)});
  cases.push_back({"fd_advise", "inval", on_file(advise(6)), OpenFile});

  const auto allocate = [](uint64_t offset, uint64_t length) {
    return [=](World& w, uint32_t fd) { return w->Call("fd_allocate", fd, offset, length); };
  };
  AddDescriptorErrors(&cases, "fd_allocate", allocate(0, 20), 1);
  cases.push_back({"fd_allocate", "success", on_file(allocate(0, 20)), OpenFile, size_is(20)});
  cases.push_back({"fd_allocate", "inval", on_file(allocate(0, 0)), OpenFile, size_is(10)});
  cases.push_back({"fd_allocate", "fbig", on_file(allocate(INT64_MAX, 1)), OpenFile, size_is(10)});
  cases.push_back({"fd_allocate", "nospc", on_file(allocate(0, 1 << 20)),
                   [](World& w) { w.Open(kSmall, "file"); }, nullptr, true});

  for (const char* call : {"fd_sync", "fd_datasync"}) {
    const OnFd sync = [=](World& w, uint32_t fd) { return w->Call(call, fd); };
    AddDescriptorErrors(&cases, call, sync, 1);
    cases.push_back({call, "success", on_file(sync), OpenFile});
  }

  const OnFd stat = [](World& w, uint32_t fd) { return w->Call("fd_filestat_get", fd, 0); };
  AddDescriptorErrors(&cases, "fd_filestat_get", stat, 1);
  cases.push_back({"fd_filestat_get", "success", on_file(stat), OpenFile,
                   [](World& w) { CHECK_EQ(w->U64(32), 10u); }});
  cases.push_back({"fd_filestat_get", "fault",
                   [](World& w) { return w->Call("fd_filestat_get", kData, kOutside); }});

  const auto set_size = [](uint64_t size) {
    return [=](World& w, uint32_t fd) { return w->Call("fd_filestat_set_size", fd, size); };
  };
  AddDescriptorErrors(&cases, "fd_filestat_set_size", set_size(0), 1);
  cases.push_back({"fd_filestat_set_size", "success", on_file(set_size(4)), OpenFile, size_is(4)});
  cases.push_back(
      {"fd_filestat_set_size", "inval", on_file(set_size(1ull << 63)), OpenFile, size_is(10)});
  cases.push_back({"fd_filestat_set_size", "fbig",
                   [=](World& w) {
                     SizeLimit limit;
                     return set_size(1 << 20)(w, w.fd);
                   },
                   OpenFile, size_is(10)});

  const auto set_times = [](uint32_t flags) {
    return [=](World& w, uint32_t fd) {
      return w->Call("fd_filestat_set_times", fd, uint64_t{3'000'000'000}, uint64_t{4'000'000'000},
                     flags);
    };
  };
  AddDescriptorErrors(&cases, "fd_filestat_set_times", set_times(5), 1);
  cases.push_back(
      {"fd_filestat_set_times", "success", on_file(set_times(5)), OpenFile, [=](World& w) {
         CHECK_EQ(stat(w, w.fd), 0u);
         CHECK_EQ(w->U64(40), 3'000'000'000u);
         CHECK_EQ(w->U64(48), 4'000'000'000u);
       }});
  cases.push_back({"fd_filestat_set_times", "inval", on_file(set_times(3)), OpenFile});
  cases.push_back({"fd_filestat_set_times", "rofs", on_file(set_times(5)),
                   [](World& w) { w.Open(kFixed, "file", wasi::kFdRead | 1 << 23); }, nullptr,
                   true});

  const OnFd list = [](World& w, uint32_t fd) {
    return w->Call("fd_readdir", fd, kBufferAt, 4000, uint64_t{0}, kResultAt);
  };
  AddDescriptorErrors(&cases, "fd_readdir", list, 1);
  cases.push_back({"fd_readdir", "success", [=](World& w) { return list(w, kData); }, nullptr,
                   [](World& w) {
                     // Seven entries: 24 bytes each, and the names.
                     const size_t names = std::string("...filediremptylinkloop").size();
                     CHECK_EQ(w->U32(kResultAt), uint32_t(7 * 24 + names));
                   }});
  cases.push_back({"fd_readdir", "fault", [](World& w) {
                     return w->Call("fd_readdir", kData, kOutside, 99, uint64_t{0}, kResultAt);
                   }});

  const auto seek = [](uint64_t offset, uint32_t whence, uint32_t at = 0) {
    return [=](World& w, uint32_t fd) { return w->Call("fd_seek", fd, offset, whence, at); };
  };
  cases.push_back({"fd_seek", "badf", [=](World& w) { return seek(1, 0)(w, kNone); }});
  cases.push_back({"fd_seek", "notcapable", on_file(seek(1, 0)),
                   [](World& w) { w.Open(kData, "file", wasi::kFdTell); }});
  cases.push_back(
      {"fd_seek", "success", on_file(seek(static_cast<uint64_t>(-3), 2)), OpenFile, [](World& w) {
         CHECK_EQ(w->U64(0), 7u);
         CHECK_EQ(w->Read(w.fd, 10), std::string("789"));
       }});
  cases.push_back({"fd_seek", "inval", on_file(seek(static_cast<uint64_t>(-1), 0)), OpenFile});
  cases.push_back({"fd_seek", "inval", on_file(seek(0, 3)), OpenFile});
  cases.push_back({"fd_seek", "fault", on_file(seek(1, 0, kOutside)), OpenFile});
  cases.push_back({"fd_seek", "spipe", [=](World& w) { return seek(1, 0)(w, 0); }});

  const OnFd tell = [](World& w, uint32_t fd) { return w->Call("fd_tell", fd, 0); };
  cases.push_back({"fd_tell", "badf", [=](World& w) { return tell(w, kNone); }});
  cases.push_back({"fd_tell", "notcapable", on_file(tell),
                   [](World& w) { w.Open(kData, "file", wasi::kFdRead); }});
  cases.push_back({"fd_tell", "success", on_file(tell),
                   [](World& w) {
                     OpenFile(w);
                     CHECK_EQ(w->Read(w.fd, 4), std::string("0123"));
                   },
                   [](World& w) { CHECK_EQ(w->U64(0), 4u); }});
  cases.push_back(
      {"fd_tell", "fault", [](World& w) { return w->Call("fd_tell", w.fd, kOutside); }, OpenFile});
  cases.push_back({"fd_tell", "spipe", [=](World& w) { return tell(w, 1); }});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_FILE_CASES_H_
