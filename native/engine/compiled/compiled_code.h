#ifndef WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_
#define WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/compiled/build_description.h"
#include "engine/compiled/stable_points.h"
#include "engine/wamr.h"
#include "status.h"

namespace wasmsh::engine {

/** Machine code of a module, as WAMR has loaded it, with all that is needed to enter and leave it.
 */
class CompiledCode {
 public:
  /** Lets WAMR load. `code` came from the cache, which has checked it. Engine thread. Codes:
   *  COMPILED_CODE, POINTS_INVALID. */
  static Status Load(std::vector<uint8_t> code, std::vector<uint8_t> points, BuildDescription build,
                     std::unique_ptr<CompiledCode>* out);
  /** Engine thread. */
  ~CompiledCode();

  wasm_module_t wamr() const { return wamr_; }
  /** What an export of the guest is called in the build. */
  static std::string ExportName(const std::string& name);
  const StablePoints& points() const { return *points_; }
  const BuildDescription& build() const { return build_; }

 private:
  CompiledCode() = default;
  void HideFromWamr();

  std::vector<uint8_t> code_;  // WAMR keeps parts of it
  std::unique_ptr<StablePoints> points_;
  BuildDescription build_;
  wasm_module_t wamr_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_COMPILED_CODE_H_
