// Product of matrices whose size is known at run time only.
#include "kernel.h"

static void Multiply(int n, const double* a, const double* b, double* c) {
  for (int i = 0; i < n; ++i) {
    for (int k = 0; k < n; ++k) {
      const double factor = a[i * n + k];
      for (int j = 0; j < n; ++j) c[i * n + j] += factor * b[k * n + j];
    }
  }
}

int main(void) {
  const int n = AtRunTime(256);
  double* a = calloc(n * n, sizeof *a);
  double* b = calloc(n * n, sizeof *b);
  double* c = calloc(n * n, sizeof *c);
  for (int i = 0; i < n * n; ++i) {
    a[i] = i % 17;
    b[i] = i % 13;
  }
  for (int turn = AtRunTime(30); turn > 0; --turn) Multiply(n, a, b, c);
  KeepDouble(c[n + 1]);
  return 0;
}
