/*
 * WAMR's posix_thread.c, unmodified, with two names redirected. Calls of sigaction(): stock
 * os_thread_signal_init forgets the actions it found at the second guest thread, and Node needs
 * SIGSEGV for its own WebAssembly. Ours is installed once a process, knows what Node had installed,
 * and passes everything on that is not a guest's. It stands in this file because it reads the
 * static thread-local `signal_handler`.
 *
 * The macro takes arguments, so `struct sigaction` in the same file is left alone.
 *
 * Calls of pthread_attr_getguardsize() are redirected too: stock os_thread_get_stack_boundary adds
 * the guard's size to an address that lies behind the guard already, and ours is larger than the
 * stack. WAMR would see no stack left when it runs what an instantiation runs.
 */
#include "platform_api_vmcore.h"
#include "platform_api_extension.h"
#include "wasm_runtime_common.h"
#include "interpreter/wasm_runtime.h"
#include <signal.h>

#include "engine/compiled/trap_capture.h"
#include "engine/seam.h"

static int InstallFaultHandler(void);

enum { kCountBefore = __COUNTER__ };
#define sigaction(sig, act, old) ((void)(act), (void)__COUNTER__, InstallFaultHandler())
#define pthread_attr_getguardsize(attributes, bytes) ((void)__COUNTER__, *(bytes) = 0)
#include "../shared/platform/common/posix/posix_thread.c"
#undef sigaction
#undef pthread_attr_getguardsize
_Static_assert(__COUNTER__ - kCountBefore - 1 == 3,
               "WAMR's posix_thread.c no longer calls sigaction twice and getguardsize once");

__thread uintptr_t guest_guard_from, guest_guard_to;

/* What was installed before us: Node's, or the default. */
static struct sigaction previous_segv, previous_bus;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;
static int install_result;

static void PassOn(int sig, siginfo_t* info, void* context) {
  const struct sigaction* previous = sig == SIGSEGV ? &previous_segv : &previous_bus;
  if (previous->sa_flags & SA_SIGINFO) {
    previous->sa_sigaction(sig, info, context); /* V8's trap handler, or Node's own end */
    return;
  }
  if (previous->sa_handler == SIG_IGN && info->si_code <= 0) return;
  if (previous->sa_handler == SIG_DFL || previous->sa_handler == SIG_IGN) {
    struct sigaction by_default = {.sa_handler = SIG_DFL};
    sigaction(sig, &by_default, NULL);
    /* A real fault happens again on return; one sent by kill does not. */
    if (info->si_code <= 0) raise(sig);
    return;
  }
  previous->sa_handler(sig);
}

/* Leaves the guest's code with an exception; comes back only when the fault is not a guest's. */
static void LeaveGuest(const siginfo_t* info, const void* context) {
  WASMExecEnv* exec_env = wasm_runtime_get_exec_env_tls();
  if (!exec_env || !exec_env->jmpbuf_stack_top) return;
  if (trap_capture) CaptureTrap(trap_capture, context);
  WASMModuleInstance* instance = (WASMModuleInstance*)exec_env->module_inst;
  uintptr_t address = (uintptr_t)info->si_addr;
  if (address >= guest_guard_from && address < guest_guard_to) {
    wasm_set_exception(instance, "native stack overflow");
    os_longjmp(exec_env->jmpbuf_stack_top->jmpbuf, 1);
  }
  for (uint32 i = 0; i < instance->memory_count; i++) {
    uintptr_t from = (uintptr_t)instance->memories[i]->memory_data;
    if (address >= from && address - from < instance->memories[i]->memory_data_size) {
      /* Inside the memory: the image behind it cannot be read. Not the guest's doing. */
      wasm_set_exception(instance, "host error: memory image lost");
      os_longjmp(exec_env->jmpbuf_stack_top->jmpbuf, 1);
    }
  }
  signal_handler(info->si_addr); /* compiled code: jumps away for the guard region of a memory */
}

static void OnFault(int sig, siginfo_t* info, void* context) {
  /* signal_handler is set only on threads that run guests; si_code <= 0 was sent by somebody. */
  if (signal_handler && info->si_code > 0) LeaveGuest(info, context);
  PassOn(sig, info, context);
}

static void Install(void) {
  struct sigaction action = {.sa_sigaction = OnFault};
  sigemptyset(&action.sa_mask);
  sigaction(SIGSEGV, NULL, &previous_segv);
  sigaction(SIGBUS, NULL, &previous_bus);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  install_result = sigaction(SIGSEGV, &action, NULL) | sigaction(SIGBUS, &action, NULL);
}

static int InstallFaultHandler(void) {
  pthread_once(&install_once, Install);
  return install_result;
}
