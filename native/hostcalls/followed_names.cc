#include "hostcalls/followed_names.h"

#include <sys/stat.h>

#include <optional>

#include "hostcalls/file_place.h"

namespace wasmsh::hostcalls {
namespace {

bool HasName(const Record& record) {
  return record.kind == RecordKind::kFile || record.kind == RecordKind::kDirectory;
}

/** Takes the name away by which the log knows an open file. */
void LoseName(HostState::Private& p, uint32_t fd, Record* record,
              const std::optional<NamePlace>& other) {
  if (other) {
    record->logged = *other;
    return;
  }
  if (record->unknown_names > 0) {
    record->unknown_names--;
    if (const std::optional<SeenPlace> found = FindOtherName(p, *record, fd)) {
      record->logged = p.names.Resolve(p.names.Preopen(found->preopen), found->path, false);
      record->logged_preopen = found->preopen;
      return;
    }
  }
  record->is_removed = true;
  record->removed_at = record->logged.path.size();
}

/** Whether a record goes along when `from`, or a directory of that name, gets another name. What
 *  was removed goes along with the directories that it was in, as far as they are still there. */
bool GoesWith(const Record& record, const NamePlace& from) {
  if (!record.is_removed) return record.logged == from || record.logged.IsBelow(from);
  return from.path.size() < record.removed_at && record.logged.IsBelow(from);
}

}  // namespace

std::string JoinPaths(const std::string& directory, const std::string& path) {
  std::string joined;
  const std::string whole = directory + "/" + path;
  size_t at = 0;
  while (at < whole.size()) {
    size_t end = whole.find('/', at);
    if (end == std::string::npos) end = whole.size();
    std::string part = whole.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (!joined.empty()) joined += '/';
    joined += part;
  }
  return joined.empty() ? "." : joined;
}

LoggedPlace PlaceBelow(HostState::Private& p, uint32_t directory, const std::string& path,
                       bool follows) {
  const Record* record = p.Find(directory);
  if (record == nullptr || !record->IsDirectory()) return {};
  return {p.names.Resolve(p.LoggedNameOf(*record), path, follows), record->logged_preopen, true};
}

void BeginToFollow(const HostState::Private& p, const LoggedPlace& place, int host_fd,
                   Record* record) {
  record->logged = place.name;
  record->logged_preopen = place.preopen;
  struct stat status;
  if (record->kind != RecordKind::kFile || fstat(host_fd, &status) != 0) return;
  const size_t known = p.names.CountNames(place.name);
  if (status.st_nlink > known)
    record->unknown_names = static_cast<uint32_t>(status.st_nlink - known);
}

void FollowLink(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to) {
  if (from.is_known && to.is_known) p.names.AddLink(from.name, to.name);
}

void FollowSymlink(HostState::Private& p, const LoggedPlace& link, const std::string& target) {
  if (link.is_known) p.names.AddSymlink(link.name, target);
}

void FollowRemoval(HostState::Private& p, const LoggedPlace& place) {
  if (!place.is_known) return;
  const NamePlace& name = place.name;
  const std::optional<NamePlace> other = p.names.Remove(name);
  for (auto& [fd, record] : p.records) {
    if (!HasName(record)) continue;
    if (record.is_removed) {
      if (!GoesWith(record, name)) continue;
      record.removed_at = name.path.size();  // the directory that it was in is gone too
    } else if (record.logged == name) {
      LoseName(p, fd, &record, other);
    }
  }
}

void FollowRename(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to) {
  if (!from.is_known || !to.is_known) return;
  // Of two names of one file rename() keeps both.
  if (p.names.AreOne(from.name, to.name)) return;
  FollowRemoval(p, to);
  p.names.Move(from.name, to.name);
  for (auto& [fd, record] : p.records) {
    if (!HasName(record) || !GoesWith(record, from.name)) continue;
    record.logged = Moved(record.logged, from.name, to.name);
    record.logged_preopen = to.preopen;
    if (record.is_removed) record.removed_at += to.name.path.size() - from.name.path.size();
  }
}

}  // namespace wasmsh::hostcalls
