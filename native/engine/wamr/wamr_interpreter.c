/*
 * WAMR's classic interpreter, unmodified, with a few names redirected by the preprocessor:
 *
 *   DEFINE_GOTO_TABLE            the dispatch table becomes one of the guest thread's own, and two
 *                                entries are added behind it: stop and resume
 *   WASM_SUSPEND_FLAGS_GET       reads as 0: the thread manager's polls vanish; whatever would set
 *                                these flags arms the table instead
 *   OS_ENABLE_HW_BOUND_CHECK     undefined: memory is checked by compare, so that a trap keeps its
 *                                frame and an atomic out of bounds leaves no lock held
 *   wasm_set_exception           remembers where a trap was raised
 *   wasm_runtime_atomic_wait     ours: can be paused
 *   wasm_interp_call_wasm        ours: the outermost call, which also recovers and retries
 *   LOAD_ and STORE_ macros      on hosts that are big-endian: linear_memory.h
 *
 * This file is compiled once as it is, and once through wamr_counting_interpreter.c, where further
 * labels count visits: whoever counts none has nothing of them.
 *
 * The build stops below, or at a static assertion, when one of these names is gone.
 */
#include "wasm_interp.h"
#include "bh_log.h"
#include "wasm_runtime.h"
#include "wasm_opcode.h"
#include "wasm_loader.h"
#include "wasm_memory.h"
#include "../common/wasm_exec_env.h"
#include "../common/wasm_shared_memory.h"
#include "../libraries/thread-mgr/thread_manager.h"
#include <stdio.h>
#include <string.h>

#include "engine/seam.h"

#ifndef DEFINE_GOTO_TABLE
#error "WAMR no longer has DEFINE_GOTO_TABLE: see docs/architecture.md, the interpreter's table"
#endif
#ifndef WASM_SUSPEND_FLAGS_GET
#error "WAMR no longer has WASM_SUSPEND_FLAGS_GET"
#endif
#if WASM_ENABLE_LABELS_AS_VALUES == 0 || WASM_ENABLE_GC != 0 || WASM_ENABLE_EXCE_HANDLING != 0
#error "the interpreter's include file is written for labels as values, without GC and exceptions"
#endif

#ifdef WASMSH_COUNTS_VISITS
#include "engine/wamr/visit_labels.h"
#else
__thread GuestSeam* guest_seam;
#define RUNNING_TABLE stock_table
#define VISIT_LABELS(_name)
#define VISIT_LABEL_LIST NULL
static void LearnVisits(const void* const* table, const void* const* labels) {}
#endif

/* WAMR's own table, which only the interpreter function can name; learned at the first entry. */
static const void* stock_table[256];
static const void* stop_table[256];
static const void* stop_label;
static bool table_learned;
/* Never executed: as the callee of an entry it means "go on in prev_frame". */
static WASMFunctionInstance resume_marker;

/* Opcodes behind which execution may go on elsewhere. */
static const uint8 run_end_opcodes[] = {
    WASM_OP_UNREACHABLE,
    WASM_OP_IF,
    WASM_OP_ELSE,
    WASM_OP_END,
    WASM_OP_BR,
    WASM_OP_BR_IF,
    WASM_OP_BR_TABLE,
    WASM_OP_RETURN,
    WASM_OP_CALL,
    WASM_OP_RETURN_CALL,
    WASM_OP_CALL_INDIRECT,
    WASM_OP_RETURN_CALL_INDIRECT,
    EXT_OP_IF,
    EXT_OP_BR_TABLE_CACHE,
};

static void Arm(GuestSeam* seam) {
  if (!seam->ready) return;
  for (int i = 0; i < 256; i++) {
    __atomic_store_n(&seam->live[i], seam->armed ? stop_label : RUNNING_TABLE[i], __ATOMIC_RELAXED);
  }
  if (!seam->armed && seam->armed_at_run_ends) {
    for (size_t i = 0; i < sizeof run_end_opcodes; i++) {
      __atomic_store_n(&seam->live[run_end_opcodes[i]], stop_label, __ATOMIC_RELAXED);
    }
  }
}

/* First entry of a thread: its table is filled under the lock that pauses take, so that a pause
 * asked for earlier is not lost. */
static void Adopt(GuestSeam* seam, const void* const* table, const void* label,
                  const void* const* visit_labels) {
  SeamLockTable(seam);
  if (!__atomic_load_n(&table_learned, __ATOMIC_ACQUIRE)) {
    static bool busy;
    if (!__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE)) {
      memcpy(stock_table, table, sizeof stock_table);
      for (int i = 0; i < 256; i++) stop_table[i] = label;
      stop_label = label;
      LearnVisits(table, visit_labels);
      __atomic_store_n(&table_learned, true, __ATOMIC_RELEASE);
    }
    while (!__atomic_load_n(&table_learned, __ATOMIC_ACQUIRE)) {
    }
  }
  seam->ready = true;
  Arm(seam);
  SeamUnlockTable(seam);
}

