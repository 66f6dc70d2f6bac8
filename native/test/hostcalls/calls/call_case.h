#ifndef WASMSH_TEST_HOSTCALLS_CALLS_CALL_CASE_H_
#define WASMSH_TEST_HOSTCALLS_CALLS_CALL_CASE_H_

#include <functional>
#include <string>
#include <vector>

#include "hostcalls/calls/world.h"

namespace wasmsh::hostcalls::test {

using Step = std::function<void(World&)>;
using Act = std::function<uint32_t(World&)>;

/** One call with one outcome. It is made by a fresh guest, and by one that was recovered right in
 *  front of it. */
struct CallCase {
  std::string call;
  std::string outcome;  // "success", or the name of an errno
  Act act;
  Step arrange = nullptr;
  Step check = nullptr;
  bool needs_mounts = false;
};

/** A call that waits, or does its work in pieces: the guest is stored in the middle of it, and
 *  another one goes on. */
struct WaitingCase {
  std::string call;
  Step arrange;
  Step begin;              // makes the call on a thread of its own
  Step release = nullptr;  // lets it end
  Step check = nullptr;
  bool is_cut_short = false;  // a pause is wanted from the beginning; else it blocks
};

/** Number of an errno of preview 1, by its name. */
inline uint32_t ErrnoOf(const std::string& name) {
  static const std::string all =
      "success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy "
      "canceled child connaborted connrefused connreset deadlk destaddrreq dom dquot exist fault "
      "fbig hostunreach idrm ilseq inprogress intr inval io isconn isdir loop mfile mlink msgsize "
      "multihop nametoolong netdown netreset netunreach nfile nobufs nodev noent noexec nolck "
      "nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock "
      "notsup notty nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs "
      "spipe srch stale timedout txtbsy xdev notcapable";
  std::istringstream names(all);
  uint32_t number = 0;
  for (std::string one; names >> one; ++number) {
    if (one == name) return number;
  }
  throw std::runtime_error("no errno " + name);
}

}  // namespace wasmsh::hostcalls::test

#endif  // WASMSH_TEST_HOSTCALLS_CALLS_CALL_CASE_H_
