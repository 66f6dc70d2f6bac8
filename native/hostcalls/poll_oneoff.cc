#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>

#include "hostcalls/handlers.h"
#include "hostcalls/poll.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint32_t kMostSubscriptions = 4096;
constexpr uint64_t kForever = UINT64_MAX;
constexpr uint64_t kSecond = 1'000'000'000;

uint64_t SaturatingAdd(uint64_t a, uint64_t b) { return a > kForever - b ? kForever : a + b; }

/** A subscription while the call waits. */
struct Watched {
  Subscription subscription;
  std::unique_ptr<FdInUse> fd;         // a descriptor that can be polled or is always ready
  wasi::Errno error = wasi::kSuccess;  // reported at once
};

bool IsRelativeClock(const Subscription& subscription) {
  return subscription.type == wasi::kEventClock && !subscription.is_absolute;
}

bool HasClock(const Watched& watched) {
  return watched.subscription.type == wasi::kEventClock && watched.error == wasi::kSuccess;
}

/** Time of a clock without moving it on. Real time follows the host in ordinary runs. */
uint64_t Peek(HostState& host, uint32_t clock) {
  uint64_t now = host.clock().Now();
  if (clock != wasi::kClockRealtime) return now;
  if (host.clock().IsVirtual()) return host.p().config.realtime_base_ns + now;
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return static_cast<uint64_t>(time.tv_sec) * kSecond + static_cast<uint64_t>(time.tv_nsec);
}

/** One poll_oneoff from its first entry or its continuation to its events. */
class Poll {
 public:
  explicit Poll(Call& call) : call_(call), memory_(call.exec_env) {}

  /** Decodes and checks the arguments. */
  wasi::Errno Prepare();
  Outcome Wait();

 private:
  void Watch(const Subscription& subscription);
  /** Settles when relative time-outs end, at the first entry; a continued call keeps that. */
  void KeepDeadline();
  /** Nanoseconds until a clock fires, 0 when it has. */
  uint64_t Left(const Subscription& subscription) const;
  /** Nanoseconds until the first clock fires; none without clocks. */
  std::optional<uint64_t> LeastLeft() const;
  /** Asks the kernel, waiting for at most `wait_ns` (for ever without). Returns an errno. */
  int AskKernel(std::optional<uint64_t> wait_ns);
  /** Writes what has happened; the number of events. */
  uint32_t Collect();
  std::optional<PollEvent> EventOf(const Watched& watched, const pollfd& polled) const;
  uint64_t ReadableBytes(const FdInUse& fd) const;

  Call& call_;
  GuestMemory memory_;
  uint8_t* out_ = nullptr;
  uint64_t start_ns_ = 0;   // guest time at which relative time-outs began
  bool has_ready_ = false;  // there is an event without waiting
  std::vector<Watched> watched_;
  std::vector<pollfd> polled_;  // one per subscription, fd -1 where there is nothing to poll
};

wasi::Errno Poll::Prepare() {
  bool is_unstable = IsUnstable(call_);
  uint32_t count = Arg32(call_, 2);
  if (count == 0 || count > kMostSubscriptions) return wasi::kInval;
  uint32_t each = SubscriptionBytes(is_unstable);
  const uint8_t* in = memory_.At(Arg32(call_, 0), uint64_t{count} * each);
  out_ = memory_.At(Arg32(call_, 1), uint64_t{count} * wasi::kEventBytes);
  if (in == nullptr || out_ == nullptr || !memory_.Contains(Arg32(call_, 3), 4)) {
    return wasi::kFault;
  }
  watched_.reserve(count);
  polled_.reserve(count);
  for (uint32_t i = 0; i < count; ++i) Watch(DecodeSubscription(in + i * each, is_unstable));
  KeepDeadline();
  return wasi::kSuccess;
}

void Poll::Watch(const Subscription& subscription) {
  Watched watched;
  watched.subscription = subscription;
  pollfd polled = {-1, 0, 0};
  if (subscription.type == wasi::kEventClock) {
    if (subscription.clock > wasi::kClockThreadCpu) watched.error = wasi::kInval;
    // Nobody can wait for CPU time, which stands still while one waits.
    else if (subscription.clock > wasi::kClockMonotonic)
      watched.error = wasi::kNotsup;
  } else if (subscription.type == wasi::kEventFdRead || subscription.type == wasi::kEventFdWrite) {
    watched.fd = std::make_unique<FdInUse>(call_.host.p(), subscription.fd, wasi::kPollFdReadwrite);
    watched.error = watched.fd->error();
    if (watched.error == 0) {
      uint8_t type = watched.fd->entry().type;
      bool always = type == wasi::kRegularFile || type == wasi::kDirectory;
      if (always) has_ready_ = true;
      short events = subscription.type == wasi::kEventFdRead ? POLLIN : POLLOUT;
      polled = {always ? -1 : watched.fd->host_fd(), events, 0};
    }
  } else {
    watched.error = wasi::kInval;
  }
  if (watched.error != 0) has_ready_ = true;
  watched_.push_back(std::move(watched));
  polled_.push_back(polled);
}

