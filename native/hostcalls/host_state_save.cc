// HostState::Save and HostState::Blockers.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "hostcalls/file_place.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/open_file.h"
#include "hostcalls/unread_input.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

/** Records with their numbers, in the order of opening. Under records_mutex. */
std::vector<std::pair<uint32_t, const Record*>> InOrder(const HostState::Private& p) {
  std::vector<std::pair<uint32_t, const Record*>> result;
  for (const auto& [fd, record] : p.records) result.emplace_back(fd, &record);
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return a.second->serial < b.second->serial; });
  return result;
}

void SaveFileStatus(int host_fd, view::Descriptor* out) {
  struct stat status;
  if (fstat(host_fd, &status) != 0) return;
  out->size = static_cast<uint64_t>(status.st_size);
  out->modified_ns = static_cast<uint64_t>(status.st_mtim.tv_sec) * 1'000'000'000 +
                     static_cast<uint64_t>(status.st_mtim.tv_nsec);
}

Status SaveStream(const HostState::Private& p, const Record& record, int host_fd,
                  view::Descriptor* out) {
  out->kind = kStreamNames[record.index];
  out->stream = p.config.streams[record.index].kind;
  if (out->stream == "file") {
    out->offset = OffsetOf(host_fd);
    SaveFileStatus(host_fd, out);
  }
  return record.index == 0 ? CopyUnread(host_fd, &out->unread) : Status::Ok();
}

void SaveFile(const HostState::Private& p, const Record& record,
              const std::vector<uint32_t>& preopens, int host_fd, view::Descriptor* out) {
  out->kind = record.kind == RecordKind::kDirectory ? "directory" : "file";
  const FilePlace place = FindAgain(p, record, host_fd);
  out->guest_path = place.path;
  if (place.is_nameless) out->stream = view::kNameless;
  out->preopen = preopens[place.preopen];
  SaveFileStatus(host_fd, out);
  if (record.kind == RecordKind::kFile) out->offset = OffsetOf(host_fd);
}

/** Numbers that files refer to their preopens by, by index; of closed ones those that they get in
 * the view. */
std::vector<uint32_t> PreopenNumbers(const HostState::Private& p) {
  std::vector<uint32_t> numbers(p.config.preopens.size());
  for (uint32_t i = 0; i < numbers.size(); ++i) numbers[i] = kClosedPreopen + i;
  for (const auto& [fd, record] : p.records) {
    if (record.kind == RecordKind::kPreopen) numbers[record.index] = fd;
  }
  return numbers;
}

/** Closed preopens that files are below get an entry of their own, which names their guest path. */
void AddClosedPreopens(const HostState::Private& p, std::vector<view::Descriptor>* descriptors) {
  std::set<uint32_t> needed;
  for (const view::Descriptor& one : *descriptors) {
    const bool is_below = one.kind == "file" || one.kind == "directory";
    if (is_below && one.preopen >= kClosedPreopen) needed.insert(one.preopen);
  }
  for (uint32_t number : needed) {
    view::Descriptor closed;
    closed.fd = number;
    closed.kind = "preopen";
    closed.guest_path = p.config.preopens[number - kClosedPreopen].guest_path;
    descriptors->push_back(std::move(closed));
  }
}

void SaveEnvironment(const HostState::Private& p, view::Environment* out) {
  out->arguments = p.config.arguments;
  out->environment = p.config.environment;
  out->deterministic = p.config.deterministic;
  const auto state = p.random.state();
  for (size_t i = 0; i < state.size(); ++i) out->random_state[i] = state[i];
  out->clock_reads = p.clock_reads;
  out->realtime_base_ns = p.config.realtime_base_ns;
  out->clock_step_ns = p.config.clock_step_ns;
}

Blocker MakeBlocker(uint32_t fd, const std::string& what, std::string reason, std::string hint) {
  Blocker blocker;
  blocker.fd = fd;
  blocker.resource = "descriptor " + std::to_string(fd) + (what.empty() ? "" : " (" + what + ")");
  blocker.reason = std::move(reason);
  blocker.hint = std::move(hint);
  return blocker;
}

}  // namespace

