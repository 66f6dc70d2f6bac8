// LU decomposition: loops whose length changes from round to round.
#include "kernel.h"

static void Decompose(int n, double* a) {
  for (int k = 0; k < n; ++k) {
    for (int i = k + 1; i < n; ++i) {
      const double factor = a[i * n + k] / a[k * n + k];
      a[i * n + k] = factor;
      for (int j = k + 1; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
    }
  }
}

int main(void) {
  const int n = AtRunTime(220);
  double* a = calloc(n * n, sizeof *a);
  double sum = 0;
  for (int turn = AtRunTime(60); turn > 0; --turn) {
    for (int i = 0; i < n * n; ++i) a[i] = i % (n + 1) == 0 ? n : i % 7;
    Decompose(n, a);
    sum += a[n * n - 1];
  }
  KeepDouble(sum);
  return 0;
}
