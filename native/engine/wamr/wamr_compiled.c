/*
 * WAMR's aot_runtime.c, unmodified, with two functions renamed, whose names ours have then. What
 * compiled code calls by the name of aot_set_exception_with_id takes two more arguments, the place
 * of the trap in the original module (native/compiler/explicit_traps.h). And a memory.init that
 * fails has to end the guest's code as every other trap does: behind the stock function its
 * caller's callers go on.
 */
#define aot_set_exception_with_id StockSetExceptionWithId
#define aot_memory_init StockMemoryInit
#include "aot/aot_runtime.c"
#undef aot_set_exception_with_id
#undef aot_memory_init

#include "engine/compiled/trap_capture.h"

/* UINT32_MAX stands for what is not known. */
void aot_set_exception_with_id(AOTModuleInstance* instance, uint32 id, uint32 function, uint32 pc) {
  if (trap_capture && function != UINT32_MAX && pc != UINT32_MAX) {
    trap_capture->has_place = true;
    trap_capture->function = function;
    trap_capture->place_pc = pc;
  }
  StockSetExceptionWithId(instance, id);
}

bool aot_memory_init(AOTModuleInstance* instance, uint32 segment, uint32 offset, uint32 length,
                     size_t to) {
  if (StockMemoryInit(instance, segment, offset, length, to)) return true;
#ifdef OS_ENABLE_HW_BOUND_CHECK
  wasm_runtime_access_exce_check_guard_page(); /* jumps away */
#endif
  return false;
}
