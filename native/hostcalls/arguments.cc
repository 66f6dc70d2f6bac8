// args_* and environ_*: lists of NUL-terminated strings and of their addresses.

#include <algorithm>

#include "hostcalls/handlers.h"

namespace wasmsh::hostcalls {
namespace {

uint64_t BytesOf(const std::vector<std::string>& texts) {
  uint64_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size() + 1;
  return bytes;
}

Outcome WriteSizes(Call& call, const std::vector<std::string>& texts) {
  const GuestMemory& memory = call.memory;
  if (!memory.Contains(Arg32(call, 0), 4) || !memory.Contains(Arg32(call, 1), 4)) {
    return Finish(call, wasi::kFault);
  }
  // More than a memory can hold is the most that can be said; to get them then gives EFAULT.
  const uint64_t bytes = std::min<uint64_t>(BytesOf(texts), UINT32_MAX);
  memory.Store(Arg32(call, 0), static_cast<uint32_t>(texts.size()));
  memory.Store(Arg32(call, 1), static_cast<uint32_t>(bytes));
  return Finish(call, wasi::kSuccess);
}

Outcome WriteTexts(Call& call, const std::vector<std::string>& texts) {
  const GuestMemory& memory = call.memory;
  uint32_t list = Arg32(call, 0);
  uint32_t address = Arg32(call, 1);
  if (!memory.Contains(list, 4 * static_cast<uint64_t>(texts.size())) ||
      !memory.Contains(address, BytesOf(texts))) {
    return Finish(call, wasi::kFault);
  }
  for (const std::string& text : texts) {
    uint32_t bytes = static_cast<uint32_t>(text.size()) + 1;
    memcpy(memory.At(address, bytes), text.c_str(), bytes);
    memory.Store(list, address);
    list += 4;
    address += bytes;
  }
  return Finish(call, wasi::kSuccess);
}

}  // namespace

Outcome ArgsSizesGet(Call& call) { return WriteSizes(call, call.host.p().config.arguments); }
Outcome ArgsGet(Call& call) { return WriteTexts(call, call.host.p().config.arguments); }
Outcome EnvironSizesGet(Call& call) { return WriteSizes(call, call.host.p().config.environment); }
Outcome EnvironGet(Call& call) { return WriteTexts(call, call.host.p().config.environment); }

}  // namespace wasmsh::hostcalls
