#ifndef WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_
#define WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compiled/build_description.h"
#include "engine/compiled/spill_table.h"
#include "engine/compiled/stable_points.h"
#include "engine/compiled/trap_capture.h"
#include "engine/compiled/trap_table.h"
#include "engine/wamr.h"
#include "status.h"

namespace wasmsh::engine {

/** What the compiler and the pass have made. */
struct CompiledFiles {
  std::vector<uint8_t> code;
  std::vector<uint8_t> points;  // the table of stable points
  /** Where the table of traps is, which is read when there is one; may be empty. */
  std::string traps;
};

/** Where the machine code of a compiled module is: its first address, and the one behind it. */
std::pair<uintptr_t, uintptr_t> TextOf(wasm_module_t compiled);

/** Machine code of a module, as WAMR has loaded it, with all that is needed to enter and leave it.
 */
class CompiledCode {
 public:
  /** Lets WAMR load. The code came from the cache, which has checked it. Engine thread. Codes:
   *  COMPILED_CODE, POINTS_INVALID. */
  static Status Load(CompiledFiles files, BuildDescription build,
                     std::unique_ptr<CompiledCode>* out);
  /** Engine thread. */
  ~CompiledCode();

  wasm_module_t wamr() const { return wamr_; }
  /** What an export of the guest is called in the build. */
  static std::string ExportName(const std::string& name);
  const StablePoints& points() const { return *points_; }
  const BuildDescription& build() const { return build_; }
  /** Where the values of a frame are that leaves. */
  const SpillTable& spills() const { return spills_; }
  /** The frames that were there at a trap, innermost first; none when the table cannot be read. */
  std::vector<TrapFrame> FramesOf(const TrapCapture& trap) const;

 private:
  CompiledCode() = default;
  void HideFromWamr();

  std::vector<uint8_t> code_;  // WAMR keeps parts of it
  std::unique_ptr<StablePoints> points_;
  std::string traps_;  // path
  SpillTable spills_;
  BuildDescription build_;
  wasm_module_t wamr_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_
