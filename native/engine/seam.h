#ifndef WASMSH_ENGINE_SEAM_H_
#define WASMSH_ENGINE_SEAM_H_

/**
 * The seam between WAMR's interpreter, compiled as C inside our include file, and the threads that
 * run guests, which are C++. Everything here is called on the guest's own thread unless it says
 * otherwise.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct WASMModuleInstance;
struct WASMExecEnv;
struct WASMFunctionInstance;
struct WASMInterpFrame;

/**
 * One per guest thread; what the interpreter reads of it. The interpreter jumps through `live`, or
 * through a table whose every slot is the stop label, as `stop_at_every_instruction` says.
 */
typedef struct GuestSeam {
  const void* live[256];
  /** `live` has been filled: by the thread's first entry to the interpreter. */
  bool ready;
  /** Every slot of `live` holds the stop label. Written under the thread's table lock. */
  bool armed;
  /** Slots of the opcodes that end a straight run hold the stop label: counting. */
  bool armed_at_run_ends;
  /** The next instruction stops whatever `live` says. Written only by the guest's own thread. */
  bool stop_at_every_instruction;
  /** Counting: the instruction that ends this run, where the stop label calls out; before it, it
   *  passes on. NULL: calls out at every stop. */
  const uint8_t* run_end;
  /** Calls of wasm functions return at once: instantiation runs no start function. */
  bool suppress_calls;
  /** The exec_env that the guest's frames live in. */
  struct WASMExecEnv* exec_env;
  /** The C++ GuestThread. */
  void* owner;
  /** Why the interpreter, or a host call, raised a trap; empty without one. */
  char trap_text[128];
  /** Exhausted wasm stack: the caller's frame and its ip, sp and csp; else NULL. */
  struct WASMInterpFrame* trap_frame;
  uint8_t* trap_ip;
  uint32_t* trap_sp;
  void* trap_csp;
  /** What runs it. */
  const struct Interpreter* interpreter;
  /** Of the interpreter that counts: how often each instruction was come to by a call, a return or
   * a branch back, by its distance from `code`. */
  uint64_t* visits;
  /** The first byte of the first body, in WAMR's copy of the module. */
  const uint8_t* code;
  /** The latest br_table, until the next instruction begins. */
  const uint8_t* branched_from;
} GuestSeam;

/** The guest thread that is running, NULL on all others. */
extern __thread GuestSeam* guest_seam;

/* ---- the interpreter calls these ---- */

/** In front of an instruction, registers written to `frame`. May park; may change the frame, which
 *  the interpreter then reads again. Returns true when the guest is to unwind (killed). */
bool SeamAtInstruction(GuestSeam* seam, struct WASMInterpFrame* frame);
/** memory.atomic.wait; `frame` stands behind the instruction. Returns the wasm result, or
 * UINT32_MAX with an exception set. `timeout_ns` is negative to wait for ever. */
uint32_t SeamAtomicWait(GuestSeam* seam, struct WASMModuleInstance* instance, void* address,
                        uint64_t expected, int64_t timeout_ns, bool is_64_bit);
/** The outermost call of a guest's function, first or after a recovery. */
void SeamCallWasm(GuestSeam* seam, struct WASMModuleInstance* instance,
                  struct WASMExecEnv* exec_env, struct WASMFunctionInstance* function,
                  uint32_t argument_cells, uint32_t* cells);
void SeamLockTable(GuestSeam* seam);
void SeamUnlockTable(GuestSeam* seam);

/* ---- the guest threads call these; implemented in wamr/wamr_interpreter.c ---- */

typedef struct Interpreter {
  /** Writes the slots of `live` as `armed` and `armed_at_run_ends` say. Under the table lock, from
   * any thread. */
  void (*arm)(GuestSeam* seam);
  /** Runs `function` above `previous`, whose arguments stand at the top of the wasm stack. */
  void (*call)(struct WASMModuleInstance* instance, struct WASMExecEnv* exec_env,
               struct WASMFunctionInstance* function, struct WASMInterpFrame* previous);
  /** Goes on at `top`, a frame that is complete with ip, sp and csp. */
  void (*resume)(struct WASMModuleInstance* instance, struct WASMExecEnv* exec_env,
                 struct WASMInterpFrame* top);
} Interpreter;
extern const Interpreter plain_interpreter;
/** The same, and counts: needs `visits`. */
extern const Interpreter counting_interpreter;

/* ---- wamr/wamr_thread.c ---- */

/** Bytes of address space below a guest thread's stack that nothing may touch. */
extern __thread uintptr_t guest_guard_from, guest_guard_to;

#ifdef __cplusplus
}
#endif

#endif  // WASMSH_ENGINE_SEAM_H_
