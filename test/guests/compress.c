/*
 * A C program of real size: libzstd compresses and decompresses text that is made up on the way, at
 * several levels, in one piece and as a stream, and says what came out.
 *
 * Usage: compress KIBIBYTES
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zstd.h"

static const char *const words[] = {"snapshot", "recover", "guest",  "host", "memory", "table",
                                    "global",   "frame",   "operand", "and",  "the",    "of",
                                    "pause",    "resume",  "step",   "a"};

static uint32_t random_state = 12345;

static uint32_t random_number(uint32_t below) {
  random_state = random_state * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)random_state * below) >> 32);
}

static void make_text(char *to, size_t bytes) {
  size_t at = 0;
  while (at < bytes) {
    const char *word = words[random_number(sizeof words / sizeof words[0])];
    size_t length = strlen(word);
    if (length > bytes - at) length = bytes - at;
    memcpy(to + at, word, length);
    at += length;
    if (at < bytes) to[at++] = random_number(12) == 0 ? '\n' : ' ';
  }
}

static uint64_t checksum(const void *data, size_t bytes) {
  const uint8_t *at = data;
  uint64_t sum = 0xcbf29ce484222325u;
  for (size_t i = 0; i < bytes; i++) sum = (sum ^ at[i]) * 0x100000001b3u;
  return sum;
}

static void fail(const char *what, size_t code) {
  fprintf(stderr, "%s: %s\n", what, ZSTD_getErrorName(code));
  exit(1);
}

static size_t compress_stream(char *to, size_t capacity, const char *text, size_t bytes) {
  ZSTD_CStream *stream = ZSTD_createCStream();
  ZSTD_outBuffer out = {to, capacity, 0};
  size_t left = ZSTD_initCStream(stream, 2);
  for (size_t at = 0; at < bytes && !ZSTD_isError(left);) {
    size_t piece = bytes - at < 1000 ? bytes - at : 1000;
    ZSTD_inBuffer in = {text + at, piece, 0};
    while (in.pos < in.size) {
      left = ZSTD_compressStream(stream, &out, &in);
      if (ZSTD_isError(left)) fail("stream", left);
    }
    at += piece;
  }
  do {
    left = ZSTD_endStream(stream, &out);
    if (ZSTD_isError(left)) fail("end of stream", left);
  } while (left != 0);
  ZSTD_freeCStream(stream);
  return out.pos;
}

int main(int count, char **arguments) {
  size_t bytes = (size_t)(count > 1 ? atoi(arguments[1]) : 16) * 1024;
  size_t capacity = ZSTD_compressBound(bytes);
  char *text = malloc(bytes);
  char *packed = malloc(capacity);
  char *unpacked = malloc(bytes);
  if (!text || !packed || !unpacked) return 2;
  make_text(text, bytes);
  printf("%zu bytes, %016llx\n", bytes, (unsigned long long)checksum(text, bytes));

  const int levels[] = {0, 1, 4, 9, 16};
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
    size_t size = levels[i] == 0 ? compress_stream(packed, capacity, text, bytes)
                                 : ZSTD_compress(packed, capacity, text, bytes, levels[i]);
    if (ZSTD_isError(size)) fail("compress", size);
    printf("level %d: %zu bytes, %016llx\n", levels[i], size,
           (unsigned long long)checksum(packed, size));
    fflush(stdout);
    memset(unpacked, 0, bytes);
    size_t back = ZSTD_decompress(unpacked, bytes, packed, size);
    if (ZSTD_isError(back)) fail("decompress", back);
    if (back != bytes || memcmp(text, unpacked, bytes) != 0) return 3;
  }
  free(unpacked);
  free(packed);
  free(text);
  printf("all the same\n");
  return 0;
}
