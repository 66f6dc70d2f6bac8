#ifndef WASMSH_ENGINE_COMPILED_TWINS_H_
#define WASMSH_ENGINE_COMPILED_TWINS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/compiled/compiled_code.h"
#include "engine/wamr.h"
#include "image/view.h"
#include "status.h"

namespace wasmsh::engine {

/** A function of frames and a point of it. */
struct FramePoint {
  uint32_t function = 0;
  uint32_t point = 0;
};

/** What a build of twins has (src/core/aot/build-description.ts). */
struct TwinDescription {
  BuildDescription build;
  /** For each twin the points at which it can be entered, ascending; nothing for all of them. */
  std::vector<std::optional<std::vector<uint32_t>>> points;
};

/**
 * Machine code to enter certain functions of a module at certain stable points, made on demand.
 * WAMR loads it as a module of its own, of which only the addresses of the twins are used: they run
 * in an instance of the code proper, which is laid out in the same way. To be kept while any of its
 * code may be on a stack.
 */
class Twins {
 public:
  /** Engine thread. Codes: COMPILED_CODE when WAMR refuses it, or it does not go with `code`. */
  static Status Load(std::vector<uint8_t> bytes, TwinDescription description,
                     const CompiledCode& code, std::unique_ptr<Twins>* out);
  /** Engine thread. */
  ~Twins();
  Twins(const Twins&) = delete;
  Twins& operator=(const Twins&) = delete;

  /** Functions that have a twin, ascending, in the order of their places. */
  const std::vector<uint32_t>& functions() const { return description_.build.twins; }
  bool Has(const FramePoint& at) const;
  /** Address of a twin and the index of its type. */
  void* address(size_t place) const;
  uint32_t type(size_t place) const;
  wasm_module_t wamr() const { return wamr_; }
  /** Where the values of a frame are that leaves. */
  const SpillTable& spills() const { return spills_; }

 private:
  explicit Twins(TwinDescription description) : description_(std::move(description)) {}

  std::vector<uint8_t> bytes_;  // WAMR keeps parts of it
  const TwinDescription description_;
  SpillTable spills_;
  wasm_module_t wamr_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_COMPILED_TWINS_H_
