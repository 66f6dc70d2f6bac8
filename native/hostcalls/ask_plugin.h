#ifndef WASMSH_HOSTCALLS_ASK_PLUGIN_H_
#define WASMSH_HOSTCALLS_ASK_PLUGIN_H_

#include <optional>

#include "hostcalls/host_call.h"

namespace wasmsh::hostcalls {

/**
 * Asks a plugin in the middle of a call. Without a value `*answer` is what it did; else the call
 * ends with that outcome: it is to be made again, or the guest traps.
 */
std::optional<Outcome> AskPlugin(Call& call, PluginRequest request, const PluginAnswer** answer);

}  // namespace wasmsh::hostcalls

#endif  // WASMSH_HOSTCALLS_ASK_PLUGIN_H_
