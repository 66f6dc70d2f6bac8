// What the kernels of this folder share. Each is a WASI command whose work hangs on a number that
// no compiler knows, and whose result it puts where none can leave it out.
#ifndef WASMSH_BENCH_KERNEL_H_
#define WASMSH_BENCH_KERNEL_H_

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A count of loops: `value`, but not for the compiler.
static inline int AtRunTime(int value) {
  static volatile int zero;
  return value + zero;
}

static volatile uint64_t kept_result;

static inline void Keep(uint64_t result) { kept_result = result; }
static inline void KeepDouble(double result) {
  uint64_t bits;
  memcpy(&bits, &result, sizeof bits);
  Keep(bits);
}

// Pseudo-random numbers, the same everywhere.
static inline uint32_t NextRandom(uint32_t* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 4;
}

#endif  // WASMSH_BENCH_KERNEL_H_