Status HostState::Save(view::View* view) {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  SaveEnvironment(p, &view->environment);
  view->monotonic_ns = clock_.Now();
  view->descriptors.clear();
  const std::vector<uint32_t> preopens = PreopenNumbers(p);
  for (const auto& [fd, record] : InOrder(p)) {
    WasmshFd entry = {};
    if (wasmsh_fd_acquire(p.table, fd, 0, &entry) != 0) continue;
    view::Descriptor saved;
    saved.fd = fd;
    saved.rights_base = entry.rights_base;
    saved.rights_inheriting = entry.rights_inheriting;
    saved.fdflags = FdflagsOf(entry.host_fd);
    Status status = Status::Ok();
    if (record->kind == RecordKind::kStream) {
      status = SaveStream(p, *record, entry.host_fd, &saved);
    } else if (record->kind == RecordKind::kPreopen) {
      saved.kind = "preopen";
      saved.guest_path = p.config.preopens[record->index].guest_path;
    } else if (record->kind == RecordKind::kProvided) {
      saved.kind = "provided";
      saved.guest_path = record->path;
      saved.stream = p.config.provided[record->index].plugin;
      saved.offset = record->file;
    } else if (record->kind == RecordKind::kResource) {
      saved.kind = "resource";
      saved.guest_path = record->path;
    } else if (record->kind != RecordKind::kOther) {
      SaveFile(p, *record, preopens, entry.host_fd, &saved);
    }
    wasmsh_fd_release(entry.object);
    if (!status.ok()) return status;
    if (p.config.trusts_log && !saved.kind.empty()) p.SaveAsLogged(fd, *record, preopens, &saved);
    // What is nothing of these is one of Blockers.
    if (!saved.kind.empty()) view->descriptors.push_back(std::move(saved));
  }
  AddClosedPreopens(p, &view->descriptors);
  return Status::Ok();
}

void HostState::Private::SaveAsLogged(uint32_t fd, const Record& record,
                                      const std::vector<uint32_t>& preopens,
                                      view::Descriptor* out) const {
  out->fdflags = record.logged_fdflags;
  if (record.kind == RecordKind::kFile || out->stream == "file") {
    const uint64_t offset = offsets.Get(fd);
    if (offset < FollowedOffsets::kUnknown) out->offset = offset;
    if (offset == FollowedOffsets::kAtEnd) out->offset = out->size;
  }
  if (record.kind != RecordKind::kFile && record.kind != RecordKind::kDirectory) return;
  const SeenPlace seen = SeenByLog(*this, record);
  out->guest_path = seen.path;
  out->preopen = preopens[seen.preopen];
  out->stream = record.is_removed ? view::kNameless : "";
}

Status HostState::CopyDescriptor(uint32_t fd, int* host_fd) {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  WasmshFd entry = {};
  if (wasmsh_fd_acquire(p.table, fd, 0, &entry) != 0) {
    return Status::Error("DESCRIPTOR_UNKNOWN", "The guest has no descriptor " + std::to_string(fd));
  }
  *host_fd = fcntl(entry.host_fd, F_DUPFD_CLOEXEC, 3);
  const int error = errno;
  wasmsh_fd_release(entry.object);
  if (*host_fd >= 0) return Status::Ok();
  return Status::Error(
      "DESCRIPTOR_UNKNOWN",
      "Descriptor " + std::to_string(fd) + " cannot be opened a second time: " + strerror(error),
      error);
}

std::vector<Blocker> HostState::Blockers() {
  Private& p = *private_;
  std::vector<Blocker> blockers;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  for (const auto& [fd, record] : InOrder(p)) {
    WasmshFd entry = {};
    if (wasmsh_fd_acquire(p.table, fd, 0, &entry) != 0) continue;
    if (record->kind == RecordKind::kOther) {
      blockers.push_back(MakeBlocker(fd, record->path,
                                     "it is neither a file nor a directory, and cannot be stored",
                                     "Take the snapshot when the program has closed it."));
    } else if (record->kind == RecordKind::kResource) {
      blockers.push_back(MakeBlocker(fd, record->path, "no plugin that is loaded keeps it",
                                     "Load the plugin that it came from."));
      blockers.back().can_travel = true;
    } else if (record->kind == RecordKind::kFile || record->kind == RecordKind::kDirectory) {
      FilePlace place = FindAgain(p, *record, entry.host_fd);
      if (!place.problem.empty()) {
        blockers.push_back(MakeBlocker(fd, GuestPathOf(p, *record), place.problem,
                                       "Take the snapshot when the program has closed it, or put "
                                       "the file back in its place."));
        blockers.back().can_travel = place.is_nameless;
      }
    }
    wasmsh_fd_release(entry.object);
  }
  return blockers;
}

}  // namespace wasmsh::hostcalls
