// Every call of preview 1: that it succeeds, each error that docs/host-calls.md lists for it, and
// both once more in a guest that was recovered right in front of the call; calls that can wait also
// in the middle of it. A call or an error without a case fails, as does a case that is not listed.

#include "check.h"
#include "hostcalls/calls/file_cases.h"
#include "hostcalls/calls/path_cases.h"
#include "hostcalls/calls/process_cases.h"
#include "hostcalls/calls/socket_cases.h"
#include "hostcalls/calls/transfer_cases.h"
#include "hostcalls/calls/two_path_cases.h"
#include "hostcalls/calls/waiting_cases.h"
#include "hostcalls/documented_calls.h"

namespace wasmsh::hostcalls::test {
namespace {

std::vector<CallCase> AllCases() {
  std::vector<CallCase> all;
  for (const auto& group : {ProcessCases(), DescriptorCases(), FileCases(), TransferCases(),
                            PathCases(), TwoPathCases(), SocketCases()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

/** Runs all of them, and fails with what is wrong with each. */
template <typename Cases, typename Try>
void TryEach(const Cases& cases, Try try_one) {
  std::string problems;
  for (const auto& one : cases) {
    try {
      try_one(one);
    } catch (const wasmsh::test::CheckFailed& failure) {
      problems += "\n  " + one.call + ": " + failure.message;
    } catch (const std::exception& exception) {
      problems += "\n  " + one.call + ": threw " + exception.what();
    }
  }
  if (!problems.empty()) throw std::runtime_error(problems);
}

void Try(const CallCase& one, bool across_recovery) {
  if (one.needs_mounts && !CanMount()) return;
  World world;
  if (one.arrange) one.arrange(world);
  if (across_recovery) world.Recover();
  CHECK_EQ(one.outcome + " " + std::to_string(one.act(world)),
           one.outcome + " " + std::to_string(ErrnoOf(one.outcome)));
  if (one.check) one.check(world);
}

TEST(a_call_says_what_is_documented) {
  TryEach(AllCases(), [](const CallCase& one) { Try(one, false); });
}

TEST(it_says_the_same_behind_a_recovery) {
  TryEach(AllCases(), [](const CallCase& one) { Try(one, true); });
}

TEST(a_call_goes_on_in_the_recovered_guest) {
  TryEach(WaitingCases(), [](const WaitingCase& one) {
    World world;
    if (one.arrange) one.arrange(world);
    if (one.is_cut_short) {
      world->control.stop = true;
    }
    one.begin(world);
    if (!one.is_cut_short) world->control.WaitUntilBlocked();
    const CallProgress progress = world->control.Pause();
    world.Recover(&progress);
    one.begin(world);
    if (one.release) one.release(world);
    CHECK_EQ(world->Wait(), 0u);
    if (one.check) one.check(world);
  });
}

TEST(there_is_a_case_for_everything_documented) {
  std::map<std::string, std::set<std::string>> tried;
  for (const CallCase& one : AllCases()) tried[one.call].insert(one.outcome);
  std::string missing;
  for (const auto& [name, call] : DocumentedCalls()) {
    if (tried[name].count("success") == 0) missing += "\n  " + name + " success";
    for (const std::string& error : call.errors) {
      if (tried[name].count(error) == 0) missing += "\n  " + name + " " + error;
    }
  }
  CHECK_EQ(missing, std::string());
}

TEST(everything_that_is_tried_is_documented) {
  std::map<std::string, DocumentedCall> documented = DocumentedCalls();
  std::set<std::string> missing;
  for (const CallCase& one : AllCases()) {
    if (one.outcome == "success" || documented[one.call].errors.count(one.outcome) > 0) continue;
    missing.insert("\n  " + one.call + " " + one.outcome);
  }
  std::string all;
  for (const std::string& one : missing) all += one;
  CHECK_EQ(all, std::string());
}

TEST(every_call_that_can_be_interrupted_is_tried_in_the_middle) {
  std::set<std::string> tried;
  for (const WaitingCase& one : WaitingCases()) tried.insert(one.call);
  // Only a signal cuts it short, and only on some file systems; it is begun again as a whole.
  tried.insert("fd_allocate");
  for (const auto& [name, call] : DocumentedCalls()) {
    if (call.call_class != "waits, then acts" && call.call_class != "continues") continue;
    CHECK_EQ(name + " " + std::to_string(tried.count(name)), name + " 1");
  }
}

TEST(a_file_system_of_its_own_can_be_had) {
  if (!CanMount()) SKIP("nospc, rofs and xdev need the right to mount a tmpfs");
}

}  // namespace
}  // namespace wasmsh::hostcalls::test
