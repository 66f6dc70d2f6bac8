#include "engine/trap_reason.h"

namespace wasmsh::engine {

std::string TrapReason(const char* text) {
  std::string reason = text;
  const std::string prefix = "Exception: ";
  if (reason.rfind(prefix, 0) == 0) reason = reason.substr(prefix.size());
  // The interpreter's frames are on the wasm stack, those of compiled code on the native one.
  const bool is_exhausted =
      reason == "wasm operand stack overflow" || reason == "native stack overflow";
  return is_exhausted ? "call stack exhausted" : reason;
}

bool IsMemoryLost(const std::string& reason) {
  return reason.find("memory image lost") != std::string::npos;
}

Status MemoryLost() {
  return Status::Error("GUEST_MEMORY_LOST",
                       "The snapshot's memory image was changed or cut under the guest");
}

}  // namespace wasmsh::engine
