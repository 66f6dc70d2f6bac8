// What people change about the descriptors of a parked guest.

#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "hostcalls/host_state_private.h"
#include "hostcalls/open_file.h"
#include "hostcalls/wasi.h"

namespace wasmsh::hostcalls {
namespace {

Status Unknown(uint32_t fd) {
  return Status::Error("DESCRIPTOR_UNKNOWN", "The guest has no descriptor " + std::to_string(fd));
}

Status Refused(uint32_t fd, const std::string& why) {
  return Status::Error("EDIT_VALUE",
                       "Descriptor " + std::to_string(fd) + " cannot be changed: " + why);
}

/** The preopen that a view's number for it stands for. Under records_mutex. */
std::optional<uint32_t> PreopenIndex(HostState::Private& p, uint32_t number) {
  if (number >= kClosedPreopen) {
    const uint32_t index = number - kClosedPreopen;
    if (index >= p.config.preopens.size()) return std::nullopt;
    return index;
  }
  const Record* record = p.Find(number);
  if (record == nullptr || record->kind != RecordKind::kPreopen) return std::nullopt;
  return record->index;
}

}  // namespace

Status HostState::SharesOpenFile(uint32_t fd, uint32_t other, bool* shares) {
  Private& p = *private_;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  WasmshFd one = {};
  WasmshFd two = {};
  if (wasmsh_fd_acquire(p.table, fd, 0, &one) != 0) return Unknown(fd);
  if (wasmsh_fd_acquire(p.table, other, 0, &two) != 0) {
    wasmsh_fd_release(one.object);
    return Unknown(other);
  }
  *shares = IsOneOpenFile(one.host_fd, two.host_fd);
  wasmsh_fd_release(one.object);
  wasmsh_fd_release(two.object);
  return Status::Ok();
}

Status HostState::PutDescriptor(const view::Descriptor& wanted, int host_fd) {
  Private& p = *private_;
  Status status = Status::Ok();
  fd_object* replaced = nullptr;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    const std::optional<uint32_t> preopen = PreopenIndex(p, wanted.preopen);
    const bool is_new = p.Find(wanted.fd) == nullptr;
    if (!preopen) {
      status = Refused(wanted.fd, "its directory is none of the guest's");
    } else if (wanted.fd >= kMaxDescriptors || (is_new && p.records.size() >= kMaxDescriptors)) {
      status = Refused(wanted.fd, "a guest has at most " + std::to_string(kMaxDescriptors));
    } else {
      if (!is_new) {
        (void)wasmsh_fd_detach(p.table, wanted.fd, &replaced);
        p.Forget(wanted.fd);
      }
      status = p.InsertFile(wanted, *preopen, host_fd);
    }
  }
  if (!status.ok()) close(host_fd);
  if (replaced != nullptr) (void)wasmsh_fd_release(replaced);
  return status;
}

Status HostState::CloseDescriptor(uint32_t fd) {
  Private& p = *private_;
  fd_object* object = nullptr;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    if (wasmsh_fd_detach(p.table, fd, &object) != 0) return Unknown(fd);
    p.Forget(fd);
  }
  (void)wasmsh_fd_release(object);
  return Status::Ok();
}

}  // namespace wasmsh::hostcalls
