#ifndef WASMSH_HOSTCALLS_HOST_STATE_H_
#define WASMSH_HOSTCALLS_HOST_STATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hostcalls/plugin_imports.h"
#include "image/view.h"
#include "oplog/op_log.h"
#include "status.h"

struct WASMModuleInstance;
struct InstantiationArgs2;

namespace wasmsh::hostcalls {

/**
 * A guest's monotonic time: stands still while the guest is parked or stored. Thread-safe; reading
 * takes no lock.
 */
class GuestClock {
 public:
  /** Nanoseconds since the guest began, without the time it was parked. */
  uint64_t Now() const;
  /** Stops and restarts; calls nest by their number (a pause of several threads counts once
   * each).*/
  void Freeze();
  void Thaw();
  /** Sets the time, while frozen: recovery. */
  void Set(uint64_t now_ns);
  /** Host CLOCK_MONOTONIC instant at which guest time will be `guest_ns`, while running. Virtual
   *  time: as if it ran from now on, since somebody waits for another thread. */
  uint64_t HostDeadline(uint64_t guest_ns) const;

  /** Deterministic runs: from now on time does not follow the host, only the two calls below. */
  void MakeVirtual();
  bool IsVirtual() const { return virtual_; }
  /** Moves virtual time on and returns the new time. */
  uint64_t Advance(uint64_t by_ns);
  /** Moves virtual time to `to_ns`, unless it is past that. */
  void AdvanceTo(uint64_t to_ns);

 private:
  mutable std::mutex mutex_;            // of those who write
  std::atomic<uint32_t> version_{0};    // odd while somebody writes
  std::atomic<uint64_t> offset_ns_{0};  // guest time = host monotonic - offset, while running
  std::atomic<uint64_t> time_ns_{0};    // guest time, while frozen or virtual
  std::atomic<uint32_t> frozen_{1};     // begins frozen; the engine thaws when the guest starts
  bool virtual_ = false;
};

/** How a standard stream is connected. The descriptor is owned by HostState from then on. */
struct Stream {
  int host_fd = -1;
  /** "pipe", "file", "null", "terminal" (a pipe that the guest sees as a character device), or
   *  "resource": not a stream of ours but a descriptor that a plugin keeps. */
  std::string kind = "null";
};

struct Preopen {
  std::string guest_path;
  std::string host_path;
};

/** A path behind which is a file of a plugin. */
struct ProvidedPath {
  std::string guest_path;  // absolute, without "." and ".."
  std::string plugin;
  uint8_t filetype = 0;  // WASI's
};

/** A host descriptor, owned by HostState from then on: at a start what a plugin keeps, at a
 * recovery also for a file of the view. The same one for several files makes them share its open
 * file. */
struct GivenFile {
  uint32_t fd = 0;
  int host_fd = -1;
};

/** What `run` decides about the outside of a guest. */
struct HostConfig {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // KEY=VALUE
  std::vector<Preopen> preopens;         // descriptors 3, 4, ... in this order
  Stream streams[3];
  bool deterministic = false;
  uint64_t seed = 0;
  uint64_t realtime_base_ns = 0;       // deterministic: CLOCK_REALTIME at the start
  uint64_t clock_step_ns = 1000;       // deterministic: each clock call advances time by this
  std::shared_ptr<oplog::OpLog> log;   // null: operations are not recorded
  std::vector<PluginImport> imports;   // that plugins provide
  std::vector<ProvidedPath> provided;  // likewise
  /** Tests: snapshots hold what the log says of descriptors, not what the kernel says. */
  bool trusts_log = false;
  std::vector<GivenFile> given;
};

/** Bytes and calls so far, for `info` and for draining output. */
struct HostCounters {
  std::atomic<uint64_t> calls{0};  // but for those that are in the log
  std::atomic<uint64_t> stdout_bytes{0};
  std::atomic<uint64_t> stderr_bytes{0};
};

/** Something a snapshot taken now would lose. */
struct Blocker {
  uint32_t fd = 0;
  /** A plugin can take it along: it is the plugin's own, or a file without a name. */
  bool can_travel = false;
  std::string resource;  // "descriptor 5 (data/log.txt)"
  std::string reason;    // "the file was deleted while open"
  std::string hint;
};

/** Something that the log and the kernel do not agree about. */
struct Disagreement {
  uint32_t fd = 0;
  std::string resource;  // "descriptor 5 (/data/log.txt)"
  std::string reason;    // "the log has it at offset 5, the kernel at 7"
};

/** Everything a guest holds outside its own instance: descriptors, clock, random, arguments. */
class HostState {
 public:
  static Status Create(HostConfig config, std::unique_ptr<HostState>* out);
  ~HostState();

