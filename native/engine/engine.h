#ifndef WASMSH_ENGINE_ENGINE_H_
#define WASMSH_ENGINE_ENGINE_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/guest.h"
#include "engine/loaded_module.h"
#include "status.h"

namespace wasmsh::engine {

/** Where a snapshot's native files go. */
struct SnapshotJob {
  std::string directory;  // exists; state.bin, memory-N.img and memory-N.idx are created in it
  bool sync = true;
  std::vector<image::MemoryImage> parent;  // one a memory; empty without a parent
  std::string parent_token;
  std::string token;  // names the new snapshot
};

struct SnapshotFile {
  std::string name;
  uint64_t bytes = 0;
};

struct SnapshotResult {
  std::vector<SnapshotFile> files;
  std::vector<image::MemoryImage> memories;
};

/** Version and commit of the WAMR that is built in: "2.4.3 (978ce3f2)". */
std::string WamrVersion();

/**
 * WAMR in this process. One engine thread owns WAMR's start, its registrations, loading and
 * unloading of modules, and joins the guests' threads. Never destroyed: process.exit() runs static
 * destructors while guests still run.
 */
class Engine {
 public:
  /** `sink` is called on guests' threads and must not wait or call back. */
  static Engine* Open(EventSink sink);

  /** Loads a module, or finds it loaded. Waits for the engine thread. */
  Status Load(const std::string& sha256, std::shared_ptr<const std::vector<uint8_t>> bytes,
              std::shared_ptr<LoadedModule>* out);
  /** Loads machine code of a module. Waits for the engine thread. */
  Status LoadCompiled(CompiledFiles files, BuildDescription build,
                      std::shared_ptr<const CompiledCode>* out);
  /** Loads twins for machine code of a module. Waits for the engine thread. */
  Status LoadTwins(std::vector<uint8_t> bytes, TwinDescription description,
                   std::shared_ptr<const CompiledCode> code, std::shared_ptr<const Twins>* out);
  Status Start(std::shared_ptr<LoadedModule> module, GuestOptions options, uint32_t* guest);
  /** nullptr when there is no such guest (any more). */
  std::shared_ptr<Guest> Find(uint32_t guest);
  /** Of one that has ended, too, until its last figures were taken. False for one that is unknown.
   */
  bool Info(uint32_t guest, GuestInfo* out);
  /** The same for a guest whose end has been told: they are not kept any longer. */
  bool TakeLastInfo(uint32_t guest, GuestInfo* out);
  /** Asks all of them to stop before the first of them is waited for; unknown ones are left out. */
  void Pause(const std::vector<uint32_t>& guests);
  /** Takes a pause back; false when the guest stands still already, or is no more. */
  bool WithdrawPause(uint32_t guest);
  /** Answers a request of a guest; nobody minds when it is too late. */
  void Answer(uint32_t guest, uint64_t request_id, hostcalls::PluginAnswer answer);
  void Kill(uint32_t guest);
  /** Writes the native files of a snapshot. The guest stays parked; on failure nothing is left. */
  Status Snapshot(uint32_t guest, const SnapshotJob& job, SnapshotResult* result);
  /** Kills and joins every guest and ends the engine thread. Idempotent. */
  void Stop();

 private:
  explicit Engine(EventSink sink);
  ~Engine() = delete;
  /** Passes news on; of a guest's end it keeps the last figures, since it drops the guest itself.
   */
  void Tell(Event event);
  void Post(std::function<void()> job);
  /** Has the engine thread do it, and waits; SHELL_CLOSED when it is gone. */
  Status Do(const std::function<Status()>& job);
  void Loop();
  bool RunJobs(std::unique_lock<std::mutex>& lock);
  void Kick(std::unique_lock<std::mutex>& lock);
  void Watch(const std::vector<std::shared_ptr<Guest>>& guests);

  const EventSink sink_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  std::vector<std::shared_ptr<Guest>> to_kick_;
  std::map<uint32_t, std::shared_ptr<Guest>> guests_;
  std::map<uint32_t, GuestInfo> last_infos_;  // of guests that have ended
  std::map<std::string, std::weak_ptr<LoadedModule>> modules_;
  uint32_t next_id_ = 1;
  Status init_;
  bool ready_ = false;
  bool quit_ = false;
  bool stopped_ = false;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_ENGINE_H_
