#ifndef WASMSH_HOSTCALLS_NAME_FOLD_H_
#define WASMSH_HOSTCALLS_NAME_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wasmsh::hostcalls {

/** A name of a file, one text for all ways to it that the log knows of. */
struct NamePlace {
  uint32_t root = 0;  // index of the outermost preopen that shows it
  std::string path;   // below that, without ".", ".." and known links; "" for the directory itself

  bool operator==(const NamePlace& other) const { return root == other.root && path == other.path; }
  bool operator<(const NamePlace& other) const {
    return root != other.root ? root < other.root : path < other.path;
  }
  /** Whether it stands below that name, at any depth. */
  bool IsBelow(const NamePlace& directory) const;
};

/** A name as a preopened directory shows it. */
struct SeenPlace {
  uint32_t preopen = 0;
  std::string path;  // "" for the directory itself
};

/**
 * What the log says of names: which are links, and to what. It is the fold of the calls that make,
 * move and remove names, without a look at the host; so links that the guest has not made itself
 * are unknown to it, as are those it made when there were too many of them. Not thread-safe.
 */
class NameFold {
 public:
  /** Text of links that is kept, in bytes; links beyond it are unknown. */
  static constexpr size_t kMostBytes = 8u << 20;

  explicit NameFold(size_t most_bytes = kMostBytes) : most_bytes_(most_bytes) {}

  /** The next preopen shows that directory: itself, or what another preopen shows too. */
  void AddPreopen(NamePlace shows) { preopens_.push_back(std::move(shows)); }
  /** The directory of a preopen. */
  const NamePlace& Preopen(uint32_t index) const { return preopens_[index]; }
  /** A name as that preopen shows it, or the outermost one when that one does not. */
  SeenPlace Seen(const NamePlace& place, uint32_t preopen) const;

  /** Where a path below a directory leads: ".." takes the component in front of it away unless
   *  that is a known link. `follows` says whether a link in the last place is followed. */
  NamePlace Resolve(const NamePlace& directory, const std::string& path, bool follows) const;
  /** Whether both are names of one file. */
  bool AreOne(const NamePlace& one, const NamePlace& other) const;

  /** Names of the file that are known, `place` among them. */
  size_t CountNames(const NamePlace& place) const;

  /** path_link: a further name of a file. */
  void AddLink(const NamePlace& from, const NamePlace& to);
  /** path_symlink. */
  void AddSymlink(const NamePlace& place, const std::string& target);
  /** A name is taken away. Returns the first of the other names that the file has, if any; of a
   *  directory that a preopen shows, the preopen. */
  std::optional<NamePlace> Remove(const NamePlace& place);
  /** What had one name, with all that is below, has another. */
  void Move(const NamePlace& from, const NamePlace& to);

 private:
  using Names = std::set<NamePlace>;  // two or more

  bool HasRoom(size_t bytes) const { return bytes_ + bytes <= most_bytes_; }
  void Forget(const NamePlace& place);

  const size_t most_bytes_;
  size_t bytes_ = 0;
  std::vector<NamePlace> preopens_;
  std::map<NamePlace, std::string> symlinks_;  // with their targets
  std::map<NamePlace, std::shared_ptr<Names>> links_;
};

/** The name that `place` has when what was named `from` is named `to`; it is that or below it. */
NamePlace Moved(const NamePlace& place, const NamePlace& from, const NamePlace& to);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_NAME_FOLD_H_
