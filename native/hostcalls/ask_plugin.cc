#include "hostcalls/ask_plugin.h"

#include <utility>

namespace wasmsh::hostcalls {

std::optional<Outcome> AskPlugin(Call& call, PluginRequest request, const PluginAnswer** answer) {
  // A pause that is there already: nothing has begun.
  if (call.StopRequested()) return Outcome::kInterrupted;
  auto* control = static_cast<ThreadControl*>(call.thread);
  *answer = control->AskPlugin(std::move(request));
  if (*answer == nullptr || (*answer)->kind == PluginAnswer::Kind::kNotBegun) {
    return Outcome::kInterrupted;
  }
  if ((*answer)->kind == PluginAnswer::Kind::kDone) return std::nullopt;
  call.trap = (*answer)->text;
  return Outcome::kTrap;
}

}  // namespace wasmsh::hostcalls
