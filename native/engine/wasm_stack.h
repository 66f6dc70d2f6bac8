#ifndef WASMSH_ENGINE_WASM_STACK_H_
#define WASMSH_ENGINE_WASM_STACK_H_

#include <cstddef>
#include <cstdint>

#include "engine/wamr.h"

namespace wasmsh::engine {

/**
 * Where the interpreter has the frames of a guest: the wasm stack of its exec_env, or one of our
 * own that is larger. Frames that were on the native stack of compiled code take several times as
 * much room here, and who pauses a guest must not run it out of stack. Used by the guest's thread.
 */
class WasmStack {
 public:
  WasmStack() = default;
  ~WasmStack();
  WasmStack(const WasmStack&) = delete;
  WasmStack& operator=(const WasmStack&) = delete;

  /** Frames begin at the top that the stack has now. */
  void Begin(WASMExecEnv* exec_env);

  /** Drops all frames from there on. They are on the exec_env's own stack then. */
  void Empty();

  /** The same, with room for so many bytes to come, or for as many as WAMR can have: pages count
   * once they are written to. False, and as `Empty`, when the system has no such stack. */
  bool Have(uint64_t bytes);

  /** The same, with several times the room that there was, or false. */
  bool Widen();

 private:
  void Use(uint8_t* bottom, uint8_t* top, uint32_t size);

  WASMExecEnv* exec_env_ = nullptr;
  uint8_t* begin_ = nullptr;   // on the exec_env's own stack
  uint8_t* bottom_ = nullptr;  // of the exec_env's own stack
  uint32_t own_size_ = 0;
  void* mapped_ = nullptr;
  uint32_t mapped_size_ = 0;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_WASM_STACK_H_