  /** Hands arguments, environment, preopens and streams to WAMR's WASI context. */
  Status FillArgs(InstantiationArgs2* args);
  /** After instantiation: takes over WAMR's descriptor table. */
  Status Attach(WASMModuleInstance* instance);
  /** After Attach, at a start: puts what plugins have given into the table. Codes:
   *  DESCRIPTOR_TAKEN. */
  Status PlaceGiven();
  /** Before deinstantiation. */
  void Detach();

  GuestClock& clock() { return clock_; }
  HostCounters& counters() { return counters_; }
  /** Host calls that were made so far. */
  uint64_t Calls() const { return counters_.calls + (log_ ? log_->Appended() : 0); }
  /** Where host calls are recorded; null without. */
  oplog::OpLog* log() { return log_.get(); }
  /** What plugins provide. */
  const PluginImports& imports() const { return *imports_; }

  /** Writes environment, descriptors and unread input into the view. Called while parked. */
  Status Save(view::View* view);
  /** What Save would lose; empty when the guest can be stored. Called while parked. */
  std::vector<Blocker> Blockers();
  /** Where the log, folded, says something else of descriptors than the kernel, which a snapshot
   *  goes by. Called while parked. */
  std::vector<Disagreement> Disagreements();
  /** Opens a further host descriptor, close-on-exec, for what a descriptor of the guest stands for;
   *  they share an offset. The caller closes it. Codes: DESCRIPTOR_UNKNOWN. */
  Status CopyDescriptor(uint32_t fd, int* host_fd);
  /** Whether two descriptors of the guest stand for one open file; false where the kernel does not
   *  tell. Codes: DESCRIPTOR_UNKNOWN. */
  Status SharesOpenFile(uint32_t fd, uint32_t other, bool* shares);
  /** Puts an open file at the number that `wanted` names, in place of what is there, with its path,
   *  rights, flags and offset. Called while parked. Owns `host_fd`. Codes: EDIT_VALUE,
   *  RECOVER_DESCRIPTOR. */
  Status PutDescriptor(const view::Descriptor& wanted, int host_fd);
  /** Closes a descriptor, as if the guest had. Called while parked. Codes: DESCRIPTOR_UNKNOWN. */
  Status CloseDescriptor(uint32_t fd);
  /**
   * Opens again what the view lists, at the same numbers, after Attach: files by their path below
   * the preopen without CREAT, EXCL and TRUNC, offset set. Preopens are found by their guest path.
   * Standard streams are taken as they are: whoever opened them has set the offset of a file and
   * puts unread input into the pipe. The view is untrusted. Codes: RECOVER_FILE_MISSING,
   * RECOVER_FILE_CHANGED (size or modification time differ), RECOVER_DESCRIPTOR.
   */
  Status Restore(const view::View& view);

  struct Private;
  Private& p() { return *private_; }

 private:
  HostState();
  GuestClock clock_;
  HostCounters counters_;
  std::shared_ptr<oplog::OpLog> log_;
  std::unique_ptr<const PluginImports> imports_;
  std::unique_ptr<Private> private_;
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_HOST_STATE_H_
