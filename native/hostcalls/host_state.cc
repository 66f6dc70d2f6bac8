#include "hostcalls/host_state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasm_export.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "hostcalls/host_state_private.h"
#include "hostcalls/kernel_path.h"
#include "hostcalls/open_file.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

constexpr uint64_t kTerminalRights = wasi::kFdRead | wasi::kFdWrite | wasi::kFdFdstatSetFlags |
                                     wasi::kFdFilestatGet | wasi::kPollFdReadwrite;

bool HoldsNul(const std::string& text) { return text.find('\0') != std::string::npos; }

Status CheckTexts(const HostConfig& config) {
  for (const auto* texts : {&config.arguments, &config.environment}) {
    for (const std::string& text : *texts) {
      if (!HoldsNul(text)) continue;
      return Status::Error("OPTION_INVALID",
                           "an argument or environment variable holds a NUL byte");
    }
  }
  return Status::Ok();
}

Status OpenPreopen(const Preopen& preopen, int* out) {
  if (HoldsNul(preopen.host_path) || HoldsNul(preopen.guest_path)) {
    return Status::Error("OPTION_INVALID", "the name of a directory holds a NUL byte");
  }
  int fd = open(preopen.host_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    int error = errno;
    return Status::Error(
        "DIRECTORY_MISSING",
        "the directory " + preopen.host_path + " cannot be opened: " + strerror(error), error);
  }
  *out = fd;
  return Status::Ok();
}

/** Readies a stream's descriptor for use by a guest. */
Status PrepareStream(const Stream& stream, const char* name, int* out) {
  int fd = stream.host_fd;
  if (fd < 0) fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);
  if (flags < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    int error = errno;
    return Status::Error("STREAM_FILE", std::string(name) + " cannot be used: " + strerror(error),
                         error);
  }
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    return Status::Error("STREAM_FILE", std::string(name) + " is a directory", EISDIR);
  }
  // Whether a guest's calls wait is the guest's to say.
  if ((flags & O_NONBLOCK) != 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
  *out = fd;
  return Status::Ok();
}

Status DescriptorsUsedUp(int error) {
  return Status::Error("RECOVER_TOO_MANY_FILES",
                       std::string("an open file cannot be shared: ") + strerror(error), error);
}

Status TableError(uint16_t error) {
  return Status::Error(
      "INTERNAL", "the descriptor table refuses an entry, WASI errno " + std::to_string(error));
}

}  // namespace

HostState::HostState() : private_(std::make_unique<Private>()) {}

HostState::~HostState() = default;

HostState::Private::~Private() {
  for (int fd : preopen_fds) close(fd);
  for (const GivenFile& given : config.given) {
    if (given.host_fd >= 0) close(given.host_fd);
  }
  for (int fd : unattached_streams) {
    if (fd >= 0) close(fd);
  }
}

Status HostState::Create(HostConfig config, std::unique_ptr<HostState>* out) {
  std::unique_ptr<HostState> state(new HostState());
  Private& p = state->p();
  p.config = std::move(config);
  state->log_ = p.config.log;
  if (getenv("WASMSH_TEST_TRUST_LOG") != nullptr) p.config.trusts_log = true;
  state->imports_ = std::make_unique<PluginImports>(p.config.imports);
  // First of all, so that they are closed whatever fails below.
  for (uint32_t i = 0; i < kStreams; ++i) {
    int& host_fd = p.config.streams[i].host_fd;
    for (uint32_t earlier = 0; earlier < i; ++earlier) {
      // One descriptor for two streams: each is to be closed by itself.
      if (host_fd >= 0 && p.config.streams[earlier].host_fd == host_fd) {
        host_fd = fcntl(host_fd, F_DUPFD_CLOEXEC, 0);
      }
    }
    p.unattached_streams[i] = host_fd;
  }
  for (size_t i = 0; i < p.config.given.size(); ++i) {
    int& host_fd = p.config.given[i].host_fd;
    for (size_t earlier = 0; earlier < i; ++earlier) {
      // The same open file for several numbers.
      if (host_fd >= 0 && p.config.given[earlier].host_fd == host_fd) {
        host_fd = fcntl(host_fd, F_DUPFD_CLOEXEC, 3);
        if (host_fd < 0) return DescriptorsUsedUp(errno);
      }
    }
  }
  if (Status status = CheckTexts(p.config); !status.ok()) return status;
  for (uint32_t i = 0; i < kStreams; ++i) {
    Status status = PrepareStream(p.config.streams[i], kStreamNames[i], &p.unattached_streams[i]);
    if (!status.ok()) return status;
  }
  for (const Preopen& preopen : p.config.preopens) {
    int fd = -1;
    if (Status status = OpenPreopen(preopen, &fd); !status.ok()) return status;
    p.preopen_fds.push_back(fd);
  }
  p.AddPreopensToNames();
  if (p.config.deterministic) {
    state->clock_.MakeVirtual();
    p.random.Seed(p.config.seed);
  }
  *out = std::move(state);
  return Status::Ok();
}

