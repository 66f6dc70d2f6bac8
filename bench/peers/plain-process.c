/*
 * A plain process with a given number of MiB of touched memory.
 *
 *   plain-process MIB          says "ready" and waits: what CRIU dumps and restores
 *   plain-process MIB FILE     writes its memory to a file, maps a fresh one, reads it back, and
 *                              prints the seconds that took: the floor for any snapshot by copying
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static double Seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static char* Map(size_t bytes) {
  char* at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) exit(1);
  return at;
}

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  size_t bytes = strtoull(argv[1], NULL, 10) << 20;
  char* memory = Map(bytes);
  for (size_t at = 0; at < bytes; at += 8) *(uint64_t*)(memory + at) = at * 2654435761u + 1;
  if (argc < 3) {
    setsid();
    puts("ready");
    fclose(stdout);
    fclose(stdin);
    fclose(stderr);
    for (;;) pause();
  }
  double before = Seconds();
  int file = open(argv[2], O_CREAT | O_TRUNC | O_RDWR, 0600);
  for (size_t at = 0; at < bytes;) {
    ssize_t written = pwrite(file, memory + at, bytes - at, (off_t)at);
    if (written <= 0) return 1;
    at += (size_t)written;
  }
  char* fresh = Map(bytes);
  for (size_t at = 0; at < bytes;) {
    ssize_t got = pread(file, fresh + at, bytes - at, (off_t)at);
    if (got <= 0) return 1;
    at += (size_t)got;
  }
  printf("%.6f\n", Seconds() - before);
  return 0;
}
