#include "hostcalls/name_fold.h"

#include <algorithm>
#include <utility>

namespace wasmsh::hostcalls {
namespace {

/** As many as path resolution follows; a path that got here had fewer. */
constexpr size_t kMostExpansions = 128;
/** What an entry takes beside its text, about. */
constexpr size_t kEntryBytes = 128;

size_t CostOf(const NamePlace& place) { return kEntryBytes + 2 * place.path.size(); }

size_t CostOf(const NamePlace& place, const std::string& target) {
  return kEntryBytes + place.path.size() + target.size();
}

NamePlace Child(const NamePlace& directory, const std::string& name) {
  return {directory.root, directory.path.empty() ? name : directory.path + "/" + name};
}

void GoUp(NamePlace* place) {
  const size_t slash = place->path.rfind('/');
  place->path.resize(slash == std::string::npos ? 0 : slash);
}

bool IsOrIsBelow(const NamePlace& place, const NamePlace& directory) {
  return place == directory || place.IsBelow(directory);
}

/** Takes out what has that name or one below it. */
template <typename Value>
std::vector<std::pair<NamePlace, Value>> TakeBelow(std::map<NamePlace, Value>* all,
                                                   const NamePlace& directory) {
  std::vector<std::pair<NamePlace, Value>> taken;
  const auto take = [&](auto at) {
    taken.emplace_back(at->first, std::move(at->second));
    return all->erase(at);
  };
  if (auto itself = all->find(directory); itself != all->end()) take(itself);
  auto at = all->lower_bound({directory.root, directory.path + "/"});
  while (at != all->end() && at->first.IsBelow(directory)) at = take(at);
  return taken;
}

}  // namespace

bool NamePlace::IsBelow(const NamePlace& directory) const {
  if (root != directory.root) return false;
  const size_t length = directory.path.size();
  if (length == 0) return !path.empty();
  return path.size() > length && path[length] == '/' &&
         path.compare(0, length, directory.path) == 0;
}

NamePlace Moved(const NamePlace& place, const NamePlace& from, const NamePlace& to) {
  return {to.root, to.path + place.path.substr(from.path.size())};
}

SeenPlace NameFold::Seen(const NamePlace& place, uint32_t preopen) const {
  const NamePlace& shows = preopens_[preopen];
  if (!IsOrIsBelow(place, shows)) return {place.root, place.path};
  std::string path = place.path.substr(shows.path.size());
  if (!shows.path.empty() && !path.empty()) path.erase(0, 1);
  return {preopen, std::move(path)};
}

NamePlace NameFold::Resolve(const NamePlace& directory, const std::string& path,
                            bool follows) const {
  NamePlace place = directory;
  std::string rest = path;
  size_t at = 0;
  size_t expansions = 0;
  while (at < rest.size()) {
    const size_t end = std::min(rest.find('/', at), rest.size());
    const std::string part = rest.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      GoUp(&place);
      continue;
    }
    NamePlace next = Child(place, part);
    const bool is_last = end == rest.size();  // a slash behind the last one asks for a directory
    const auto link = symlinks_.empty() ? symlinks_.end() : symlinks_.find(next);
    if (link == symlinks_.end() || (is_last && !follows) || ++expansions > kMostExpansions) {
      place = std::move(next);
      continue;
    }
    rest = is_last ? link->second : link->second + "/" + rest.substr(at);
    at = 0;
  }
  return place;
}

bool NameFold::AreOne(const NamePlace& one, const NamePlace& other) const {
  if (one == other) return true;
  const auto found = links_.find(one);
  return found != links_.end() && found->second->count(other) != 0;
}

size_t NameFold::CountNames(const NamePlace& place) const {
  const auto found = links_.find(place);
  return found == links_.end() ? 1 : found->second->size();
}

void NameFold::AddLink(const NamePlace& from, const NamePlace& to) {
  Forget(to);
  // A symbolic link may have further names too.
  if (const auto symlink = symlinks_.find(from); symlink != symlinks_.end()) {
    AddSymlink(to, std::string(symlink->second));
  }
  if (!HasRoom(CostOf(from) + CostOf(to))) return;
  std::shared_ptr<Names>& names = links_[from];
  if (names == nullptr) {
    names = std::make_shared<Names>(Names{from});
    bytes_ += CostOf(from);
  }
  names->insert(to);
  links_[to] = names;
  bytes_ += CostOf(to);
}

void NameFold::AddSymlink(const NamePlace& place, const std::string& target) {
  Forget(place);
  const size_t cost = CostOf(place, target);
  if (!HasRoom(cost)) return;
  symlinks_[place] = target;
  bytes_ += cost;
}

void NameFold::Forget(const NamePlace& place) { (void)Remove(place); }

std::optional<NamePlace> NameFold::Remove(const NamePlace& place) {
  if (const auto symlink = symlinks_.find(place); symlink != symlinks_.end()) {
    bytes_ -= CostOf(place, symlink->second);
    symlinks_.erase(symlink);
  }
  for (uint32_t i = 0; i < preopens_.size(); ++i) {
    if (i == place.root || !(preopens_[i] == place)) continue;
    // The directory is still there, and what is made by that name anew is another one.
    preopens_[i] = {i, ""};
    return preopens_[i];
  }
  const auto found = links_.find(place);
  if (found == links_.end()) return std::nullopt;
  const std::shared_ptr<Names> names = std::move(found->second);
  links_.erase(found);
  names->erase(place);
  bytes_ -= CostOf(place);
  const NamePlace other = *names->begin();
  if (names->size() == 1) {
    links_.erase(other);
    bytes_ -= CostOf(other);
  }
  return other;
}

void NameFold::Move(const NamePlace& from, const NamePlace& to) {
  for (NamePlace& preopen : preopens_) {
    if (IsOrIsBelow(preopen, from)) preopen = Moved(preopen, from, to);
  }
  for (auto& [place, target] : TakeBelow(&symlinks_, from)) {
    const NamePlace moved = Moved(place, from, to);
    bytes_ = bytes_ - CostOf(place, target) + CostOf(moved, target);
    symlinks_[moved] = std::move(target);
  }
  for (auto& [place, names] : TakeBelow(&links_, from)) {
    const NamePlace moved = Moved(place, from, to);
    bytes_ = bytes_ - CostOf(place) + CostOf(moved);
    names->erase(place);
    names->insert(moved);
    links_[moved] = std::move(names);
  }
}

}  // namespace wasmsh::hostcalls
