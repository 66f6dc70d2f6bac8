#include "image/parallel.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

namespace wasmsh::image {
namespace {

// Below that many units each a thread costs more than it saves.
constexpr uint64_t kMinUnitsPerWorker = 8;

class SharedWork {
 public:
  SharedWork(uint64_t units, const std::function<Status(uint64_t, uint32_t)>& work)
      : units_(units), work_(work) {}

  void Run(uint32_t worker) {
    while (!failed_) {
      const uint64_t unit = next_.fetch_add(1);
      if (unit >= units_) return;
      statuses_[worker] = work_(unit, worker);
      if (!statuses_[worker].ok()) failed_ = true;
    }
  }

  Status Result() {
    for (Status& status : statuses_) {
      if (!status.ok()) return std::move(status);
    }
    return Status::Ok();
  }

 private:
  const uint64_t units_;
  const std::function<Status(uint64_t, uint32_t)>& work_;
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  Status statuses_[kMaxWorkers];
};

/** Starts the second worker; without one (a limit on threads) the first does all. */
std::thread StartSecond(SharedWork* shared) {
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);  // the new thread inherits it
  std::thread second;
  try {
    second = std::thread([shared] { shared->Run(1); });
  } catch (const std::system_error&) {
  }
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
  return second;
}

}  // namespace

Status ForEachUnit(uint64_t units, const std::function<Status(uint64_t, uint32_t)>& work) {
  SharedWork shared(units, work);
  std::thread second;
  if (units >= 2 * kMinUnitsPerWorker && std::thread::hardware_concurrency() > 1) {
    second = StartSecond(&shared);
  }
  shared.Run(0);
  if (second.joinable()) second.join();
  return shared.Result();
}

}  // namespace wasmsh::image
