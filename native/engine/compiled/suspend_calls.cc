#include "engine/compiled/suspend_calls.h"

#include "engine/compiled/frame_here.h"
#include "engine/wamr.h"

namespace wasmsh::engine {

namespace {

// Compiled code calls them with plain arguments; they never trap, and hold no lock.

void BeginFrame(wasm_exec_env_t, uint32_t function, uint32_t point) {
  suspended_stack->BeginFrame(function, point);
}

void Spill(wasm_exec_env_t, uint64_t value) { suspended_stack->Spill(value); }

uint32_t Enter(wasm_exec_env_t) { return suspended_stack->Enter(); }

uint64_t Reload(wasm_exec_env_t, uint32_t slot) { return suspended_stack->Reload(slot); }

uint64_t ReloadHigh(wasm_exec_env_t, uint32_t slot) { return suspended_stack->ReloadHigh(slot); }

int32_t Callee(wasm_exec_env_t) { return suspended_stack->Callee(); }

// WAMR passes references as 32 bits: the function's index, all ones for null. It extends all that
// is as narrow by zeros, where riscv64's calling convention has the sign: null would not be all
// ones.

int32_t IndexOfFunction(wasm_exec_env_t, uint64_t reference) {
  return suspended_stack->IndexOfFunction(uint32_t(reference));
}

uint32_t FunctionAt(wasm_exec_env_t, uint64_t index) {
  return suspended_stack->FunctionAt(int32_t(uint32_t(index)));
}

template <typename Function>
NativeSymbol Symbol(const char* name, Function* function, const char* signature) {
  return {name, reinterpret_cast<void*>(function), signature, nullptr};
}

}  // namespace

Status RegisterSuspendCalls() {
  // WAMR keeps the list.
  static NativeSymbol symbols[] = {
      Symbol("frame", BeginFrame, "(ii)"),
      Symbol("spill", Spill, "(I)"),
      {"frame_here", FrameHere(), "()", nullptr},
      Symbol("enter", Enter, "()i"),
      Symbol("reload", Reload, "(i)I"),
      Symbol("reload_high", ReloadHigh, "(i)I"),
      Symbol("callee", Callee, "()i"),
      // Signatures have no letter for references to functions; without one WAMR goes by the import.
      Symbol("function_index", IndexOfFunction, ""),
      Symbol("function_at", FunctionAt, ""),
  };
  if (wasm_runtime_register_natives("wasmsh:suspend", symbols,
                                    sizeof symbols / sizeof symbols[0])) {
    return Status::Ok();
  }
  return Status::Error("INTERNAL", "WAMR refuses the calls of compiled code");
}

}  // namespace wasmsh::engine
