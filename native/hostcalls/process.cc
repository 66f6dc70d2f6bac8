#include <sched.h>

#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

// Type `signal` of preview 1; 1 to 15 are those of Linux.
constexpr uint32_t kSignalChld = 16;
constexpr uint32_t kSignalCont = 17;
constexpr uint32_t kSignalStop = 18;
constexpr uint32_t kSignalTtou = 21;
constexpr uint32_t kSignalUrg = 22;
constexpr uint32_t kSignalWinch = 27;
constexpr uint32_t kSignalSys = 30;

/** Exit codes of programs that a signal ended, as shells report them. */
constexpr uint32_t kSignalExitBase = 128;

}  // namespace

Outcome ProcExit(Call& call) {
  call.exit_code = Arg32(call, 0);
  return Outcome::kExit;
}

Outcome ProcRaise(Call& call) {
  uint32_t signal = Arg32(call, 0);
  if (signal > kSignalSys) return Finish(call, wasi::kInval);
  if (signal >= kSignalStop && signal <= kSignalTtou) return Finish(call, wasi::kNotsup);
  bool ignored = signal == 0 || signal == kSignalChld || signal == kSignalCont ||
                 signal == kSignalUrg || signal == kSignalWinch;
  if (ignored) return Finish(call, wasi::kSuccess);
  call.exit_code = kSignalExitBase + signal;
  return Outcome::kExit;
}

Outcome SchedYield(Call& call) {
  sched_yield();
  return Finish(call, wasi::kSuccess);
}

}  // namespace wasmsh::hostcalls
