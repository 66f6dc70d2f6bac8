// A bytecode interpreter. How fast such code runs depends on where it lies: LAYOUT puts so many
// functions in front of it, and the benchmark takes several.
#include "kernel.h"

#ifndef LAYOUT
#define LAYOUT 0
#endif

#define PADDING(name)                                                                   \
  __attribute__((noinline, export_name(#name))) uint32_t name(uint32_t a, uint32_t b) { \
    return (a ^ b * 2654435761u) + (a << 7 | b >> 3) * (b + 77);                        \
  }
#if LAYOUT > 0
PADDING(padding1)
#endif
#if LAYOUT > 1
PADDING(padding2)
#endif
#if LAYOUT > 2
PADDING(padding3)
#endif

enum { kPush, kAdd, kSub, kMul, kDup, kSwap, kLoad, kStore, kJumpIf, kJump, kLess, kXor, kShift,
       kAnd, kHalt };

__attribute__((noinline)) static int64_t Run(const int* code, int64_t* memory) {
  int64_t stack[64];
  int top = 0, at = 0;
  for (;;) {
    switch (code[at++]) {
      case kPush: stack[top++] = code[at++]; break;
      case kAdd: --top; stack[top - 1] += stack[top]; break;
      case kSub: --top; stack[top - 1] -= stack[top]; break;
      case kMul: --top; stack[top - 1] *= stack[top]; break;
      case kDup: stack[top] = stack[top - 1]; ++top; break;
      case kSwap: {
        const int64_t other = stack[top - 1];
        stack[top - 1] = stack[top - 2];
        stack[top - 2] = other;
        break;
      }
      case kLoad: stack[top++] = memory[code[at++]]; break;
      case kStore: memory[code[at++]] = stack[--top]; break;
      case kJumpIf: {
        const int target = code[at++];
        if (stack[--top]) at = target;
        break;
      }
      case kJump: at = code[at]; break;
      case kLess: --top; stack[top - 1] = stack[top - 1] < stack[top]; break;
      case kXor: --top; stack[top - 1] ^= stack[top]; break;
      case kShift: --top; stack[top - 1] = (uint64_t)stack[top - 1] >> stack[top]; break;
      case kAnd: --top; stack[top - 1] &= stack[top]; break;
      case kHalt: return memory[0];
    }
  }
}

int main(void) {
  static int code[] = {
      kPush, 0, kStore, 1,
      // 4: one turn.
      kLoad, 0, kPush, 31, kMul, kLoad, 1, kXor, kDup, kPush, 7, kShift, kAdd,
      kPush, 0xfffffff, kAnd, kStore, 0, kLoad, 1, kPush, 1, kAdd, kDup, kStore, 1,
      kPush, 6000000, kLess, kJumpIf, 4, kHalt,
  };
  static int64_t memory[16] = {1};
  Keep(Run(code, memory));
  return 0;
}
