#include "hostcalls/followed_names.h"

namespace wasmsh::hostcalls {
namespace {

bool IsNamed(const Record& record, const LoggedPlace& place) {
  const bool has_name = record.kind == RecordKind::kFile || record.kind == RecordKind::kDirectory;
  return has_name && !record.is_removed && record.logged_index == place.index &&
         record.logged_path == place.path;
}

bool IsBelow(const Record& record, const LoggedPlace& place) {
  return record.logged_index == place.index && !record.is_removed &&
         record.logged_path.compare(0, place.path.size() + 1, place.path + "/") == 0;
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

LoggedPlace PlaceBelow(HostState::Private& p, uint32_t directory, const std::string& path) {
  const Record* record = p.Find(directory);
  if (record == nullptr || !record->IsDirectory()) return {};
  return {record->logged_index, JoinPaths(record->logged_path, path), true};
}

void FollowRemoval(HostState::Private& p, const LoggedPlace& place) {
  if (!place.is_known) return;
  for (auto& [fd, record] : p.records) {
    if (IsNamed(record, place)) record.is_removed = true;
  }
}

void FollowRename(HostState::Private& p, const LoggedPlace& from, const LoggedPlace& to) {
  if (!from.is_known || !to.is_known) return;
  if (from.index == to.index && from.path == to.path) return;
  FollowRemoval(p, to);
  for (auto& [fd, record] : p.records) {
    if (!IsNamed(record, from) && !IsBelow(record, from)) continue;
    record.logged_path = to.path + record.logged_path.substr(from.path.size());
    record.logged_index = to.index;
  }
}

}  // namespace wasmsh::hostcalls
