#ifndef WASMSH_ENGINE_TRAP_REASON_H_
#define WASMSH_ENGINE_TRAP_REASON_H_

#include <string>

#include "status.h"

namespace wasmsh::engine {

/** WAMR's text of an exception in the words of the specification's tests. */
std::string TrapReason(const char* text);

/** Whether a trap is none of the guest's doing: the file behind its memory was cut. */
bool IsMemoryLost(const std::string& reason);
Status MemoryLost();

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_TRAP_REASON_H_
