// Copies, compares and turns round by hand, in pieces of all lengths: what bulk instructions are
// for, and what programs have nevertheless.
#include "kernel.h"

static void Copy(uint8_t* to, const uint8_t* from, int count) {
  for (int i = 0; i < count; ++i) to[i] = from[i];
}

static void Reverse(uint8_t* to, const uint8_t* from, int count) {
  for (int i = 0; i < count; ++i) to[i] = from[count - 1 - i];
}

static int Differ(const uint8_t* one, const uint8_t* other, int count) {
  for (int i = 0; i < count; ++i) {
    if (one[i] != other[i]) return i;
  }
  return -1;
}

int main(void) {
  const int most = AtRunTime(5000);
  uint8_t* one = calloc(most, 1);
  uint8_t* other = calloc(most, 1);
  uint32_t sum = 0;
  for (int turn = AtRunTime(24); turn > 0; --turn) {
    for (int count = 1; count < most; ++count) {
      one[count - 1] = count;
      Copy(other, one, count);
      sum += Differ(one, other, count);
      Reverse(one, other, count);
    }
  }
  Keep(sum);
  return 0;
}
