#ifndef WASMSH_HOSTCALLS_HOST_STATE_PRIVATE_H_
#define WASMSH_HOSTCALLS_HOST_STATE_PRIVATE_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "hostcalls/directory.h"
#include "hostcalls/followed_offsets.h"
#include "hostcalls/host_state.h"
#include "hostcalls/name_fold.h"
#include "hostcalls/wamr_posix.h"

namespace wasmsh::hostcalls {

constexpr uint32_t kStreams = 3;
constexpr const char* kStreamNames[kStreams] = {"stdin", "stdout", "stderr"};
/** In a view: number of a preopen that the guest has closed, plus its index; files below it still
 *  refer to it. */
constexpr uint32_t kClosedPreopen = 0x80000000;

/** Kind of a stream that a plugin keeps. */
constexpr const char* kResourceStream = "resource";

enum class RecordKind : uint8_t {
  kStream,
  kPreopen,
  kFile,
  kDirectory,
  kProvided,
  kResource,
  kOther
};

/** What a guest descriptor is, beyond what WAMR's table says. */
struct Record {
  RecordKind kind = RecordKind::kOther;
  /** kStream: 0 to 2; kProvided: place among HostConfig::provided; all else: index of the preopen
   * it was opened below. */
  uint32_t index = 0;
  /** kFile, kDirectory: below that preopen, as it was opened. kResource: the standard stream that
   * it stands for, "" for none. */
  std::string path;
  uint64_t serial = 0;  // order of opening
  uint32_t file = 0;    // kProvided: number that the plugin knows it by
  // The fold of the log: what it says of the descriptor now, without a look at the host.
  NamePlace logged;             // name of the file, or the last one that it had
  uint32_t logged_preopen = 0;  // that the name was reached through
  uint32_t unknown_names = 0;   // further ones that it had before the log knew of it
  bool is_removed = false;      // the file has lost its last name
  /** Removed: length of the topmost part of `logged.path` that is gone. */
  size_t removed_at = 0;
  uint16_t logged_fdflags = 0;
  uint64_t first_offset = 0;
  std::shared_ptr<const DirectoryListing> listing;  // directories: the last one that was read

  /** A directory that paths can be resolved below, and `index` its preopen. */
  bool IsDirectory() const {
    return kind == RecordKind::kPreopen || kind == RecordKind::kDirectory;
  }
};

/** Deterministic random numbers: xoshiro256** (Blackman and Vigna), seeded by splitmix64. */
class SeededRandom {
 public:
  void Seed(uint64_t seed);
  /** Fills with the next numbers; the state then says where the sequence goes on. */
  void Fill(uint8_t* to, size_t length);
  std::array<uint64_t, 4> state() const;
  void set_state(const uint64_t (&state)[4]);

 private:
  uint64_t Next();
  mutable std::mutex mutex_;
  std::array<uint64_t, 4> state_ = {};
};

struct HostState::Private {
  HostConfig config;
  fd_table* table = nullptr;  // WAMR's, while attached; so is the next
  fd_prestats* prestats = nullptr;

  /** Held by a call that changes the descriptor table or names of files, from its first look at a
   *  descriptor until it has its place in the log, so that the log tells them in the order in which
   *  they happened. Before records_mutex. Not held while a named pipe is waited for. */
  std::mutex order_mutex;

  /** Guards `records` and, together with it, which numbers of `table` are in use. Guest memory is
   *  not touched while it is held. */
  std::mutex records_mutex;
  std::map<uint32_t, Record> records;
  FollowedOffsets offsets;
  NameFold names;
  uint64_t next_serial = 0;

  /** Host directories of config.preopens (O_PATH), open whatever the guest closes. */
  std::vector<int> preopen_fds;
  /** Host descriptors of the standard streams until the table owns them, else -1. */
  int unattached_streams[kStreams] = {-1, -1, -1};
  /** Host descriptors of the standard streams that the guest still has open, else -1. */
  std::atomic<int> stream_fds[kStreams] = {{-1}, {-1}, {-1}};

  SeededRandom random;
  std::atomic<uint64_t> clock_reads{0};
  uint64_t cpu_offset_ns = 0;
  /** Counts this guest's changes to directories, by which listings go stale. */
  std::atomic<uint64_t> directory_changes{0};

  ~Private();

  /** The record of a descriptor, nullptr without one. Under records_mutex. */
  Record* Find(uint32_t fd);
  /** What the log calls an open directory, a preopened one included. Under records_mutex. */
  const NamePlace& LoggedNameOf(const Record& directory) const;
  /** Notes which preopens show what others show too. */
  void AddPreopensToNames();
  /** Notes whether a descriptor that was put in place shares the open file of another one: what
   *  the log begins with. Under records_mutex. */
  void FollowShared(uint32_t fd, int host_fd);
  /** Drops the record of a number that is closed or taken over. Under records_mutex. */
  void Forget(uint32_t fd);
  void ForgetAll();
  /** Puts a host descriptor into the table and records it. Owns `host_fd` on success. Under
   *  records_mutex. */
  uint16_t Insert(uint32_t at, int host_fd, uint8_t type, uint64_t rights_base,
                  uint64_t rights_inheriting, Record record, uint32_t* fd);
  /** Inserts a standard stream, with the type and rights that its kind has. Under records_mutex. */
  uint16_t InsertStream(uint32_t at, uint32_t index, int host_fd);
  /** Inserts an open file or directory as the view has it: number, path, rights, flags, offset.
   *  Owns `host_fd` on success. Under records_mutex. Codes: RECOVER_DESCRIPTOR. */
  Status InsertFile(const view::Descriptor& stored, uint32_t preopen, int host_fd);
  /** Takes away the rights that the guest had given up, and sets the flags that can be set. Under
   *  records_mutex. */
  void RestrictDescriptor(const view::Descriptor& stored);
  /** Replaces what the kernel said of a descriptor by what the log says. Under records_mutex. */
  void SaveAsLogged(uint32_t fd, const Record& record, const std::vector<uint32_t>& preopens,
                    view::Descriptor* out) const;
  /** Inserts what a plugin keeps, as the stream of that name or as none. Owns `host_fd` on success.
   *  Under records_mutex. */
  uint16_t InsertResource(uint32_t at, int host_fd, std::string stream);
  /** Inserts a preopened directory. Under records_mutex. */
  uint16_t InsertPreopen(uint32_t at, uint32_t index);
};

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_HOST_STATE_PRIVATE_H_
