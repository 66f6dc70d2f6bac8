// One long loop over whole numbers: many more rounds than fit between two polls.
#include "kernel.h"

__attribute__((noinline)) static void Add(uint32_t* restrict to, const uint32_t* restrict from,
                                          uint32_t factor, int n) {
  for (int i = 0; i < n; ++i) to[i] += factor * from[i];
}

int main(void) {
  const int n = AtRunTime(1000000);
  uint32_t* to = calloc(n, sizeof *to);
  uint32_t* from = calloc(n, sizeof *from);
  for (int i = 0; i < n; ++i) from[i] = i % 31;
  for (int turn = AtRunTime(600); turn > 0; --turn) Add(to, from, turn, n);
  Keep(to[n - 1]);
  return 0;
}
