#ifndef WASMSH_ENGINE_COMPILED_FRAME_HERE_H_
#define WASMSH_ENGINE_COMPILED_FRAME_HERE_H_

#include <cstdint>
#include <vector>

#include "engine/compiled/spill_table.h"

namespace wasmsh::engine {

/** Machine code, and what it says of its frames. */
struct SpillSource {
  uintptr_t text_from = 0, text_to = 0;
  const SpillTable* table = nullptr;
};

/** All machine code that the thread may be in, and where its stack ends: of the thread that runs
 * it.
 */
struct SpillSources {
  std::vector<SpillSource> code;
  uintptr_t stack_to = 0;
};

extern thread_local const SpillSources* spill_sources;

/**
 * What compiled code calls to hand over the frame in which it does so. It is given nothing, and
 * keeps all registers: where the values are, the table says. Code for CPUs other than x86-64 has no
 * table, and calls it not.
 */
void* FrameHere();

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_FRAME_HERE_H_
