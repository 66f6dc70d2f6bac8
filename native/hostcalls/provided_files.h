#ifndef WASMSH_HOSTCALLS_PROVIDED_FILES_H_
#define WASMSH_HOSTCALLS_PROVIDED_FILES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "hostcalls/host_call.h"
#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {

/** Files behind a path that a plugin provides. The table has a descriptor of the null device in
 * their place, which holds their flags; all else is asked of the plugin. */

/** What `path_open` was called with. */
struct ProvidedOpen {
  uint32_t directory = 0;
  std::string path;
  uint32_t oflags = 0;
  uint32_t fdflags = 0;
  uint64_t rights_base = 0;
  uint32_t result_address = 0;
};

/** Place among HostConfig::provided of what a path names, before any link is followed; none when no
 *  plugin provides it. */
std::optional<uint32_t> FindProvidedPath(HostState::Private& p, uint32_t directory,
                                         const std::string& path);

Outcome OpenProvided(Call& call, uint32_t place, const ProvidedOpen& open);

/** Number of the open file behind a descriptor; none when it is not a plugin's. */
std::optional<uint32_t> FindProvided(HostState::Private& p, uint32_t fd);

Outcome ReadProvided(Call& call, uint32_t file);
Outcome WriteProvided(Call& call, uint32_t file);
/** `whence` as preview 1 numbers it. */
Outcome SeekProvided(Call& call, uint32_t file, int64_t offset, uint32_t whence,
                     uint32_t result_address);
Outcome StatProvided(Call& call, uint32_t file);
/** Tells the plugin; none when the descriptor can now be closed, which it can though `error` is
 *  set. */
std::optional<Outcome> CloseProvided(Call& call, uint32_t file, uint16_t* error);

/** Puts a file into the table that the plugin has recovered. Under records_mutex. */
uint16_t InsertProvided(HostState::Private& p, uint32_t at, uint32_t place, uint32_t file,
                        uint64_t rights_base, uint32_t fdflags, uint32_t* fd);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_PROVIDED_FILES_H_
