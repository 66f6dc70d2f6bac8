#ifndef WASMSH_ENGINE_COMPILED_CROSSING_H_
#define WASMSH_ENGINE_COMPILED_CROSSING_H_

#include <cstdint>

namespace wasmsh::engine {

/**
 * How far a guest in the interpreter is on its way into compiled code that has no twins of its own:
 * it asks for twins of the frames at hand, runs on at full speed until they are there, then goes
 * instruction by instruction until its frames fit them. When they do not for long, it asks again
 * with the frames that it then has.
 */
class Crossing {
 public:
  /** Whether something is to be done at the next stable point. */
  bool steps() const { return stage_ == Stage::kUnasked || stage_ == Stage::kTrying; }
  bool gave_up() const { return stage_ == Stage::kGivenUp; }
  bool is_to_ask() const { return stage_ == Stage::kUnasked; }

  /** From the beginning: it stood still, or there is other code. */
  void Restart() {
    stage_ = Stage::kUnasked;
    asked_ = 0;
  }
  void Asked() {
    stage_ = Stage::kAsked;
    ++asked_;
  }
  /** The answer is there. */
  void Try() {
    stage_ = Stage::kTrying;
    left_ = kTries;
  }
  void GiveUp() { stage_ = Stage::kGivenUp; }
  /** It did not fit, at the price of so many instructions. */
  void Miss(uint64_t price) {
    if (stage_ != Stage::kTrying) return;
    left_ -= left_ < price ? left_ : price;
    if (left_ == 0) stage_ = asked_ < kMostAsked ? Stage::kUnasked : Stage::kGivenUp;
  }

 private:
  enum class Stage : uint8_t { kUnasked, kAsked, kTrying, kGivenUp };

  /** Some 50 ms at this slow pace. */
  static constexpr uint64_t kTries = 1'000'000;
  static constexpr uint32_t kMostAsked = 8;

  Stage stage_ = Stage::kUnasked;
  uint32_t asked_ = 0;
  uint64_t left_ = 0;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_CROSSING_H_
