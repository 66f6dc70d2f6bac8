#include "hostcalls/provided_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "hostcalls/ask_plugin.h"
#include "hostcalls/filestat.h"
#include "hostcalls/guest_vectors.h"
#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

/** As much as crosses to JavaScript at once. */
constexpr uint64_t kMostBytes = 1 << 20;

/** What a plugin says that its file can do, in the answer to an open. */
constexpr uint64_t kCanRead = 1;
constexpr uint64_t kCanWrite = 2;
constexpr uint64_t kCanSeek = 4;

uint64_t RightsOf(uint64_t abilities) {
  uint64_t rights = wasi::kFdFdstatSetFlags | wasi::kFdFilestatGet | wasi::kPollFdReadwrite;
  if ((abilities & kCanRead) != 0) rights |= wasi::kFdRead;
  if ((abilities & kCanWrite) != 0) rights |= wasi::kFdWrite;
  if ((abilities & kCanSeek) != 0) rights |= wasi::kFdSeek | wasi::kFdTell;
  return rights;
}

/** Appends the parts of a path to one that is absolute; false when ".." leads out of the root. */
bool Append(const std::string& path, std::string* absolute) {
  size_t at = 0;
  while (at < path.size()) {
    size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      *absolute += "/" + part;
      continue;
    }
    if (absolute->empty()) return false;
    absolute->resize(absolute->rfind('/'));
  }
  return true;
}

uint64_t NumberOf(const PluginAnswer& answer, size_t index) {
  return index < answer.numbers.size() ? answer.numbers[index] : 0;
}

PluginRequest RequestOf(PluginRequest::Kind kind, uint32_t target) {
  PluginRequest request;
  request.kind = kind;
  request.target = target;
  return request;
}

uint8_t TypeOf(HostState::Private& p, uint32_t fd) {
  FdInUse entry(p, fd, 0);
  return entry.error() == 0 ? entry.entry().type : 0;
}

}  // namespace

std::optional<uint32_t> FindProvidedPath(HostState::Private& p, uint32_t directory,
                                         const std::string& path) {
  if (p.config.provided.empty()) return std::nullopt;
  std::string absolute;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    const Record* record = p.Find(directory);
    if (record == nullptr || !record->IsDirectory()) return std::nullopt;
    if (!Append(p.config.preopens[record->index].guest_path, &absolute) ||
        !Append(record->path, &absolute)) {
      return std::nullopt;
    }
  }
  if (!Append(path, &absolute)) return std::nullopt;
  for (uint32_t i = 0; i < p.config.provided.size(); ++i) {
    if (p.config.provided[i].guest_path == absolute) return i;
  }
  return std::nullopt;
}

std::optional<uint32_t> FindProvided(HostState::Private& p, uint32_t fd) {
  // Most guests have none: no lock for them.
  if (p.config.provided.empty()) return std::nullopt;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  const Record* record = p.Find(fd);
  if (record == nullptr || record->kind != RecordKind::kProvided) return std::nullopt;
  return record->file;
}

uint16_t InsertProvided(HostState::Private& p, uint32_t at, uint32_t place, uint32_t file,
                        uint64_t rights_base, uint32_t fdflags, uint32_t* fd) {
  int flags = O_RDWR | O_CLOEXEC;
  if ((fdflags & wasi::kFdflagAppend) != 0) flags |= O_APPEND;
  if ((fdflags & wasi::kFdflagNonblock) != 0) flags |= O_NONBLOCK;
  int host_fd = open("/dev/null", flags);
  if (host_fd < 0) return wasmsh_errno(errno);
  const ProvidedPath& provided = p.config.provided[place];
  Record record;
  record.kind = RecordKind::kProvided;
  record.index = place;
  record.path = provided.guest_path;
  record.file = file;
  uint16_t error = p.Insert(at, host_fd, provided.filetype, rights_base, 0, std::move(record), fd);
  if (error != 0) close(host_fd);
  return error;
}

Outcome OpenProvided(Call& call, uint32_t place, const ProvidedOpen& open) {
  HostState::Private& p = call.host.p();
  {
    FdInUse directory(p, open.directory, wasi::kPathOpen);
    if (directory.error() != 0) return Finish(call, directory.error());
  }
  if ((open.oflags & wasi::kOpenDirectory) != 0) return Finish(call, wasi::kNotdir);
  constexpr uint32_t kAnew = wasi::kOpenCreate | wasi::kOpenExclusive;
  if ((open.oflags & kAnew) == kAnew) return Finish(call, wasi::kExist);
  PluginRequest request = RequestOf(PluginRequest::Kind::kOpen, place);
  request.numbers = {open.fdflags, open.rights_base};
  const PluginAnswer* answer = nullptr;
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (answer->error != 0) return Finish(call, answer->error);
  const auto file = static_cast<uint32_t>(NumberOf(*answer, 0));
  const uint64_t rights = RightsOf(NumberOf(*answer, 1)) & open.rights_base;
  uint32_t fd = 0;
  uint16_t error = 0;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    error = InsertProvided(p, WASMSH_FD_LOWEST, place, file, rights, open.fdflags, &fd);
    if (error == 0) call.ReserveOp();
  }
  if (error != 0) return Finish(call, error);
  call.memory.Store(open.result_address, fd);
  return Finish(call, wasi::kSuccess);
}

