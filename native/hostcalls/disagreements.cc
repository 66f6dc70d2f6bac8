// HostState::Disagreements: the fold of the log, checked against the kernel.

#include "hostcalls/file_place.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/open_file.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

/** What the log knows more of than its number: files and what stands in for one. */
bool IsFollowed(RecordKind kind) {
  return kind == RecordKind::kStream || kind == RecordKind::kFile || kind == RecordKind::kDirectory;
}

bool IsOpenFile(const HostState::Private& p, const Record& record) {
  if (record.kind == RecordKind::kStream) return p.config.streams[record.index].kind == "file";
  return record.kind == RecordKind::kFile;
}

std::string NameOf(const HostState::Private& p, uint32_t fd, const Record& record) {
  const std::string name =
      record.kind == RecordKind::kStream ? kStreamNames[record.index] : GuestPathOf(p, record);
  return "descriptor " + std::to_string(fd) + " (" + name + ")";
}

/** What the two say differently of one descriptor. */
std::vector<std::string> Differences(const HostState::Private& p, uint32_t fd, const Record& record,
                                     int host_fd) {
  std::vector<std::string> found;
  const auto differ = [&](const std::string& log, const std::string& kernel) {
    found.push_back("the log has it " + log + ", the kernel " + kernel);
  };
  const uint64_t logged = p.offsets.Get(fd);
  const uint64_t offset = OffsetOf(host_fd);
  if (IsOpenFile(p, record) && logged < FollowedOffsets::kUnknown && logged != offset) {
    differ("at offset " + std::to_string(logged), "at " + std::to_string(offset));
  }
  const uint16_t fdflags = FdflagsOf(host_fd);
  if (record.logged_fdflags != fdflags) {
    differ("with flags " + std::to_string(record.logged_fdflags),
           "with " + std::to_string(fdflags));
  }
  if (record.kind == RecordKind::kStream) return found;
  const FilePlace place = FindAgain(p, record, host_fd);
  const bool is_gone = !place.problem.empty();
  const SeenPlace seen = SeenByLog(p, record);
  if (record.is_removed && !is_gone) {
    differ("removed", "at " + place.path);
  } else if (!record.is_removed && is_gone) {
    differ("at " + seen.path, "nowhere: " + place.problem);
  } else if (!is_gone && (seen.path != place.path || seen.preopen != place.preopen)) {
    differ("at " + seen.path, "at " + place.path);
  }
  return found;
}

}  // namespace

std::vector<Disagreement> HostState::Disagreements() {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  std::vector<Disagreement> all;
  for (const auto& [fd, record] : p.records) {
    if (!IsFollowed(record.kind)) continue;
    WasmshFd entry = {};
    if (wasmsh_fd_acquire(p.table, fd, 0, &entry) != 0) continue;
    for (std::string& reason : Differences(p, fd, record, entry.host_fd)) {
      all.push_back({fd, NameOf(p, fd, record), std::move(reason)});
    }
    wasmsh_fd_release(entry.object);
  }
  return all;
}

}  // namespace wasmsh::hostcalls
