#include "engine/loaded_module.h"

#include "engine/compiled/stand_in.h"
#include "hostcalls/plugin_imports.h"
#include "wasm/float_constants.h"

namespace wasmsh::engine {

namespace {

constexpr const char* kThreads = "wasi";  // thread-spawn, which WAMR provides

Status ValidateBodies(const std::shared_ptr<const wasm::Module>& module) {
  for (uint32_t i = module->imported_functions; i < module->functions.size(); ++i) {
    std::shared_ptr<const wasm::FunctionAnalysis> body;
    if (Status s = wasm::FunctionAnalysis::Make(module, i, &body); !s.ok()) return s;
  }
  return Status::Ok();
}

}  // namespace

LoadedModule::LoadedModule(std::string sha256, std::shared_ptr<const wasm::Module> module)
    : sha256_(std::move(sha256)), analysis_(std::move(module)) {}

Status LoadedModule::Load(const std::string& sha256, std::shared_ptr<const wasm::Module> module,
                          std::unique_ptr<LoadedModule>* out) {
  auto loaded = std::unique_ptr<LoadedModule>(new LoadedModule(sha256, std::move(module)));
  if (loaded->is_compiled_only()) {
    // WAMR sees no body of it.
    if (Status s = ValidateBodies(loaded->analysis_.module()); !s.ok()) return s;
    loaded->bytes_ = StandIn(loaded->module());
  } else {
    loaded->bytes_ = *loaded->module().bytes;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    Status turned = wasm::ReverseFloatConstants(loaded->module(), &loaded->bytes_);
    if (!turned.ok()) return turned;
#endif
  }
  for (const wasm::Import& import : loaded->module().imports) {
    if (import.kind != wasm::ExternalKind::kFunction) continue;
    if (hostcalls::FindHostCall(import.module, import.name) || import.module == kThreads) continue;
    if (Status s = hostcalls::RegisterImport(import.module, import.name); !s.ok()) return s;
  }
  char error[192] = "";
  loaded->wamr_ = wasm_runtime_load(loaded->bytes_.data(), uint32_t(loaded->bytes_.size()), error,
                                    sizeof error);
  if (!loaded->wamr_) {
    std::string text = error;
    const std::string prefix = "WASM module load failed: ";
    if (text.rfind(prefix, 0) == 0) text = text.substr(prefix.size());
    // WAMR's own rule, not the specification's: the module is valid.
    if (text.find("must export memory") != std::string::npos) {
      return Status::Error("UNSUPPORTED_FEATURE",
                           "WAMR runs a program that exports \"_start\" only if it exports its "
                           "memory as \"memory\", which this one does not");
    }
    return Status::Error("MODULE_INVALID", "The module does not validate: " + text);
  }
  *out = std::move(loaded);
  return Status::Ok();
}

LoadedModule::~LoadedModule() {
  if (wamr_) wasm_runtime_unload(wamr_);
}

std::array<uint8_t, 32> LoadedModule::digest() const {
  std::array<uint8_t, 32> bytes = {};
  for (size_t i = 0; i < 32 && 2 * i + 1 < sha256_.size(); i++) {
    bytes[i] = uint8_t(std::stoul(sha256_.substr(2 * i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace wasmsh::engine
