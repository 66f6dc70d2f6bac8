#ifndef WASMSH_ENGINE_COMPILED_SUSPENDED_STACK_H_
#define WASMSH_ENGINE_COMPILED_SUSPENDED_STACK_H_

#include <cstdint>
#include <vector>

#include "engine/compiled/build_description.h"
#include "engine/compiled/stable_points.h"
#include "image/view.h"
#include "status.h"
#include "wasm/module.h"

namespace wasmsh::engine {

/**
 * The frames of a guest's compiled code on their way out of the native stack, or into it, with the
 * calls by which code does that (src/core/aot/interface-names.ts). One a guest's thread.
 */
class SuspendedStack {
 public:
  /** What a compiled frame holds: values in the order of its stable point, a v128 as two. A host
   *  function that is to be called again, or a wait, is a frame of its arguments. */
  struct Frame {
    uint32_t function = 0;
    uint32_t point = 0;
    size_t first = 0;  // of its values
  };

  /** `build` says what references to functions are in running code. */
  explicit SuspendedStack(const BuildDescription& build) : build_(build) {}

  // ---- spilling, innermost first ----
  void BeginFrame(uint32_t function, uint32_t point);
  void Spill(uint64_t value) { values_.push_back(value); }
  /** A frame was to be spilled of which nothing is known. */
  void Lose();

  // ---- rebuilding, outermost first ----
  /** The next frame is the current one from now on; its point. */
  uint32_t Enter();
  uint64_t Reload(uint32_t slot) const;
  uint64_t ReloadHigh(uint32_t slot) const;
  /** Place of the next frame's twin in the table of twins; -1 when none comes. */
  int32_t Callee() const;

  /** A reference of running code as the index in the original module, and the reverse; null is -1.
   */
  int32_t IndexOfFunction(uint32_t reference) const;
  uint32_t FunctionAt(int32_t index) const;

  /** Whether frames have been spilled and not been taken. */
  bool has_spilled() const { return !frames_.empty(); }
  void Clear();

  /**
   * Takes the spilled frames as those of a thread: frames, and the status with the arguments of the
   * call that is to be begun again. Leaves nothing here. Codes: INTERNAL, POINTS_INVALID.
   */
  Status Take(const StablePoints& points, const wasm::Module& module, view::Thread* thread);

  /** Whether a thread of a snapshot stands where compiled code can go on. Codes: SNAPSHOT_INVALID,
   *  POINTS_INVALID. */
  static Status CheckStable(const view::Thread& thread, const StablePoints& points);

  /**
   * Puts in the frames of a thread, to be rebuilt. `twins` are the functions that the table of
   * twins stands for. Codes: INTERNAL for a frame that stands at no stable point or has no twin.
   */
  Status Put(const view::Thread& thread, const StablePoints& points,
             const std::vector<uint32_t>& twins);

 private:
  struct Slot {
    uint64_t low = 0;
    uint64_t high = 0;
  };
  /** A frame that is to be rebuilt. */
  struct Stored {
    uint32_t point = 0;
    int32_t twin = 0;  // place in the table of twins
    std::vector<Slot> slots;
  };

  Status TakeFrame(const Frame& from, size_t end, bool is_innermost, const StablePoints& points,
                   view::Frame* frame) const;
  const Slot* Find(uint32_t slot) const;

  const BuildDescription& build_;
  std::vector<Frame> frames_;
  std::vector<uint64_t> values_;
  bool has_lost_ = false;
  std::vector<Stored> stored_;
  size_t next_ = 0;  // among them
};

/** Where the calls of this thread's compiled code go; null outside of compiled code. */
extern thread_local SuspendedStack* suspended_stack;

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_SUSPENDED_STACK_H_
