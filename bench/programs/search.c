// Looks for words in a text, by their first byte and by bad characters: loops with two ends, whose
// rounds nobody can count.
#include "kernel.h"

static int CountNaive(const char* text, const char* word) {
  int found = 0;
  for (; *text; ++text) {
    if (*text != *word) continue;
    int i = 1;
    while (word[i] && text[i] == word[i]) ++i;
    found += word[i] == 0;
  }
  return found;
}

static int CountHorspool(const char* text, int length, const char* word, int size) {
  int skip[256], found = 0;
  for (int i = 0; i < 256; ++i) skip[i] = size;
  for (int i = 0; i < size - 1; ++i) skip[(uint8_t)word[i]] = size - 1 - i;
  for (int at = 0; at + size <= length; at += skip[(uint8_t)text[at + size - 1]]) {
    int i = size - 1;
    while (i >= 0 && text[at + i] == word[i]) --i;
    found += i < 0;
  }
  return found;
}

int main(void) {
  const int length = AtRunTime(1 << 20);
  char* text = calloc(length + 1, 1);
  uint32_t state = 9;
  for (int i = 0; i < length; ++i) text[i] = 'a' + NextRandom(&state) % 12;
  int found = 0;
  for (int turn = AtRunTime(60); turn > 0; --turn) {
    found += CountNaive(text, "abcab");
    found += CountHorspool(text, length, "abcdefga", 8);
    found += strlen(text);
  }
  Keep(found);
  return 0;
}
