#ifndef WASMSH_ENGINE_PARKED_FRAMES_H_
#define WASMSH_ENGINE_PARKED_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/compiled/stable_points.h"
#include "engine/frames.h"
#include "engine/wamr.h"
#include "image/view.h"
#include "status.h"

namespace wasmsh::engine {

/**
 * The frames of a guest that stands still, wherever they are: on the interpreter's stack, or in the
 * wasm view, as they came out of compiled code that nothing else can run. 0 is the innermost. Good
 * for as long as the guest stands still.
 */
class ParkedFrames {
 public:
  /** Frames from `top` outwards. Code: INTERNAL when one of the host's lies between them. */
  static Status OnStack(WASMModuleInstance* instance, WASMInterpFrame* top,
                        view::ThreadStatus status, wasm::ModuleAnalysis* analysis,
                        ParkedFrames* out);
  /** The frames of `thread`, which stand at stable points, now and when they are changed. */
  static ParkedFrames InView(view::Thread* thread, const StablePoints* points);

  size_t count() const { return thread_ == nullptr ? stack_.size() : thread_->frames.size(); }
  /** `frame` is below count(). Codes: INTERNAL. */
  Status Read(size_t frame, view::Frame* out) const;
  /** Sets a local or an operand that Read has shown. Code: EDIT_RANGE for a local that compiled
   * code has dropped. */
  Status Write(size_t frame, bool is_local, uint32_t index, const view::Value& value);
  /** Moves the innermost frame to a place where it has the same operands. Codes: PC_INVALID,
   *  PC_UNREACHABLE. */
  Status Place(uint32_t pc);

 private:
  FramePlace PlaceOf(size_t frame) const;

  WASMModuleInstance* instance_ = nullptr;
  wasm::ModuleAnalysis* analysis_ = nullptr;
  std::vector<WASMInterpFrame*> stack_;
  bool is_in_call_ = false;
  view::Thread* thread_ = nullptr;
  const StablePoints* points_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_PARKED_FRAMES_H_
