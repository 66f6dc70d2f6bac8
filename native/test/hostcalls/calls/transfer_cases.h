#ifndef WASMSH_TEST_HOSTCALLS_CALLS_TRANSFER_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_TRANSFER_CASES_H_

#include "hostcalls/calls/descriptor_cases.h"

namespace wasmsh::hostcalls::test {

/** One call that moves bytes. */
struct TransferCall {
  const char* name;
  bool reads;
  bool at_offset;

  uint32_t operator()(World& w, uint32_t fd, uint32_t list, uint32_t count, uint64_t offset = 2,
                      uint32_t result = kResultAt) const {
    return at_offset ? w->Call(name, fd, list, count, offset, result)
                     : w->Call(name, fd, list, count, result);
  }
};

/** No room is left in the small file system. */
inline void FillSmall(World& w) {
  w.Open(kSmall, "file");
  std::ofstream file(w.small.File("filler"), std::ios::binary);
  while (file.good()) file.write("0123456789abcdef", 16);
}

inline void FillOutput(World& w) {
  CHECK_EQ(w->Call("fd_fdstat_set_flags", 1, wasi::kFdflagNonblock), 0u);
  std::string text(50000, 'x');
  while (w->Write(1, text) == 0) continue;
}

inline std::vector<CallCase> TransferCases() {
  std::vector<CallCase> cases;
  const TransferCall read{"fd_read", true, false};
  const TransferCall write{"fd_write", false, false};
  const TransferCall pread{"fd_pread", true, true};
  const TransferCall pwrite{"fd_pwrite", false, true};
  for (const TransferCall& call : {read, write, pread, pwrite}) {
    const auto act = [=](World& w, uint32_t fd) { return call(w, fd, kListAt, w.List("abc")); };
    AddDescriptorErrors(&cases, call.name, act, 1);
    cases.push_back({call.name, "success", [=](World& w) { return act(w, w.fd); },
                     [](World& w) {
                       OpenFile(w);
                       CHECK_EQ(w->Call("fd_seek", w.fd, uint64_t{2}, 0, 0), 0u);
                     },
                     [=](World& w) {
                       CHECK_EQ(w->U32(kResultAt), 3u);
                       if (call.reads) CHECK_EQ(w->Text(kBufferAt, 3), std::string("234"));
                       const std::string kept = call.reads ? "0123456789" : "01abc56789";
                       CHECK_EQ(ReadFile(w.data.File("file")), kept);
                       CHECK_EQ(w->Call("fd_tell", w.fd, 0), 0u);
                       CHECK_EQ(w->U64(0), call.at_offset ? 2u : 5u);
                     }});
    cases.push_back(
        {call.name, "fault", [=](World& w) { return call(w, w.fd, kOutside, 1); }, OpenFile});
    cases.push_back({call.name, "fault",
                     [=](World& w) {
                       w->PutVectors(kListAt, {{kOutside, 9}});
                       return call(w, w.fd, kListAt, 1);
                     },
                     OpenFile});
    cases.push_back({call.name, "fault",
                     [=](World& w) { return call(w, w.fd, kListAt, w.List("abc"), 2, kOutside); },
                     OpenFile});
    cases.push_back(
        {call.name, "inval", [=](World& w) { return call(w, w.fd, kListAt, 1025); }, OpenFile});
    if (call.at_offset) {
      cases.push_back({call.name, "inval",
                       [=](World& w) { return call(w, w.fd, kListAt, w.List("abc"), INT64_MAX); },
                       OpenFile});
      cases.push_back({call.name, "spipe", [=](World& w) { return act(w, call.reads ? 0 : 1); }});
    }
    if (call.reads) continue;
    cases.push_back({call.name, "nospc",
                     [=](World& w) { return call(w, w.fd, kListAt, w.List("abc")); }, FillSmall,
                     nullptr, true});
    cases.push_back({call.name, "fbig",
                     [=](World& w) {
                       SizeLimit limit;
                       return call(w, w.fd, kListAt, w.List("abc"), 1 << 20);
                     },
                     [](World& w) {
                       OpenFile(w);
                       CHECK_EQ(w->Call("fd_seek", w.fd, uint64_t{1 << 20}, 0, 0), 0u);
                     }});
  }
  cases.push_back(
      {"fd_read", "again", [=](World& w) { return read(w, 0, kListAt, w.List("abc")); },
       [](World& w) { CHECK_EQ(w->Call("fd_fdstat_set_flags", 0, wasi::kFdflagNonblock), 0u); }});
  cases.push_back({"fd_write", "again",
                   [=](World& w) { return write(w, 1, kListAt, w.List("abc")); }, FillOutput});
  cases.push_back({"fd_write", "pipe",
                   [=](World& w) { return write(w, 1, kListAt, w.List("abc")); },
                   [](World& w) { close(std::exchange(w.output.read_end, -1)); }});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_TRANSFER_CASES_H_
