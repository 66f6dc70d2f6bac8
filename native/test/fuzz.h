#ifndef WASMSH_TEST_FUZZ_H_
#define WASMSH_TEST_FUZZ_H_

#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "test/check.h"

/** What the fuzz tests share: a seeded generator, mutations, and a limit on time. */
namespace wasmsh::test {

/** xorshift64*: the same numbers everywhere. */
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint64_t Next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545f4914f6cdd1du;
  }
  /** A number below `limit`; 0 when that is 0. */
  size_t Below(size_t limit) { return limit == 0 ? 0 : static_cast<size_t>(Next() % limit); }

 private:
  uint64_t state_;
};

inline double ThreadSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/** Seconds that one fuzz test computes: 3, or WASMSH_FUZZ_SECONDS. */
inline double FuzzSeconds() {
  const char* text = std::getenv("WASMSH_FUZZ_SECONDS");
  const double seconds = text == nullptr ? 0 : std::atof(text);
  return seconds > 0 ? seconds : 3;
}

/** Seed of the first round: 1, or WASMSH_FUZZ_SEED. Round n has seed + n, so one can be repeated.
 */
inline uint64_t FuzzSeed() {
  const char* text = std::getenv("WASMSH_FUZZ_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/** Changes, inserts, removes, repeats or cuts some bytes of `bytes` from `begin` on. */
inline void Mutate(std::vector<uint8_t>* bytes, size_t begin, Random* random) {
  static constexpr uint8_t kTelling[] = {0x00, 0x01, 0x02, 0x0b, 0x40, 0x7f, 0x80, 0xfc, 0xff};
  const size_t changes = 1 + random->Below(4);
  for (size_t i = 0; i < changes && bytes->size() > begin; ++i) {
    const size_t at = begin + random->Below(bytes->size() - begin);
    const auto place = bytes->begin() + static_cast<std::ptrdiff_t>(at);
    switch (random->Below(7)) {
      case 0:
        *place = static_cast<uint8_t>(random->Next());
        break;
      case 1:
        *place = static_cast<uint8_t>(*place ^ (1u << random->Below(8)));
        break;
      case 2:
        *place = kTelling[random->Below(sizeof(kTelling))];
        break;
      case 3:
        bytes->insert(place, static_cast<uint8_t>(random->Next()));
        break;
      case 4:
        bytes->erase(place);
        break;
      case 5: {
        const size_t from = begin + random->Below(bytes->size() - begin);
        *place = (*bytes)[from];
        break;
      }
      default:
        if (random->Below(8) == 0) bytes->resize(at);
        break;
    }
  }
}

/** Runs `round(seed)` until the time is over; a round that takes long fails, since nothing may
 *  hang. Gives the number of rounds. */
template <typename Round>
uint64_t FuzzRounds(Round round) {
  constexpr double kMaxRoundSeconds = 10;
  const double end = ThreadSeconds() + FuzzSeconds();
  uint64_t rounds = 0;
  for (double now = ThreadSeconds(); now < end; ++rounds) {
    const uint64_t seed = FuzzSeed() + rounds;
    round(seed);
    const double then = ThreadSeconds();
    if (then - now > kMaxRoundSeconds) {
      Fail(__FILE__, __LINE__, "WASMSH_FUZZ_SEED=" + std::to_string(seed) + " takes too long");
    }
    now = then;
  }
  std::printf("%llu rounds\n", static_cast<unsigned long long>(rounds));
  return rounds;
}

}  // namespace wasmsh::test

#endif  // WASMSH_TEST_FUZZ_H_
