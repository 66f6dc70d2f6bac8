// A hash table with open addressing that grows: probing, far accesses, branches.
#include "kernel.h"

typedef struct {
  uint32_t key, value;
} Entry;
static Entry* entries;
static uint32_t capacity, used;

static uint32_t Mix(uint32_t key) {
  key ^= key >> 16;
  key *= 0x7feb352d;
  key ^= key >> 15;
  key *= 0x846ca68b;
  return key ^ key >> 16;
}

static void Insert(uint32_t key, uint32_t value);

static void Grow(void) {
  Entry* old = entries;
  const uint32_t count = capacity;
  capacity = capacity ? capacity * 2 : 16;
  entries = calloc(capacity, sizeof(Entry));
  used = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (old[i].key) Insert(old[i].key, old[i].value);
  }
  free(old);
}

static void Insert(uint32_t key, uint32_t value) {
  if (used * 2 >= capacity) Grow();
  uint32_t at = Mix(key) & (capacity - 1);
  while (entries[at].key && entries[at].key != key) at = (at + 1) & (capacity - 1);
  if (!entries[at].key) {
    entries[at].key = key;
    ++used;
  }
  entries[at].value += value;
}

static uint32_t Find(uint32_t key) {
  for (uint32_t at = Mix(key) & (capacity - 1); entries[at].key; at = (at + 1) & (capacity - 1)) {
    if (entries[at].key == key) return entries[at].value;
  }
  return 0;
}

int main(void) {
  uint32_t sum = 0, state = 1;
  for (int turn = AtRunTime(80); turn > 0; --turn) {
    free(entries);
    entries = NULL;
    capacity = used = 0;
    for (int i = 0; i < 30000; ++i) Insert(NextRandom(&state) >> 8 | 1, i);
    for (uint32_t i = 0; i < 120000; ++i) sum += Find((i * 2654435761u) >> 12 | 1);
  }
  Keep(sum);
  return 0;
}
