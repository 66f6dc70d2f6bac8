#ifndef WASMSH_ENGINE_RUN_COUNTER_H_
#define WASMSH_ENGINE_RUN_COUNTER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "wasm/analysis.h"

/** Positions: how many instructions a thread has executed. */
namespace wasmsh::engine {

/** Ordinals of a body's instructions, and where each straight run ends. */
struct FunctionRuns {
  static constexpr uint32_t kNoInstruction = UINT32_MAX;
  /** By byte of the body: the ordinal of the instruction that starts there, or kNoInstruction. */
  std::vector<uint32_t> ordinal_at;
  /** By ordinal: the ordinal of the instruction that ends its run (which may be itself). */
  std::vector<uint32_t> run_end;
  /** By ordinal: its pc. */
  std::vector<uint32_t> pc_of;

  bool IsInstruction(uint32_t pc) const {
    return pc < ordinal_at.size() && ordinal_at[pc] != kNoInstruction;
  }
};

/** FunctionRuns of one module's functions, made at first use. Not thread-safe: one a thread. */
class RunTable {
 public:
  explicit RunTable(wasm::ModuleAnalysis* analysis);
  /** Whether it has been made. */
  bool Has(uint32_t function) const {
    return function < functions_.size() && functions_[function] != nullptr;
  }
  /** nullptr when the body cannot be analysed (WAMR has validated it, so this is a bug). */
  const FunctionRuns* Of(uint32_t function);

 private:
  wasm::ModuleAnalysis* analysis_;
  std::vector<std::unique_ptr<FunctionRuns>> functions_;
};

/**
 * Counts the instructions of one thread by stopping only where a straight run begins and ends: two
 * stops a run instead of one an instruction. Near a target it stops at every instruction.
 *
 * Use: Arrive at each stop, then read `position`, then Leave, which says how to go on.
 */
class RunCounter {
 public:
  enum class Next { kEveryInstruction, kRunEnd };

  void Start(uint64_t position) {
    active_ = true;
    in_run_ = false;
    next_position_ = position;
  }
  void Stop() { active_ = false; }
  bool active() const { return active_; }
  /** Stop before this position is executed; none: only count. */
  void SetTarget(std::optional<uint64_t> target) { target_ = target; }
  std::optional<uint64_t> target() const { return target_; }

  /** The thread stands in front of the instruction at `pc`, an instruction start. */
  void Arrive(const FunctionRuns& runs, uint32_t pc);
  /** Position of the instruction it stands in front of. */
  uint64_t position() const { return position_; }
  bool AtTarget() const { return target_ && position_ == *target_; }
  /** The instruction is about to execute. `run_end_pc` is set for kRunEnd. */
  Next Leave(const FunctionRuns& runs, uint32_t* run_end_pc);

  /** Position of the instruction at `pc` of the run that is executing: for a trap inside it. */
  uint64_t PositionInRun(const FunctionRuns& runs, uint32_t pc) const;
  /** Position of whatever comes next, when the thread is in a host call. */
  uint64_t next_position() const { return next_position_; }
  /** The instruction at which it last arrived will be executed (again) next. */
  void Again(uint64_t position) {
    in_run_ = false;
    next_position_ = position;
  }

 private:
  bool active_ = false;
  bool in_run_ = false;
  uint64_t next_position_ = 0;  // of the first instruction of the next run
  uint64_t position_ = 0;
  uint32_t ordinal_ = 0;
  uint64_t run_position_ = 0;  // of the instruction with run_ordinal_
  uint32_t run_ordinal_ = 0;
  std::optional<uint64_t> target_;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_RUN_COUNTER_H_
