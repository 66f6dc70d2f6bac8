#ifndef WASMSH_ENGINE_COMPILED_STABLE_POINTS_H_
#define WASMSH_ENGINE_COMPILED_STABLE_POINTS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "status.h"
#include "wasm/types.h"

namespace wasmsh::engine {

/** A place where compiled code can stop and go on. */
struct StablePoint {
  /** Of the next instruction, as in a frame of the wasm view. */
  uint32_t pc = 0;
  /** Locals that are spilled, ascending; the others are not read before they are set. */
  std::vector<uint32_t> live;
  /** The whole operand stack; behind a call with its results. */
  std::vector<wasm::ValueType> operands;
  bool is_call = false;
  uint32_t results = 0;  // of the call
};

/** The stable points of one function, by number. */
struct FunctionPoints {
  std::vector<wasm::ValueType> locals;  // parameters first
  std::vector<StablePoint> points;

  /** Number of the point at `pc`, from 0. Where a function's entry and another point share one, the
   *  entry's. */
  std::optional<uint32_t> At(uint32_t pc) const;
};

/** memory.atomic.wait of one width and offset, which counts as a call. */
struct WaitShape {
  uint32_t width = 32;  // bits
  uint32_t offset = 0;
};

/**
 * The stable points of a module, as src/core/aot/ writes them (docs/compiled-code.md): the same for
 * every CPU and every option. Functions are read when they are asked for. Thread-safe: all guests
 * of a module have the same one.
 */
class StablePoints {
 public:
  /** Codes: POINTS_INVALID for bytes that are no table of this version. */
  static Status Parse(std::vector<uint8_t> bytes, std::unique_ptr<StablePoints>* out);

  uint32_t functions() const { return functions_; }  // imported ones first
  uint32_t imported_functions() const { return imported_functions_; }
  const std::vector<WaitShape>& waits() const { return waits_; }

  /** nullptr for a function that cannot be suspended. Codes: POINTS_INVALID. */
  Status Of(uint32_t function, const FunctionPoints** out) const;
  /** The point of a function at `pc`, nothing where there is none; `of`, if given, is what Of
   * gives. Codes: POINTS_INVALID. */
  Status At(uint32_t function, uint32_t pc, std::optional<uint32_t>* point,
            const FunctionPoints** of = nullptr) const;

 private:
  struct Place {
    uint32_t begin;
    uint32_t end;
  };

  std::vector<uint8_t> bytes_;
  uint32_t functions_ = 0;
  uint32_t imported_functions_ = 0;
  std::vector<WaitShape> waits_;
  std::map<uint32_t, Place> places_;
  mutable std::mutex mutex_;  // of read_; what it holds stays, and is never changed
  mutable std::map<uint32_t, std::unique_ptr<FunctionPoints>> read_;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_STABLE_POINTS_H_