void Poll::KeepDeadline() {
  std::optional<uint64_t> shortest;
  for (const Watched& watched : watched_) {
    if (!HasClock(watched) || !IsRelativeClock(watched.subscription)) continue;
    shortest = std::min(shortest.value_or(kForever), watched.subscription.timeout);
  }
  if (!shortest) return;
  std::optional<uint64_t>& deadline = call_.progress.deadline_ns;
  if (!deadline) deadline = SaturatingAdd(call_.host.clock().Now(), *shortest);
  // All relative time-outs began together, so one deadline fixes the others.
  start_ns_ = *deadline >= *shortest ? *deadline - *shortest : 0;
}

uint64_t Poll::Left(const Subscription& subscription) const {
  uint64_t now =
      Peek(call_.host, subscription.is_absolute ? subscription.clock : wasi::kClockMonotonic);
  uint64_t end = subscription.is_absolute ? subscription.timeout
                                          : SaturatingAdd(start_ns_, subscription.timeout);
  return end > now ? end - now : 0;
}

std::optional<uint64_t> Poll::LeastLeft() const {
  std::optional<uint64_t> least;
  for (const Watched& watched : watched_) {
    if (!HasClock(watched)) continue;
    uint64_t left = Left(watched.subscription);
    // Real time can be set while we wait.
    bool follows_host =
        watched.subscription.is_absolute && watched.subscription.clock == wasi::kClockRealtime;
    if (follows_host && !call_.host.clock().IsVirtual()) left = std::min(left, kSecond);
    least = std::min(least.value_or(kForever), left);
  }
  return least;
}

int Poll::AskKernel(std::optional<uint64_t> wait_ns) {
  timespec wait = {};
  if (wait_ns) {
    constexpr uint64_t kMostSeconds = 1'000'000'000;  // 31 years; then it is asked again
    wait.tv_sec = static_cast<time_t>(std::min(*wait_ns / kSecond, kMostSeconds));
    wait.tv_nsec = static_cast<long>(*wait_ns % kSecond);
  }
  int got = ppoll(polled_.data(), polled_.size(), wait_ns ? &wait : nullptr, nullptr);
  return got < 0 ? errno : 0;
}

uint64_t Poll::ReadableBytes(const FdInUse& fd) const {
  if (fd.entry().type == wasi::kRegularFile) {
    struct stat status;
    off_t offset = lseek(fd.host_fd(), 0, SEEK_CUR);
    if (offset < 0 || fstat(fd.host_fd(), &status) != 0) return 0;
    return status.st_size > offset ? static_cast<uint64_t>(status.st_size - offset) : 0;
  }
  int bytes = 0;
  return ioctl(fd.host_fd(), FIONREAD, &bytes) == 0 && bytes > 0 ? static_cast<uint64_t>(bytes) : 0;
}

std::optional<PollEvent> Poll::EventOf(const Watched& watched, const pollfd& polled) const {
  const Subscription& subscription = watched.subscription;
  PollEvent event;
  event.userdata = subscription.userdata;
  event.type = subscription.type;
  event.error = watched.error;
  if (event.error != 0) return event;
  if (subscription.type == wasi::kEventClock) {
    if (Left(subscription) > 0) return std::nullopt;
    return event;
  }
  bool always = polled.fd < 0;
  if (!always && polled.revents == 0) return std::nullopt;
  if (!always && (polled.revents & POLLNVAL) != 0) event.error = wasi::kBadf;
  // A pipe without reader is an error to poll(2), and no obstacle to the write that will say so.
  event.is_hangup = !always && (polled.revents & (POLLHUP | POLLERR)) != 0;
  if (event.error == 0 && subscription.type == wasi::kEventFdRead) {
    event.bytes = ReadableBytes(*watched.fd);
  }
  return event;
}

uint32_t Poll::Collect() {
  uint32_t count = 0;
  for (size_t i = 0; i < watched_.size(); ++i) {
    std::optional<PollEvent> event = EventOf(watched_[i], polled_[i]);
    if (!event) continue;
    EncodeEvent(*event, out_ + count * wasi::kEventBytes);
    ++count;
  }
  return count;
}

Outcome Poll::Wait() {
  GuestClock& clock = call_.host.clock();
  for (;;) {
    std::optional<uint64_t> left = LeastLeft();
    // In virtual time nobody waits for a clock: what is ready now goes first, else time jumps.
    bool at_once = has_ready_ || (left && clock.IsVirtual());
    int error = AskKernel(at_once ? std::optional<uint64_t>(0) : left);
    if (error != 0 && error != EINTR) return Finish(call_, wasmsh_errno(error));
    if (error == EINTR) {
      if (call_.StopRequested()) return Outcome::kInterrupted;
      continue;  // what poll says of the descriptors is only true when it succeeds
    }
    uint32_t count = Collect();
    if (count == 0 && left && clock.IsVirtual()) {
      clock.AdvanceTo(SaturatingAdd(clock.Now(), *left));
      count = Collect();
    }
    if (count > 0) {
      memory_.Store(Arg32(call_, 3), count);
      return Finish(call_, wasi::kSuccess);
    }
    // The kernel's time-out has passed and guest time has not: it stands still for a pause.
    if (call_.StopRequested()) return Outcome::kInterrupted;
  }
}

}  // namespace

Outcome PollOneoff(Call& call) {
  Poll poll(call);
  if (wasi::Errno error = poll.Prepare()) return Finish(call, error);
  return poll.Wait();
}

}  // namespace wasmsh::hostcalls
