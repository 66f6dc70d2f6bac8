#include "engine/compiled/frame_here.h"

#include <cstring>

#include "engine/compiled/suspended_stack.h"

namespace wasmsh::engine {

thread_local const SpillSources* spill_sources = nullptr;

#if defined(__x86_64__)

namespace {

/** The frame has been asked for: whatever is not found is missed when the frames are taken. */
void Take(uintptr_t return_address, const SpillCapture& capture) {
  for (const SpillSource& one : spill_sources->code) {
    if (return_address < one.text_from || return_address >= one.text_to) continue;
    SpilledFrame frame;
    if (!one.table->Read(return_address - one.text_from, capture, &frame)) break;
    suspended_stack->BeginFrame(frame.function, frame.point);
    for (const uint64_t value : frame.values) suspended_stack->Spill(value);
    return;
  }
  suspended_stack->Lose();
}

}  // namespace

/** What frame_here_x86_64.cc writes. */
struct KeptRegisters {
  uint64_t general[16];
  uint64_t vectors[16][4];  // of 32 bytes, or their lower halves only
};

extern "C" {
void wasmsh_frame_here();

/** Whether there are vectors of 32 bytes to be kept. */
uint8_t wasmsh_has_wide_vectors = 0;

void wasmsh_take_frame(const KeptRegisters* kept, uintptr_t return_address) {
  constexpr int kStackPointer = 7;
  SpillCapture capture = {};
  std::memcpy(capture.general, kept->general, sizeof kept->general);
  for (int i = 0; i < 16; ++i) capture.vectors[i] = {kept->vectors[i][0], kept->vectors[i][1]};
  capture.stack_pointer = kept->general[kStackPointer];
  capture.stack_to = spill_sources->stack_to;
  Take(return_address, capture);
}
}

void* FrameHere() {
  wasmsh_has_wide_vectors = __builtin_cpu_supports("avx") ? 1 : 0;
  return reinterpret_cast<void*>(wasmsh_frame_here);
}

#else

namespace {

/** No code for this CPU calls it. */
void Unexpected() { suspended_stack->Lose(); }

}  // namespace

void* FrameHere() { return reinterpret_cast<void*>(Unexpected); }

#endif

}  // namespace wasmsh::engine
