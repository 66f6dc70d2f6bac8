#ifndef WASMSH_WASM_FUNCTION_BODY_H_
#define WASMSH_WASM_FUNCTION_BODY_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "wasm/analysis.h"
#include "wasm/validator.h"

namespace wasmsh::wasm {

/** One bit per byte of a body: set where an instruction starts. */
class StartSet {
 public:
  explicit StartSet(uint32_t size) : size_(size), words_((uint64_t{size} + 63) / 64) {}
  void Add(uint32_t pc) { words_[pc / 64] |= uint64_t{1} << (pc % 64); }
  bool Has(uint32_t pc) const { return pc < size_ && (words_[pc / 64] >> (pc % 64) & 1) != 0; }
  /** Greatest start not above `pc`; 0 when there is none, since every body has a first one. */
  uint32_t AtOrBelow(uint32_t pc) const;

 private:
  uint32_t size_;
  std::vector<uint64_t> words_;
};

/** What a FunctionAnalysis keeps. The second half is made when asked for, under `mutex`. */
struct FunctionAnalysis::Body {
  Body(std::shared_ptr<const Module> the_module, uint32_t the_function);

  /** Validates the body and fills the first half. */
  Status Analyse();
  /** Decodes the instruction that starts at `pc`. */
  bool DecodeAt(uint32_t pc, Decoded* out) const;
  bool IsReachable(uint32_t pc) const;
  Instruction ToInstruction(const Decoded& decoded) const;
  /** Runs validation from the last checkpoint up to `pc`, a start. */
  PointState Replay(uint32_t pc) const;

  std::shared_ptr<const Module> module;
  uint32_t function;
  uint32_t begin;  // file offsets
  uint32_t end;
  StartSet starts;
  std::vector<BlockPlace> blocks;
  /** Validation's state at some instructions, so that no replay is long. Sorted by pc. */
  std::vector<std::pair<uint32_t, ValidatorState>> checkpoints;
  /** Stretches [first, second) that cannot be reached, sorted. */
  std::vector<std::pair<uint32_t, uint32_t>> unreachable;
  uint32_t instruction_count = 0;

  std::mutex mutex;
  std::vector<Instruction> instructions;
  std::unordered_map<uint32_t, std::shared_ptr<const PointState>> points;

 private:
  /** Takes a checkpoint when replays would get long for the size of the state. */
  void MaybeCheckpoint(uint32_t pc, const Validator& validator, uint32_t* since);
  void NoteReachability(uint32_t pc, bool reachable, bool* was_reachable);
  Status Invalid(uint32_t offset, const std::string& why) const;
};

}  // namespace wasmsh::wasm

#endif  // WASMSH_WASM_FUNCTION_BODY_H_
