#ifndef WASMSH_TEST_HOSTCALLS_CALLS_WAITING_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_WAITING_CASES_H_

#include "hostcalls/calls/path_cases.h"
#include "hostcalls/calls/socket_cases.h"

namespace wasmsh::hostcalls::test {

constexpr uint32_t kManyBytes = 2 << 20;

/** Two MiB in 64 buffers of 32 KiB, all in the same place: more than is moved at once. */
inline uint32_t ManyBuffers(World& w) {
  return w->PutVectors(kListAt, std::vector<std::pair<uint32_t, uint32_t>>(64, {20000, 32768}));
}

inline std::string ReadAll(int fd, size_t length) {
  std::string text(length, '\0');
  for (size_t done = 0; done < length;) {
    const ssize_t got = read(fd, text.data() + done, length - done);
    Require(got > 0, "read");
    done += static_cast<size_t>(got);
  }
  return text;
}

inline std::vector<WaitingCase> WaitingCases() {
  std::vector<WaitingCase> cases;
  const auto fill = [](World& w) { w->PutText(20000, std::string(32768, 'x')); };
  const auto all_moved = [](World& w) { CHECK_EQ(w->U32(kResultAt), kManyBytes); };

  cases.push_back(
      {"fd_read", nullptr,
       [](World& w) { w->Begin("fd_read", 0, kListAt, w.List("....."), kResultAt); },
       [](World& w) { Require(write(w.input.write_end, "late", 4) == 4, "write"); },
       [](World& w) { CHECK_EQ(w->Text(kBufferAt, w->U32(kResultAt)), std::string("late")); }});
  cases.push_back({"fd_write", fill,
                   [](World& w) { w->Begin("fd_write", 1, kListAt, ManyBuffers(w), kResultAt); },
                   [](World& w) {
                     CHECK_EQ(ReadAll(w.output.read_end, kManyBytes), std::string(kManyBytes, 'x'));
                   },
                   all_moved});
  cases.push_back({"fd_pread",
                   [](World& w) {
                     WriteFile(w.data.File("file"), std::string(kManyBytes + 1, 'y'));
                     OpenFile(w);
                   },
                   [](World& w) {
                     w->Begin("fd_pread", w.fd, kListAt, ManyBuffers(w), uint64_t{1}, kResultAt);
                   },
                   nullptr,
                   [=](World& w) {
                     all_moved(w);
                     CHECK_EQ(w->Text(20000, 32768), std::string(32768, 'y'));
                   },
                   true});
  cases.push_back({"fd_pwrite",
                   [=](World& w) {
                     fill(w);
                     OpenFile(w);
                   },
                   [](World& w) {
                     w->Begin("fd_pwrite", w.fd, kListAt, ManyBuffers(w), uint64_t{1}, kResultAt);
                   },
                   nullptr,
                   [=](World& w) {
                     all_moved(w);
                     CHECK_EQ(ReadFile(w.data.File("file")), "0" + std::string(kManyBytes, 'x'));
                   },
                   true});
  cases.push_back({"random_get", nullptr, [](World& w) { w->Begin("random_get", 0, 65000); },
                   nullptr, [](World& w) { CHECK(w->U64(64000) != w->U64(64008)); }, true});
  cases.push_back({"poll_oneoff",
                   [](World& w) {
                     w->Put<uint8_t>(8, wasi::kEventFdRead);
                     w->Put<uint32_t>(16, 0);
                   },
                   [](World& w) { w->Begin("poll_oneoff", 0, 400, 1, kResultAt); },
                   [](World& w) { Require(write(w.input.write_end, "late", 4) == 4, "write"); },
                   [](World& w) { CHECK_EQ(w->U64(416), 4u); }});
  cases.push_back({"path_open",
                   [](World& w) {
                     Require(mkfifo(w.data.File("fifo").c_str(), 0600) == 0, "mkfifo");
                     w->PutText(kPathAt, "fifo");
                   },
                   [](World& w) {
                     w->Begin("path_open", kData, 0, kPathAt, 4, 0, uint64_t{wasi::kFdRead},
                              uint64_t{0}, 0, kResultAt);
                   },
                   [](World& w) {
                     w.peer = open(w.data.File("fifo").c_str(), O_WRONLY | O_CLOEXEC);
                     Require(write(w.peer, "late", 4) == 4, "write");
                   },
                   [](World& w) { CHECK_EQ(w->Read(w->U32(kResultAt), 4), std::string("late")); }});
  cases.push_back({"sock_accept", Listening,
                   [](World& w) { w->Begin("sock_accept", 1, 0, kResultAt); }, Connect,
                   [](World& w) { CHECK_EQ(w->U32(kResultAt), 6u); }});
  cases.push_back({"sock_recv", Connected,
                   [](World& w) {
                     w->Begin("sock_recv", 1, kListAt, w.List("....."), 0, kResultAt,
                              kResultAt + 4);
                   },
                   [](World& w) { Require(write(w.peer, "late", 4) == 4, "write"); },
                   [](World& w) { CHECK_EQ(w->Text(kBufferAt, 4), std::string("late")); }});
  cases.push_back(
      {"sock_send",
       [=](World& w) {
         Connected(w);
         fill(w);
       },
       [](World& w) { w->Begin("sock_send", 1, kListAt, ManyBuffers(w), 0, kResultAt); },
       [](World& w) { CHECK_EQ(ReadAll(w.peer, kManyBytes), std::string(kManyBytes, 'x')); },
       all_moved});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_WAITING_CASES_H_
