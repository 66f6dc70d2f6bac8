#include <cstring>

#include "hostcalls/guest_memory.h"
#include "hostcalls/host_state_private.h"

namespace wasmsh::hostcalls {
namespace {

uint64_t Rotate(uint64_t value, int bits) { return (value << bits) | (value >> (64 - bits)); }

}  // namespace

void SeededRandom::Seed(uint64_t seed) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    uint64_t mixed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    word = mixed ^ (mixed >> 31);
  }
}

uint64_t SeededRandom::Next() {
  uint64_t result = Rotate(state_[1] * 5, 7) * 9;
  uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = Rotate(state_[3], 45);
  return result;
}

void SeededRandom::Fill(uint8_t* to, size_t length) {
  std::lock_guard<std::mutex> lock(mutex_);
  while (length > 0) {
    uint8_t word[8];
    GuestMemory::Encode(word, Next());
    size_t part = length < sizeof word ? length : sizeof word;
    memcpy(to, word, part);
    to += part;
    length -= part;
  }
}

std::array<uint64_t, 4> SeededRandom::state() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return state_;
}

void SeededRandom::set_state(const uint64_t (&state)[4]) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (size_t i = 0; i < 4; ++i) state_[i] = state[i];
}

}  // namespace wasmsh::hostcalls