Status HostState::FillArgs(InstantiationArgs2* args) {
  // Only what WAMR insists on: arguments, environment and preopens are answered here, and Attach
  // replaces the streams' entries.
  wasm_runtime_instantiation_args_set_wasi_stdio(
      args, p().unattached_streams[0], p().unattached_streams[1], p().unattached_streams[2]);
  return Status::Ok();
}

Status HostState::Attach(WASMModuleInstance* instance) {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  auto* common = reinterpret_cast<WASMModuleInstanceCommon*>(instance);
  if (!wasmsh_tables(common, &p.table, &p.prestats)) {
    return Status::Error("INTERNAL", "the instance has no WASI context");
  }
  for (uint32_t i = 0; i < kStreams; ++i) {
    fd_object* stock = nullptr;
    // WAMR does not close what it was given as a standard stream; ours are closed like any other.
    if (wasmsh_fd_detach(p.table, i, &stock) == 0) wasmsh_fd_release(stock);
    const bool is_resource = p.config.streams[i].kind == kResourceStream;
    uint16_t error = is_resource ? p.InsertResource(i, p.unattached_streams[i], kStreamNames[i])
                                 : p.InsertStream(i, i, p.unattached_streams[i]);
    if (error != 0) return TableError(error);
    p.unattached_streams[i] = -1;
  }
  for (uint32_t i = 0; i < p.preopen_fds.size(); ++i) {
    if (uint16_t error = p.InsertPreopen(kStreams + i, i)) return TableError(error);
  }
  return Status::Ok();
}

Status HostState::PlaceGiven() {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  for (GivenFile& given : p.config.given) {
    const std::string number = std::to_string(given.fd);
    if (given.fd >= kMaxDescriptors || p.Find(given.fd) != nullptr) {
      return Status::Error("DESCRIPTOR_TAKEN",
                           "Descriptor " + number + " is taken already, or too high a number");
    }
    const int flags = fcntl(given.host_fd, F_GETFL);
    if ((flags & O_NONBLOCK) != 0) fcntl(given.host_fd, F_SETFL, flags & ~O_NONBLOCK);
    if (uint16_t error = p.InsertResource(given.fd, given.host_fd, "")) return TableError(error);
    given.host_fd = -1;
  }
  return Status::Ok();
}

void HostState::Detach() {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  p.ForgetAll();
  p.table = nullptr;
  p.prestats = nullptr;
}

Record* HostState::Private::Find(uint32_t fd) {
  auto found = records.find(fd);
  return found == records.end() ? nullptr : &found->second;
}

const NamePlace& HostState::Private::LoggedNameOf(const Record& directory) const {
  return directory.kind == RecordKind::kPreopen ? names.Preopen(directory.index) : directory.logged;
}

void HostState::Private::AddPreopensToNames() {
  std::vector<std::string> paths;
  for (int fd : preopen_fds) paths.push_back(KernelPath(fd));
  for (uint32_t i = 0; i < paths.size(); ++i) {
    NamePlace shows{i, ""};
    size_t shortest = SIZE_MAX;
    for (uint32_t outer = 0; outer < paths.size(); ++outer) {
      const std::string below = PathBelow(paths[outer], paths[i]);
      if (below.empty() || paths[outer].size() >= shortest) continue;
      shortest = paths[outer].size();
      shows = {outer, below == "." ? "" : below};
    }
    names.AddPreopen(std::move(shows));
  }
}

