#ifndef WASMSH_TEST_HOSTCALLS_CALLS_DESCRIPTOR_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_DESCRIPTOR_CASES_H_

#include "hostcalls/calls/call_case.h"

namespace wasmsh::hostcalls::test {

/** A number that no descriptor has. */
constexpr uint32_t kNone = 99;

/** What "badf" and "notcapable" are for every call on a descriptor: `act` gets its number, and
 *  `rights` are those that it has too few of; 0 when none are needed. */
inline void AddDescriptorErrors(std::vector<CallCase>* cases, const std::string& call,
                                std::function<uint32_t(World&, uint32_t)> act, uint64_t rights) {
  cases->push_back({call, "badf", [=](World& w) { return act(w, kNone); }});
  if (rights == 0) return;
  cases->push_back({call, "notcapable", [=](World& w) { return act(w, w.fd); },
                    [=](World& w) {
                      w.Open(kData, "file");
                      w.Restrict(w.fd, wasi::kFdTell);
                    }});
}

inline void OpenFile(World& w) { w.Open(kData, "file"); }

/** Calls on the descriptor table. */
inline std::vector<CallCase> DescriptorCases() {
  std::vector<CallCase> cases;
  const auto close = [](World& w, uint32_t fd) { return w->Call("fd_close", fd); };
  AddDescriptorErrors(&cases, "fd_close", close, 0);
  cases.push_back({"fd_close", "success", [=](World& w) { return close(w, w.fd); }, OpenFile,
                   [=](World& w) { CHECK_EQ(close(w, w.fd), ErrnoOf("badf")); }});

  const auto renumber = [](World& w, uint32_t fd) { return w->Call("fd_renumber", fd, 0); };
  AddDescriptorErrors(&cases, "fd_renumber", renumber, 0);
  cases.push_back(
      {"fd_renumber", "badf", [](World& w) { return w->Call("fd_renumber", 0, kNone); }});
  cases.push_back({"fd_renumber", "success", [=](World& w) { return renumber(w, w.fd); }, OpenFile,
                   [](World& w) {
                     CHECK_EQ(w->Read(0, 3), std::string("012"));
                     CHECK_EQ(w->Call("fd_tell", w.fd, 0), ErrnoOf("badf"));
                   }});

  const auto prestat = [](uint32_t fd, uint32_t at) {
    return [=](World& w) { return w->Call("fd_prestat_get", fd, at); };
  };
  cases.push_back({"fd_prestat_get", "success", prestat(kData, 0), nullptr,
                   [](World& w) { CHECK_EQ(w->U32(4), 5u); }});
  cases.push_back({"fd_prestat_get", "badf", prestat(0, 0)});
  cases.push_back({"fd_prestat_get", "fault", prestat(kData, kOutside)});
  const auto name = [](uint32_t fd, uint32_t at, uint32_t length) {
    return [=](World& w) { return w->Call("fd_prestat_dir_name", fd, at, length); };
  };
  cases.push_back({"fd_prestat_dir_name", "success", name(kSmall, 0, 6), nullptr,
                   [](World& w) { CHECK_EQ(w->Text(0, 6), std::string("/small")); }});
  cases.push_back({"fd_prestat_dir_name", "badf", name(0, 0, 6)});
  cases.push_back({"fd_prestat_dir_name", "fault", name(kSmall, kOutside, 6)});
  cases.push_back({"fd_prestat_dir_name", "nametoolong", name(kSmall, 0, 5)});

  const auto fdstat = [](World& w, uint32_t fd) { return w->Call("fd_fdstat_get", fd, 0); };
  AddDescriptorErrors(&cases, "fd_fdstat_get", fdstat, 0);
  cases.push_back({"fd_fdstat_get", "fault",
                   [](World& w) { return w->Call("fd_fdstat_get", kData, kOutside); }});
  cases.push_back({"fd_fdstat_get", "success", [=](World& w) { return fdstat(w, w.fd); },
                   [](World& w) {
                     w.Open(kData, "file", wasi::kFdRead | wasi::kFdWrite, 0, wasi::kFdflagAppend);
                   },
                   [](World& w) {
                     CHECK_EQ(w->U8(0), wasi::kRegularFile);
                     CHECK_EQ(w->U16(2), uint16_t{wasi::kFdflagAppend});
                     CHECK_EQ(w->U64(8), wasi::kFdRead | wasi::kFdWrite);
                   }});

  const auto set_flags = [](uint32_t flags) {
    return [=](World& w, uint32_t fd) { return w->Call("fd_fdstat_set_flags", fd, flags); };
  };
  const auto on_file = [](std::function<uint32_t(World&, uint32_t)> act) {
    return [=](World& w) { return act(w, w.fd); };
  };
  AddDescriptorErrors(&cases, "fd_fdstat_set_flags", set_flags(1), wasi::kFdFdstatSetFlags);
  cases.push_back({"fd_fdstat_set_flags", "success", on_file(set_flags(1)), OpenFile, [](World& w) {
                     CHECK_EQ(w->Write(w.fd, "x"), 0u);
                     CHECK_EQ(ReadFile(w.data.File("file")), std::string("0123456789x"));
                   }});
  cases.push_back({"fd_fdstat_set_flags", "inval", on_file(set_flags(32)), OpenFile});
  cases.push_back({"fd_fdstat_set_flags", "notsup", on_file(set_flags(2)), OpenFile});

  const auto set_rights = [](uint64_t rights) {
    return [=](World& w, uint32_t fd) {
      return w->Call("fd_fdstat_set_rights", fd, rights, uint64_t{0});
    };
  };
  AddDescriptorErrors(&cases, "fd_fdstat_set_rights", set_rights(wasi::kFdRead), wasi::kFdRead);
  cases.push_back({"fd_fdstat_set_rights", "success", on_file(set_rights(wasi::kFdRead)), OpenFile,
                   [](World& w) { CHECK_EQ(w->Write(w.fd, "x"), ErrnoOf("notcapable")); }});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_DESCRIPTOR_CASES_H_
