#include "engine/compiled/trap_capture.h"

#include <ucontext.h>
#include <unwind.h>

#include <algorithm>

#include "engine/seam.h"

extern "C" {
__thread TrapCapture* trap_capture = nullptr;
}

namespace {

/** What debug information calls the frame pointer. */
#if defined(__x86_64__)
constexpr int kFramePointer = 6;
#elif defined(__aarch64__)
constexpr int kFramePointer = 29;
#elif defined(__riscv)
constexpr int kFramePointer = 8;
#else
constexpr int kFramePointer = -1;  // no compiled code
#endif

void ReadRegisters(const ucontext_t& context, TrapCapture* capture) {
  const auto& machine = context.uc_mcontext;
#if defined(__x86_64__)
  capture->pc = uintptr_t(machine.gregs[REG_RIP]);
  capture->stack_pointer = uintptr_t(machine.gregs[REG_RSP]);
  capture->frame_pointer = uintptr_t(machine.gregs[REG_RBP]);
#elif defined(__aarch64__)
  capture->pc = machine.pc;
  capture->stack_pointer = machine.sp;
  capture->frame_pointer = machine.regs[29];
  capture->return_address = machine.regs[30];
#elif defined(__riscv)
  capture->pc = machine.__gregs[REG_PC];
  capture->stack_pointer = machine.__gregs[REG_SP];
  capture->frame_pointer = machine.__gregs[REG_S0];
  capture->return_address = machine.__gregs[REG_RA];
#else
  (void)machine;
  (void)capture;
#endif
}

bool IsInText(const TrapCapture& capture, uintptr_t pc) {
  return pc >= capture.text_from && pc < capture.text_to;
}

/** Takes the first frame of compiled code on the way up through the runtime's functions. */
_Unwind_Reason_Code TakeFrame(_Unwind_Context* frame, void* argument) {
  auto* capture = static_cast<TrapCapture*>(argument);
  const uintptr_t pc = _Unwind_GetIP(frame);
  if (!IsInText(*capture, pc)) return _URC_NO_REASON;
  capture->is_call = true;
  capture->pc = pc;
  capture->stack_pointer = _Unwind_GetCFA(frame);
  if (kFramePointer >= 0) capture->frame_pointer = _Unwind_GetGR(frame, kFramePointer);
  return _URC_NORMAL_STOP;
}

/** Not memcpy: sanitizers know what of a stack may not be read. */
__attribute__((no_sanitize("address"))) void CopyStack(TrapCapture* capture) {
  // What lies in the guard cannot be read.
  capture->stack_from = std::max(capture->stack_pointer & ~uintptr_t{7}, guest_guard_to);
  if (capture->stack_from >= capture->stack_to) return;
  capture->stack_bytes =
      std::min(capture->stack_capacity, capture->stack_to - capture->stack_from) & ~size_t{7};
  const auto* from = reinterpret_cast<const volatile uint64_t*>(capture->stack_from);
  auto* to = reinterpret_cast<volatile uint64_t*>(capture->stack);
  for (size_t i = 0; i < capture->stack_bytes / 8; ++i) to[i] = from[i];
}

}  // namespace

extern "C" void CaptureTrap(TrapCapture* capture, const void* context) {
  if (capture->is_set) return;
  capture->is_set = true;
  ReadRegisters(*static_cast<const ucontext_t*>(context), capture);
  // The runtime's functions trap by touching a page that nothing may touch, and hold no lock there;
  // so do memcpy and the like, which some loops have become. Unwinding from them is safe.
  if (!IsInText(*capture, capture->pc)) _Unwind_Backtrace(TakeFrame, capture);
  CopyStack(capture);
}
