#ifndef WASMSH_TEST_HOST_HOST_SESSION_H_
#define WASMSH_TEST_HOST_HOST_SESSION_H_

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "engine/engine.h"
#include "host/options.h"
#include "host/output_pump.h"
#include "status.h"

namespace wasmsh::test_host {

/** An engine with one guest after the other, driven as the options say. */
class HostSession {
 public:
  /** Loads the module and its compiled code. */
  static Status Open(const Options& options, std::unique_ptr<HostSession>* out);
  ~HostSession();
  HostSession(const HostSession&) = delete;
  HostSession& operator=(const HostSession&) = delete;

  /** Runs the guest that goes on from the n-th snapshot (or that starts, without any) to its end,
   *  and says in JSON what came of it. */
  Status Run(size_t n, std::string* report);

 private:
  explicit HostSession(const Options& options) : options_(options) {}
  Status GuestOptionsOf(size_t n, engine::GuestOptions* out);
  Status OpenInput(engine::GuestOptions* out) const;
  Status OpenOutputs(size_t n, engine::GuestOptions* out);
  Status Drive(uint32_t guest, std::string* report);
  /** Does what is to be done with a guest that has parked, and lets it go on. */
  Status AtPause(uint32_t guest, engine::ParkKind why);
  Status Store(uint32_t guest);
  /** Lets a parked guest go on, to the next position that it is to stop at. */
  Status GoOn(uint32_t guest);
  /** Pauses a guest that runs, after some time, if there are pauses left. */
  void PauseLater(uint32_t guest);
  Status OfferTwins(uint32_t guest, const std::vector<engine::FramePoint>& frames);
  engine::Event Next();
  /** Waits for news for at most this long; false when there is none. */
  bool WaitFor(uint64_t us);

  const Options options_;
  engine::Engine* engine_ = nullptr;
  std::shared_ptr<engine::LoadedModule> module_;
  std::shared_ptr<const engine::CompiledCode> compiled_;
  size_t snapshots_ = 0;           // taken so far, of all guests
  std::string taken_;              // JSON of those of this guest
  std::optional<uint64_t> steps_;  // that this guest has to go first
  size_t next_position_ = 0;       // in pause_at, of this guest
  uint64_t pauses_left_ = 0;       // by time, of this guest
  bool is_recovered_ = false;      // this guest
  uint64_t crossings_ = 0;         // of this guest into compiled code
  std::minstd_rand random_;
  std::unique_ptr<OutputPump> outputs_[2];

  std::mutex mutex_;
  std::condition_variable has_news_;
  std::deque<engine::Event> news_;
};

}  // namespace wasmsh::test_host

#endif  // WASMSH_TEST_HOST_HOST_SESSION_H_