void HostState::Private::ForgetAll() {
  for (const auto& [fd, record] : records) offsets.End(fd);
  records.clear();
}

void HostState::Private::Forget(uint32_t fd) {
  Record* record = Find(fd);
  if (record == nullptr) return;
  if (record->kind == RecordKind::kStream) stream_fds[record->index] = -1;
  records.erase(fd);
  offsets.End(fd);
}

uint16_t HostState::Private::Insert(uint32_t at, int host_fd, uint8_t type, uint64_t rights_base,
                                    uint64_t rights_inheriting, Record record, uint32_t* fd) {
  if (records.size() >= kMaxDescriptors) return wasi::kMfile;
  uint16_t error = wasmsh_fd_insert(table, at, host_fd, type, rights_base, rights_inheriting, fd);
  if (error != 0) return error;
  record.serial = next_serial++;
  offsets.Begin(*fd, record.first_offset, (record.logged_fdflags & wasi::kFdflagAppend) != 0);
  records[*fd] = std::move(record);
  return wasi::kSuccess;
}

uint16_t HostState::Private::InsertStream(uint32_t at, uint32_t index, int host_fd) {
  uint8_t type = wasi::kCharacterDevice;
  uint64_t rights = kTerminalRights;
  uint64_t inheriting = 0;
  // A terminal is a character device that cannot seek: that is what isatty() of wasi-libc asks.
  if (config.streams[index].kind != "terminal") {
    if (uint16_t error = wasmsh_type_and_rights(host_fd, &type, &rights, &inheriting)) return error;
  }
  Record record;
  record.kind = RecordKind::kStream;
  record.index = index;
  // Of before there was a log.
  record.logged_fdflags = FdflagsOf(host_fd);
  record.first_offset = OffsetOf(host_fd);
  uint32_t fd = 0;
  uint16_t error = Insert(at, host_fd, type, rights, inheriting, std::move(record), &fd);
  if (error != 0) return error;
  stream_fds[index] = host_fd;
  FollowShared(fd, host_fd);
  return wasi::kSuccess;
}

void HostState::Private::FollowShared(uint32_t fd, int host_fd) {
  const Record& record = records.at(fd);
  for (const auto& [other, candidate] : records) {
    const bool may_share =
        other != fd && candidate.kind == record.kind &&
        (record.kind == RecordKind::kStream || candidate.logged == record.logged);
    WasmshFd entry = {};
    if (!may_share || wasmsh_fd_acquire(table, other, 0, &entry) != 0) continue;
    const bool shares = IsOneOpenFile(entry.host_fd, host_fd);
    wasmsh_fd_release(entry.object);
    if (shares) return offsets.Share(fd, other);
  }
}

uint16_t HostState::Private::InsertResource(uint32_t at, int host_fd, std::string stream) {
  uint8_t type = 0;
  uint64_t rights = 0;
  uint64_t inheriting = 0;
  if (uint16_t error = wasmsh_type_and_rights(host_fd, &type, &rights, &inheriting)) return error;
  Record record;
  record.kind = RecordKind::kResource;
  record.path = std::move(stream);
  uint32_t fd = 0;
  return Insert(at, host_fd, type, rights, inheriting, std::move(record), &fd);
}

uint16_t HostState::Private::InsertPreopen(uint32_t at, uint32_t index) {
  // Readable, unlike ours in preopen_fds: the guest lists and syncs it.
  int host_fd = openat(preopen_fds[index], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (host_fd < 0) return wasmsh_errno(errno);
  uint8_t type = 0;
  uint64_t rights = 0;
  uint64_t inheriting = 0;
  Record record;
  record.kind = RecordKind::kPreopen;
  record.index = index;
  record.path = ".";
  record.logged_preopen = index;
  uint32_t fd = 0;
  uint16_t error = wasmsh_type_and_rights(host_fd, &type, &rights, &inheriting);
  if (error == 0) error = Insert(at, host_fd, type, rights, inheriting, std::move(record), &fd);
  if (error != 0) close(host_fd);
  return error;
}

}  // namespace wasmsh::hostcalls
