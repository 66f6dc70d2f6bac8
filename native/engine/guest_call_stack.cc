#include "engine/guest.h"

namespace wasmsh::engine {

// Of a call in progress: on top is the frame of the host function, above its caller. Each caller's
// pc stands behind its call, as in the wasm view.
size_t Guest::CallStack(oplog::OpFrame* frames, size_t most) {
  size_t count = 0;
  const WASMInterpFrame* frame = wasm_exec_env_get_cur_frame(exec_env_);
  while (count < most && frame != nullptr && (frame = frame->prev_frame) != nullptr) {
    if (frame->function == nullptr || frame->function->is_import_func) break;
    const uint8_t* code = frame->function->u.func->code;
    frames[count++] = {FunctionIndex(instance_, frame), static_cast<uint32_t>(frame->ip - code)};
  }
  return count;
}

}  // namespace wasmsh::engine
