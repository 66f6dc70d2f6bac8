// Floating point in a loop that ends when the numbers say so.
#include "kernel.h"

static int Escape(double x, double y, int most) {
  double re = 0, im = 0;
  int rounds = 0;
  while (rounds < most && re * re + im * im < 4) {
    const double next = re * re - im * im + x;
    im = 2 * re * im + y;
    re = next;
    ++rounds;
  }
  return rounds;
}

int main(void) {
  const int size = AtRunTime(420), most = AtRunTime(400);
  uint32_t sum = 0;
  for (int i = 0; i < size; ++i) {
    for (int j = 0; j < size; ++j) sum += Escape(3.0 * j / size - 2.2, 2.4 * i / size - 1.2, most);
  }
  Keep(sum);
  return 0;
}
