#include <algorithm>
#include <memory>

#include "hostcalls/handlers.h"
#include "hostcalls/stable_filestat.h"

namespace wasmsh::hostcalls {
namespace {

/** A fresh listing of an open directory: the last one while nothing has changed, else a new one. */
wasi::Errno Listing(HostState::Private& p, uint32_t fd, int host_fd,
                    std::shared_ptr<const DirectoryListing>* out) {
  uint64_t changes = p.directory_changes;
  {
    std::lock_guard<std::mutex> lock(p.records_mutex);
    const Record* record = p.Find(fd);
    if (record != nullptr && record->listing != nullptr && record->listing->changes == changes &&
        record->listing->changed_ns == ChangedNs(host_fd)) {
      *out = record->listing;
      return wasi::kSuccess;
    }
  }
  auto listing = std::make_shared<DirectoryListing>();
  listing->changes = changes;
  if (wasi::Errno error = ReadDirectory(host_fd, listing.get())) return error;
  *out = listing;
  std::lock_guard<std::mutex> lock(p.records_mutex);
  Record* record = p.Find(fd);
  if (record == nullptr) return wasi::kSuccess;
  if (p.config.deterministic && record->IsDirectory()) {
    StableDirectory directory(p, *record, host_fd);
    for (DirectoryEntry& entry : listing->entries) entry.inode = directory.InodeOf(entry.name);
  }
  record->listing = std::move(listing);
  return wasi::kSuccess;
}

/** Writes entries behind each other, the last one cut off where the buffer ends. */
uint32_t WriteEntries(const DirectoryListing& listing, uint64_t cookie, uint8_t* to,
                      uint32_t length) {
  auto entry = std::upper_bound(
      listing.entries.begin(), listing.entries.end(), cookie,
      [](uint64_t wanted, const DirectoryEntry& other) { return wanted < other.cookie; });
  uint32_t used = 0;
  auto put = [&](const void* from, size_t bytes) {
    size_t part = std::min<size_t>(bytes, length - used);
    memcpy(to + used, from, part);
    used += static_cast<uint32_t>(part);
  };
  for (; entry != listing.entries.end() && used < length; ++entry) {
    uint8_t head[wasi::kDirentBytes] = {};
    GuestMemory::Encode(head, entry->cookie);
    GuestMemory::Encode(head + 8, entry->inode);
    GuestMemory::Encode(head + 16, static_cast<uint32_t>(entry->name.size()));
    head[20] = entry->type;
    put(head, sizeof head);
    put(entry->name.data(), entry->name.size());
  }
  return used;
}

}  // namespace

Outcome FdReaddir(Call& call) {
  const GuestMemory& memory = call.memory;
  uint32_t length = Arg32(call, 2);
  uint8_t* to = memory.At(Arg32(call, 1), length);
  if (to == nullptr || !memory.Contains(Arg32(call, 4), 4)) return Finish(call, wasi::kFault);
  FdInUse fd(call.host.p(), Arg32(call, 0), wasi::kFdReaddir);
  if (fd.error() != 0) return Finish(call, fd.error());
  std::shared_ptr<const DirectoryListing> listing;
  wasi::Errno error = Listing(call.host.p(), Arg32(call, 0), fd.host_fd(), &listing);
  if (error != 0) return Finish(call, error);
  memory.Store(Arg32(call, 4), WriteEntries(*listing, call.args[3], to, length));
  return Finish(call, wasi::kSuccess);
}

}  // namespace wasmsh::hostcalls
