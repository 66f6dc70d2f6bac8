#ifndef WASMSH_ENGINE_COMPILED_TRAP_CAPTURE_H_
#define WASMSH_ENGINE_COMPILED_TRAP_CAPTURE_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What is kept of a trap in compiled code while its frames are still on the native stack: all that
 * it takes to find them later. Written by the fault handler, which every trap comes by: it ends the
 * stay in compiled code with a jump.
 */
typedef struct TrapCapture {
  /** Filled in before compiled code is entered. Machine code is from `text_from` on; nothing above
   *  `stack_to` is a frame of compiled code. */
  uintptr_t text_from, text_to;
  uintptr_t stack_to;
  uint8_t* stack; /* a copy of what is above the stack pointer */
  size_t stack_capacity;

  bool is_set;
  /** `pc` is behind a call, of a function of the runtime. */
  bool is_call;
  uintptr_t pc, stack_pointer, frame_pointer, return_address;
  /** What `stack` is a copy of. */
  uintptr_t stack_from;
  size_t stack_bytes;

  /** Code that found the trap itself says where, in the original module. */
  bool has_place;
  uint32_t function, place_pc;
} TrapCapture;

/** Of the guest that runs compiled code on this thread; NULL elsewhere. */
extern __thread TrapCapture* trap_capture;

/** In the fault handler: keeps what `context`, a ucontext_t, was at, unless something is kept. */
void CaptureTrap(TrapCapture* capture, const void* context);

#ifdef __cplusplus
}
#endif

#endif  // WASMSH_ENGINE_COMPILED_TRAP_CAPTURE_H_