#include "stock_goto_table.h" /* made at configure time: the stock macro as STOCK_GOTO_TABLE */
#undef DEFINE_GOTO_TABLE
#define DEFINE_GOTO_TABLE(type, _name)                                                            \
  STOCK_GOTO_TABLE(type, static_table)                                                            \
  const void* const volatile* _name = static_table;                                               \
  GuestSeam* const seam_ = guest_seam;                                                            \
  if (seam_) {                                                                                    \
    if (!seam_->ready) Adopt(seam_, static_table, &&stop, VISIT_LABEL_LIST);                      \
    _name = seam_->stop_at_every_instruction ? stop_table : seam_->live;                          \
  }                                                                                               \
  if (__builtin_expect(cur_func == &resume_marker, 0)) {                                          \
    RECOVER_CONTEXT(prev_frame);                                                                  \
    FETCH_OPCODE_AND_DISPATCH();                                                                  \
  }                                                                                               \
  if (0) {                                                                                        \
  stop:                                                                                           \
    frame_ip--;                                                                                   \
    /* No frame: the one dispatch of opcode_IMPDEP at entry. */                                   \
    if (frame &&                                                                                  \
        (!seam_->run_end || frame_ip == seam_->run_end ||                                         \
         __atomic_load_n(&seam_->armed, __ATOMIC_RELAXED) || seam_->stop_at_every_instruction)) { \
      SYNC_ALL_TO_FRAME();                                                                        \
      if (SeamAtInstruction(seam_, frame)) return;                                                \
      UPDATE_ALL_FROM_FRAME();                                                                    \
      /* An edit may have changed the memory's size, but never moves it. */                       \
      if (memory) linear_mem_size = GET_LINEAR_MEMORY_SIZE(memory);                               \
      _name = seam_->stop_at_every_instruction ? stop_table : seam_->live;                        \
    }                                                                                             \
    goto* RUNNING_TABLE[*frame_ip++];                                                             \
    VISIT_LABELS(_name)                                                                           \
  }

#undef WASM_SUSPEND_FLAGS_GET
#define WASM_SUSPEND_FLAGS_GET(flags) 0

#ifdef WASMSH_COUNTS_VISITS
#define wasm_interp_call_wasm unused_wasm_interp_call_wasm
#else
#define wasm_interp_call_wasm stock_wasm_interp_call_wasm
#endif

#define wasm_runtime_atomic_wait(instance, address, expected, timeout, is_64_bit)  \
  ({                                                                               \
    SYNC_ALL_TO_FRAME();                                                           \
    SeamAtomicWait(guest_seam, (WASMModuleInstance*)(instance), address, expected, \
                   (int64)(timeout), is_64_bit);                                   \
  })

#undef OS_ENABLE_HW_BOUND_CHECK

/*
 * The interpreter writes its registers to the frame on its way out of a trap, with one exception:
 * when a tail call finds the wasm stack exhausted, its own frame is gone and its registers would
 * overwrite the caller's. Hence the caller's are kept here, when the frame allocator gives up.
 */
static void NoteTrap(const char* text) {
  GuestSeam* seam = guest_seam;
  if (!seam || !text) return;
  snprintf(seam->trap_text, sizeof seam->trap_text, "%s", text);
  seam->trap_frame = NULL;
  if (!strcmp(text, "wasm operand stack overflow")) {
    WASMInterpFrame* caller = seam->exec_env->cur_frame;
    seam->trap_frame = caller;
    seam->trap_ip = caller->ip;
    seam->trap_sp = caller->sp;
    seam->trap_csp = caller->csp;
  }
}
#define wasm_set_exception(instance, text) \
  do {                                     \
    NoteTrap(text);                        \
    (wasm_set_exception)(instance, text);  \
  } while (0)

#include "engine/wamr/linear_memory.h"
#include "interpreter/wasm_interp_classic.c"

#undef wasm_interp_call_wasm
#undef wasm_runtime_atomic_wait
#undef wasm_set_exception

#ifndef WASMSH_COUNTS_VISITS
void wasm_interp_call_wasm(WASMModuleInstance* instance, WASMExecEnv* exec_env,
                           WASMFunctionInstance* function, uint32 argc, uint32 argv[]) {
  GuestSeam* seam = guest_seam;
  if (seam && seam->suppress_calls) return;
  if (seam && seam->exec_env == exec_env)
    SeamCallWasm(seam, instance, exec_env, function, argc, argv);
  else
    stock_wasm_interp_call_wasm(instance, exec_env, function, argc, argv);
}
#endif

static void Call(WASMModuleInstance* instance, WASMExecEnv* exec_env,
                 WASMFunctionInstance* function, WASMInterpFrame* previous) {
  if (function->is_import_func)
    wasm_interp_call_func_native(instance, exec_env, function, previous);
  else
    wasm_interp_call_func_bytecode(instance, exec_env, function, previous);
}

static void Resume(WASMModuleInstance* instance, WASMExecEnv* exec_env, WASMInterpFrame* top) {
  wasm_interp_call_func_bytecode(instance, exec_env, &resume_marker, top);
}

#ifdef WASMSH_COUNTS_VISITS
const Interpreter counting_interpreter = {Arm, Call, Resume};
#else
const Interpreter plain_interpreter = {Arm, Call, Resume};
#endif
