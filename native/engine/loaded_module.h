#ifndef WASMSH_ENGINE_LOADED_MODULE_H_
#define WASMSH_ENGINE_LOADED_MODULE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/wamr.h"
#include "status.h"
#include "wasm/analysis.h"
#include "wasm/module.h"

namespace wasmsh::engine {

/** A module as WAMR has loaded it, with our own reading of its pristine bytes. */
class LoadedModule {
 public:
  /** Lets WAMR load and validate. Engine thread. Codes: MODULE_INVALID, UNSUPPORTED_FEATURE. */
  static Status Load(const std::string& sha256, std::shared_ptr<const wasm::Module> module,
                     std::unique_ptr<LoadedModule>* out);
  /** Engine thread. */
  ~LoadedModule();

  const std::string& sha256() const { return sha256_; }  // hex
  std::array<uint8_t, 32> digest() const;
  const wasm::Module& module() const { return *analysis_.module(); }
  wasm::ModuleAnalysis* analysis() { return &analysis_; }
  /** WAMR's interpreter cannot run it. What WAMR has loaded is a stand-in (compiled/stand_in.h). */
  bool is_compiled_only() const { return module().uses_simd; }
  wasm_module_t wamr() const { return wamr_; }
  /** The bytes that WAMR's interpreter runs; as long as the module's, but for a stand-in. */
  const uint8_t* interpreted() const { return bytes_.data(); }

 private:
  LoadedModule(std::string sha256, std::shared_ptr<const wasm::Module> module);

  const std::string sha256_;
  wasm::ModuleAnalysis analysis_;
  std::vector<uint8_t> bytes_;  // WAMR rewrites and keeps them
  wasm_module_t wamr_ = nullptr;
};

}  // namespace wasmsh::engine

#endif  // WASMSH_ENGINE_LOADED_MODULE_H_
