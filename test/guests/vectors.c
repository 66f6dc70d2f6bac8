/* SIMD of a real program: a blur, a matrix product and a search for bytes, written with the
 * intrinsics of clang, and what it makes of plain loops. Prints a line of digests each round. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wasm_simd128.h>

enum { side = 96, order = 48 };

static unsigned next(unsigned *state) { return *state = *state * 1664525u + 1013904223u; }

static unsigned digest(const void *bytes, size_t size) {
  const unsigned char *at = bytes;
  unsigned sum = 2166136261u;
  for (size_t i = 0; i < size; i++) sum = (sum ^ at[i]) * 16777619u;
  return sum;
}

/* Mean of three lines, 16 pixels at a time. */
static void blur(const unsigned char *from, unsigned char *to) {
  for (int y = 1; y + 1 < side; y++) {
    for (int x = 0; x < side; x += 16) {
      const unsigned char *at = from + y * side + x;
      v128_t ends = wasm_u8x16_avgr(wasm_v128_load(at - side), wasm_v128_load(at + side));
      wasm_v128_store(to + y * side + x, wasm_u8x16_avgr(ends, wasm_v128_load(at)));
    }
  }
}

static void multiply(const float *a, const float *b, float *c) {
  for (int i = 0; i < order; i++) {
    for (int j = 0; j < order; j += 4) {
      v128_t sum = wasm_f32x4_splat(0);
      for (int k = 0; k < order; k++) {
        sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_f32x4_splat(a[i * order + k]),
                                                 wasm_v128_load(b + k * order + j)));
      }
      wasm_v128_store(c + i * order + j, sum);
    }
  }
}

static int count(const unsigned char *bytes, size_t size, unsigned char wanted) {
  const v128_t pattern = wasm_i8x16_splat((char)wanted);
  int found = 0;
  for (size_t i = 0; i + 16 <= size; i += 16) {
    found += __builtin_popcount(wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(bytes + i), pattern)));
  }
  return found;
}

/* Sorts by a comparison through a pointer, with a vector kept across the calls. */
static v128_t weights;
static int compare(const void *left, const void *right) {
  const v128_t a = wasm_i32x4_mul(wasm_i32x4_splat(*(const int *)left), weights);
  const v128_t b = wasm_i32x4_mul(wasm_i32x4_splat(*(const int *)right), weights);
  const v128_t d = wasm_i32x4_sub(wasm_u32x4_shr(a, 8), wasm_u32x4_shr(b, 8));
  const int sum = wasm_i32x4_extract_lane(d, 0) + wasm_i32x4_extract_lane(d, 1);
  return sum < 0 ? -1 : sum > 0;
}

int main(int count_of_arguments, char **arguments) {
  const int rounds = count_of_arguments > 1 ? atoi(arguments[1]) : 10;
  unsigned state = 42;
  unsigned char *image = malloc(side * side), *blurred = calloc(side, side);
  float *a = malloc(sizeof(float) * order * order), *b = malloc(sizeof(float) * order * order);
  float *c = malloc(sizeof(float) * order * order);
  int *list = malloc(sizeof(int) * 500);
  weights = wasm_i32x4_make(3, 5, 7, 11);
  for (int i = 0; i < side * side; i++) image[i] = (unsigned char)(next(&state) >> 24);
  for (int i = 0; i < order * order; i++) {
    a[i] = (float)(next(&state) >> 20) / 4096;
    b[i] = (float)(next(&state) >> 20) / 4096;
  }
  for (int round = 0; round < rounds; round++) {
    blur(image, blurred);
    memcpy(image + side, blurred + side, side * (side - 2));
    multiply(a, b, c);
    for (int i = 0; i < order * order; i++) a[i] = c[i] / order;
    for (int i = 0; i < 500; i++) list[i] = (int)(next(&state) >> 8);
    qsort(list, 500, sizeof *list, compare);
    printf("%d %08x %08x %d %08x\n", round, digest(image, side * side),
           digest(a, sizeof(float) * order * order), count(image, side * side, 127),
           digest(list, sizeof(int) * 500));
    fflush(stdout);
  }
  return 0;
}
