// Bodies that attract each other: floating point, square roots and divisions.
#include <math.h>

#include "kernel.h"

typedef struct {
  double x, y, z, vx, vy, vz, mass;
} Body;

static void Advance(Body* bodies, int count, double time) {
  for (int i = 0; i < count; ++i) {
    for (int j = i + 1; j < count; ++j) {
      Body *a = &bodies[i], *b = &bodies[j];
      const double dx = a->x - b->x, dy = a->y - b->y, dz = a->z - b->z;
      const double square = dx * dx + dy * dy + dz * dz + 0.01;
      const double pull = time / (square * sqrt(square));
      a->vx -= dx * b->mass * pull;
      a->vy -= dy * b->mass * pull;
      a->vz -= dz * b->mass * pull;
      b->vx += dx * a->mass * pull;
      b->vy += dy * a->mass * pull;
      b->vz += dz * a->mass * pull;
    }
  }
  for (int i = 0; i < count; ++i) {
    bodies[i].x += time * bodies[i].vx;
    bodies[i].y += time * bodies[i].vy;
    bodies[i].z += time * bodies[i].vz;
  }
}

int main(void) {
  Body bodies[8];
  const int count = AtRunTime(5);
  for (int i = 0; i < count; ++i) {
    bodies[i] = (Body){i, 2 * i % 5, 3 * i % 7, 0.1 * i, 0.2, 0, 1 + i};
  }
  for (int turn = AtRunTime(1500000); turn > 0; --turn) Advance(bodies, count, 0.001);
  KeepDouble(bodies[0].x);
  return 0;
}
