// Five-point stencil on a grid whose size is known at run time only.
#include "kernel.h"

static void Step(int n, const double* from, double* to) {
  for (int i = 1; i < n - 1; ++i) {
    for (int j = 1; j < n - 1; ++j) {
      to[i * n + j] = 0.2 * (from[i * n + j] + from[i * n + j - 1] + from[i * n + j + 1] +
                             from[(i - 1) * n + j] + from[(i + 1) * n + j]);
    }
  }
}

int main(void) {
  const int n = AtRunTime(300);
  double* one = calloc(n * n, sizeof *one);
  double* other = calloc(n * n, sizeof *other);
  for (int i = 0; i < n * n; ++i) one[i] = i % 19;
  for (int turn = AtRunTime(1500); turn > 0; --turn) {
    Step(n, one, other);
    Step(n, other, one);
  }
  KeepDouble(one[n + 1]);
  return 0;
}
