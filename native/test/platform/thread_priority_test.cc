// A thread that gives way to others, and hurries while somebody waits for it.

#include "platform/linux/thread_priority.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "check.h"

namespace wasmsh::platform {
namespace {

constexpr uid_t kNobody = 65534;

int NicenessOf(pid_t thread) { return getpriority(PRIO_PROCESS, id_t(thread)); }

/** Whether this process may raise priorities. */
bool MayRaise() {
  const int own = NicenessOf(0);
  if (setpriority(PRIO_PROCESS, 0, own - 1) != 0) return false;
  setpriority(PRIO_PROCESS, 0, own);
  return true;
}

/** A thread that gives way, and is there for as long as this. */
class GivingThread {
 public:
  GivingThread() {
    std::promise<pid_t> begun;
    thread_ = std::thread([this, &begun] {
      priority.GiveWay();
      begun.set_value(gettid());
      end_.get_future().wait();
    });
    id_ = begun.get_future().get();
  }
  ~GivingThread() {
    end_.set_value();
    thread_.join();
  }
  GivingThread(const GivingThread&) = delete;
  GivingThread& operator=(const GivingThread&) = delete;

  int niceness() const { return NicenessOf(id_); }

  ThreadPriority priority;

 private:
  std::thread thread_;
  std::promise<void> end_;
  pid_t id_ = 0;
};

/** Runs a check in a process of its own. */
void InChild(void (*check)()) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    try {
      check();
      _exit(0);
    } catch (const test::CheckFailed& failure) {
      std::fprintf(stderr, "%s\n", failure.message.c_str());
      _exit(1);
    }
  }
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST(gives_way_alone) {
  GivingThread one;
  CHECK_EQ(one.niceness(), NicenessOf(0) + 5);
}

TEST(hurries_until_it_relaxes) {
  if (!MayRaise()) SKIP("raising priorities needs CAP_SYS_NICE");
  const int own = NicenessOf(0);
  GivingThread one;
  for (int time = 0; time < 2; ++time) {
    one.priority.Hurry();
    CHECK_EQ(one.niceness(), own);
    one.priority.Hurry();
    CHECK_EQ(one.niceness(), own);
    one.priority.Relax();
    CHECK_EQ(one.niceness(), own + 5);
    one.priority.Relax();
    CHECK_EQ(one.niceness(), own + 5);
  }
}

TEST(gets_back_no_more_than_it_gave) {
  if (!MayRaise()) SKIP("raising priorities needs CAP_SYS_NICE");
  InChild([] {
    CHECK_EQ(setpriority(PRIO_PROCESS, 0, 17), 0);
    GivingThread one;
    CHECK_EQ(one.niceness(), 19);
    one.priority.Hurry();
    CHECK_EQ(one.niceness(), 17);
    one.priority.Relax();
    CHECK_EQ(one.niceness(), 19);
  });
}

TEST(stays_as_it_is_without_privilege) {
  if (geteuid() != 0) SKIP("giving up privileges needs root");
  InChild([] {
    CHECK_EQ(setuid(kNobody), 0);
    CHECK(!MayRaise());
    const int own = NicenessOf(0);
    GivingThread one;
    one.priority.Hurry();
    CHECK_EQ(one.niceness(), own + 5);
    one.priority.Relax();
    CHECK_EQ(one.niceness(), own + 5);
  });
}

TEST(is_nobodys_before_it_begins) {
  const int own = NicenessOf(0);
  ThreadPriority none;
  none.Hurry();
  none.Relax();
  CHECK_EQ(NicenessOf(0), own);
}

}  // namespace
}  // namespace wasmsh::platform
