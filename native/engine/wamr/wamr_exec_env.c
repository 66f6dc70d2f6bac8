/*
 * WAMR's wasm_exec_env.c, unmodified, with memset redirected: the wasm stack lies at the end of the
 * exec_env and stock code writes zeros over all of it, so that 1 MiB of stack costs 1 MiB a thread.
 * Here the inner pages are given back to the kernel, which reads them as zero and backs them on
 * use.
 */
#include "wasm_exec_env.h"
#include "wasm_runtime_common.h"
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kWorthwhileBytes = 65536 };

static void* ZeroLazily(void* to, size_t bytes) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  uintptr_t from = ((uintptr_t)to + page - 1) & ~(page - 1);
  uintptr_t end = ((uintptr_t)to + bytes) & ~(page - 1);
  if (bytes < kWorthwhileBytes || madvise((void*)from, end - from, MADV_DONTNEED) != 0) {
    return memset(to, 0, bytes);
  }
  memset(to, 0, from - (uintptr_t)to);
  memset((void*)end, 0, (uintptr_t)to + bytes - end);
  return to;
}

enum { kCountBefore = __COUNTER__ };
#define memset(to, value, bytes) ((void)(value), (void)__COUNTER__, ZeroLazily(to, bytes))
#include "common/wasm_exec_env.c"
#undef memset
_Static_assert(__COUNTER__ - kCountBefore - 1 >= 1,
               "WAMR's wasm_exec_env.c no longer calls memset");
