#ifndef WASMSH_TEST_HOSTCALLS_CALLS_SOCKET_CASES_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_SOCKET_CASES_H_

#include <sys/un.h>

#include "hostcalls/calls/descriptor_cases.h"

namespace wasmsh::hostcalls::test {

/** Standard output is one end of a connected pair; `peer` is the other. */
inline void Connected(World& w) {
  int ends[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "socketpair");
  w.peer = ends[0];
  w.SetOutput(ends[1]);
}

inline sockaddr_un ListenerAddress(const World& w) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, w.data.File("socket").c_str(), sizeof address.sun_path - 1);
  return address;
}

/** Standard output is a socket that listens. */
inline void Listening(World& w) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = ListenerAddress(w);
  Require(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0, "bind");
  Require(listen(listener, 4) == 0, "listen");
  w.SetOutput(listener);
}

/** Somebody, `peer`, connects to it. */
inline void Connect(World& w) {
  w.peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = ListenerAddress(w);
  Require(connect(w.peer, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "connect");
}

inline void DoNotWait(World& w) {
  CHECK_EQ(w->Call("fd_fdstat_set_flags", 1, wasi::kFdflagNonblock), 0u);
}

inline void HangUp(World& w) {
  Connected(w);
  close(std::exchange(w.peer, -1));
}

inline std::vector<CallCase> SocketCases() {
  std::vector<CallCase> cases;
  using OnFd = std::function<uint32_t(World&, uint32_t)>;
  const auto on_output = [](OnFd act) { return [=](World& w) { return act(w, 1); }; };
  const auto add = [&](const char* call, OnFd act, uint64_t rights) {
    cases.push_back({call, "badf", [=](World& w) { return act(w, kNone); }});
    cases.push_back({call, "notsock", [=](World& w) { return act(w, w.fd); }, OpenFile});
    if (rights == 0) return;
    cases.push_back({call, "notcapable", on_output(act), [](World& w) {
                       Connected(w);
                       w.Restrict(1, wasi::kFdFilestatGet);
                     }});
  };
  const auto both = [](Step first, Step second) {
    return [=](World& w) {
      first(w);
      second(w);
    };
  };

  const OnFd accept = [](World& w, uint32_t fd) {
    return w->Call("sock_accept", fd, 0, kResultAt);
  };
  add("sock_accept", accept, 0);
  cases.push_back(
      {"sock_accept", "success", on_output(accept), both(Listening, Connect), [](World& w) {
         CHECK_EQ(w->U32(kResultAt), 6u);
         CHECK_EQ(w->Write(6, "hello"), 0u);
         char text[5];
         Require(read(w.peer, text, 5) == 5, "read");
       }});
  cases.push_back({"sock_accept", "inval",
                   [](World& w) { return w->Call("sock_accept", 1, 1, kResultAt); }, Listening});
  cases.push_back({"sock_accept", "inval", on_output(accept), Connected});
  cases.push_back({"sock_accept", "fault",
                   [](World& w) { return w->Call("sock_accept", 1, 0, kOutside); }, Listening});
  cases.push_back({"sock_accept", "again", on_output(accept), both(Listening, DoNotWait)});
  cases.push_back({"sock_accept", "mfile", on_output(accept),
                   [](World& w) {
                     Listening(w);
                     Connect(w);
                     for (int i = 6; i < 1024; ++i) w.Open(kData, "file", wasi::kFdRead);
                   },
                   [=](World& w) {
                     // The connection is still there for the next call.
                     CHECK_EQ(w->Call("fd_close", 6), 0u);
                     CHECK_EQ(accept(w, 1), 0u);
                   }});

  const auto receive_with = [](uint32_t flags) {
    return [=](World& w, uint32_t fd) {
      return w->Call("sock_recv", fd, kListAt, w.List("....."), flags, kResultAt, kResultAt + 4);
    };
  };
  const OnFd receive = receive_with(0);
  add("sock_recv", receive, 1);
  cases.push_back({"sock_recv", "success", on_output(receive),
                   [](World& w) {
                     Connected(w);
                     Require(write(w.peer, "hello", 5) == 5, "write");
                   },
                   [](World& w) {
                     CHECK_EQ(w->U32(kResultAt), 5u);
                     CHECK_EQ(w->Text(kBufferAt, 5), std::string("hello"));
                   }});
  cases.push_back({"sock_recv", "inval", on_output(receive_with(4)), Connected});
  cases.push_back(
      {"sock_recv", "fault",
       [](World& w) { return w->Call("sock_recv", 1, kOutside, 1, 0, kResultAt, kResultAt + 4); },
       Connected});
  cases.push_back({"sock_recv", "again", on_output(receive), both(Connected, DoNotWait)});

  const auto send_with = [](uint32_t flags) {
    return [=](World& w, uint32_t fd) {
      return w->Call("sock_send", fd, kListAt, w.List("hello"), flags, kResultAt);
    };
  };
  const OnFd send = send_with(0);
  add("sock_send", send, 1);
  cases.push_back({"sock_send", "success", on_output(send), Connected, [](World& w) {
                     char text[5];
                     Require(read(w.peer, text, 5) == 5, "read");
                     CHECK_EQ(std::string(text, 5), std::string("hello"));
                   }});
  cases.push_back({"sock_send", "inval", on_output(send_with(1)), Connected});
  cases.push_back({"sock_send", "fault",
                   [](World& w) { return w->Call("sock_send", 1, kOutside, 1, 0, kResultAt); },
                   Connected});
  cases.push_back({"sock_send", "pipe", on_output(send), HangUp});
  cases.push_back({"sock_send", "again", on_output(send), [=](World& w) {
                     Connected(w);
                     DoNotWait(w);
                     while (send(w, 1) == 0) continue;
                   }});

  const auto shut_down = [](uint32_t how) {
    return [=](World& w, uint32_t fd) { return w->Call("sock_shutdown", fd, how); };
  };
  add("sock_shutdown", shut_down(1), 0);
  cases.push_back({"sock_shutdown", "success", on_output(shut_down(2)), Connected, [](World& w) {
                     char byte;
                     Require(read(w.peer, &byte, 1) == 0, "end of file");
                   }});
  cases.push_back({"sock_shutdown", "inval", on_output(shut_down(4)), Connected});
  cases.push_back({"sock_shutdown", "notconn", on_output(shut_down(2)),
                   [](World& w) { w.SetOutput(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }});

  const auto poll = [](uint32_t count, uint32_t at) {
    return [=](World& w) {
      w->Put<uint64_t>(0, 0x1234);
      w->Put<uint8_t>(8, wasi::kEventFdRead);
      w->Put<uint32_t>(16, 0);
      return w->Call("poll_oneoff", 0, at, count, kResultAt);
    };
  };
  cases.push_back({"poll_oneoff", "success", poll(1, 400),
                   [](World& w) { Require(write(w.input.write_end, "abc", 3) == 3, "write"); },
                   [](World& w) {
                     CHECK_EQ(w->U32(kResultAt), 1u);
                     CHECK_EQ(w->U64(400), 0x1234u);
                     CHECK_EQ(w->U16(408), uint16_t{0});
                     CHECK_EQ(w->U64(416), 3u);
                   }});
  cases.push_back({"poll_oneoff", "inval", poll(0, 400)});
  cases.push_back({"poll_oneoff", "inval", poll(4097, 400)});
  cases.push_back({"poll_oneoff", "fault", poll(1, kOutside)});
  return cases;
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_SOCKET_CASES_H_