Outcome ReadProvided(Call& call, uint32_t file) {
  const GuestMemory& memory = call.memory;
  FdInUse fd(call.host.p(), Arg32(call, 0), wasi::kFdRead);
  if (fd.error() != 0) return Finish(call, fd.error());
  GuestVectors vectors(memory, Arg32(call, 1), Arg32(call, 2));
  if (wasi::Errno error = vectors.Check()) return Finish(call, error);
  if (!memory.Contains(Arg32(call, 3), 4)) return Finish(call, wasi::kFault);
  PluginRequest request = RequestOf(PluginRequest::Kind::kRead, file);
  request.numbers = {std::min(vectors.total(), kMostBytes)};
  const PluginAnswer* answer = nullptr;
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (answer->error != 0) return Finish(call, answer->error);
  uint64_t done = 0;
  while (done < answer->bytes.size()) {
    iovec entries[GuestVectors::kBatch];
    uint64_t bytes = 0;
    int count = vectors.Batch(done, answer->bytes.size() - done, entries, &bytes);
    if (count == 0) break;
    const uint8_t* from = answer->bytes.data() + done;
    for (int i = 0; i < count; ++i) {
      memcpy(entries[i].iov_base, from, entries[i].iov_len);
      from += entries[i].iov_len;
    }
    done += bytes;
  }
  memory.Store(Arg32(call, 3), static_cast<uint32_t>(done));
  return Finish(call, wasi::kSuccess);
}

Outcome WriteProvided(Call& call, uint32_t file) {
  const GuestMemory& memory = call.memory;
  FdInUse fd(call.host.p(), Arg32(call, 0), wasi::kFdWrite);
  if (fd.error() != 0) return Finish(call, fd.error());
  GuestVectors vectors(memory, Arg32(call, 1), Arg32(call, 2));
  if (wasi::Errno error = vectors.Check()) return Finish(call, error);
  if (!memory.Contains(Arg32(call, 3), 4)) return Finish(call, wasi::kFault);
  const uint64_t most = std::min(vectors.total(), kMostBytes);
  PluginRequest request = RequestOf(PluginRequest::Kind::kWrite, file);
  while (request.bytes.size() < most) {
    iovec entries[GuestVectors::kBatch];
    uint64_t bytes = 0;
    const uint64_t done = request.bytes.size();
    int count = vectors.Batch(done, most - done, entries, &bytes);
    if (count == 0) break;
    for (int i = 0; i < count; ++i) {
      const auto* from = static_cast<const uint8_t*>(entries[i].iov_base);
      request.bytes.insert(request.bytes.end(), from, from + entries[i].iov_len);
    }
  }
  const PluginAnswer* answer = nullptr;
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (answer->error != 0) return Finish(call, answer->error);
  memory.Store(Arg32(call, 3), static_cast<uint32_t>(NumberOf(*answer, 0)));
  return Finish(call, wasi::kSuccess);
}

Outcome SeekProvided(Call& call, uint32_t file, int64_t offset, uint32_t whence,
                     uint32_t result_address) {
  const GuestMemory& memory = call.memory;
  if (!memory.Contains(result_address, 8)) return Finish(call, wasi::kFault);
  FdInUse fd(call.host.p(), Arg32(call, 0), 0);
  if (fd.error() != 0) return Finish(call, fd.error());
  if ((fd.entry().rights_base & wasi::kFdTell) == 0) return Finish(call, wasi::kSpipe);
  PluginRequest request = RequestOf(PluginRequest::Kind::kSeek, file);
  request.numbers = {static_cast<uint64_t>(offset), whence};
  const PluginAnswer* answer = nullptr;
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (answer->error != 0) return Finish(call, answer->error);
  memory.Store(result_address, NumberOf(*answer, 0));
  return Finish(call, wasi::kSuccess);
}

Outcome StatProvided(Call& call, uint32_t file) {
  const GuestMemory& memory = call.memory;
  uint8_t* to = memory.At(Arg32(call, 1), FilestatBytes(IsUnstable(call)));
  if (to == nullptr) return Finish(call, wasi::kFault);
  const PluginAnswer* answer = nullptr;
  PluginRequest request = RequestOf(PluginRequest::Kind::kStat, file);
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (answer->error != 0) return Finish(call, answer->error);
  Filestat status;
  status.inode = file;
  status.links = 1;
  status.type = TypeOf(call.host.p(), Arg32(call, 0));
  status.size = NumberOf(*answer, 0);
  status.accessed = status.modified = status.changed = NumberOf(*answer, 1);
  EncodeFilestat(status, IsUnstable(call), to);
  return Finish(call, wasi::kSuccess);
}

std::optional<Outcome> CloseProvided(Call& call, uint32_t file, uint16_t* error) {
  const PluginAnswer* answer = nullptr;
  PluginRequest request = RequestOf(PluginRequest::Kind::kClose, file);
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return outcome;
  *error = answer->error;
  return std::nullopt;
}

}  // namespace wasmsh::hostcalls
