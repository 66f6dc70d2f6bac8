// Quicksort with insertion sort below it: branches that nobody predicts, short loops.
#include "kernel.h"

static void Sort(uint32_t* from, uint32_t* to) {
  while (to - from > 16) {
    const uint32_t pivot = from[(to - from) / 2];
    uint32_t *left = from, *right = to - 1;
    for (;;) {
      while (*left < pivot) ++left;
      while (*right > pivot) --right;
      if (left >= right) break;
      const uint32_t other = *left;
      *left++ = *right;
      *right-- = other;
    }
    Sort(from, left);
    from = left;
  }
  for (uint32_t* one = from + 1; one < to; ++one) {
    const uint32_t value = *one;
    uint32_t* place = one;
    for (; place > from && place[-1] > value; --place) *place = place[-1];
    *place = value;
  }
}

int main(void) {
  const int n = AtRunTime(200000);
  uint32_t* numbers = calloc(n, sizeof *numbers);
  uint32_t state = 3, sum = 0;
  for (int turn = AtRunTime(20); turn > 0; --turn) {
    for (int i = 0; i < n; ++i) numbers[i] = NextRandom(&state);
    Sort(numbers, numbers + n);
    sum += numbers[n / 2];
  }
  Keep(sum);
  return 0;
}
