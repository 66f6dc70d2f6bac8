#include "engine/compiled/compiled_code.h"

#include <cstring>

// The order of WAMR's headers is content.
extern "C" {
#include "aot_runtime.h"
}

namespace wasmsh::engine {

namespace {

/** Exports that WAMR calls by itself when it instantiates, and what they are hidden as. Entries are
 *  run by the guest's thread, where they can be paused. */
constexpr struct {
  const char* name;
  const char* hidden;
} kHidden[] = {{"_initialize", "wasmsh:_initialize"},
               {"__post_instantiate", "wasmsh:__post_instantiate"},
               {"__wasm_call_ctors", "wasmsh:__wasm_call_ctors"}};

}  // namespace

Status CompiledCode::Load(CompiledFiles files, BuildDescription build,
                          std::unique_ptr<CompiledCode>* out) {
  auto loaded = std::unique_ptr<CompiledCode>(new CompiledCode());
  if (Status s = StablePoints::Parse(std::move(files.points), &loaded->points_); !s.ok()) return s;
  if (loaded->points_->functions() != build.functions ||
      loaded->points_->imported_functions() != build.imported_functions) {
    return Status::Error("POINTS_INVALID", "The table of stable points is that of another module");
  }
  loaded->code_ = std::move(files.code);
  if (Status s = SpillTable::Find(loaded->code_, &loaded->spills_); !s.ok()) return s;
  loaded->traps_ = std::move(files.traps);
  loaded->build_ = std::move(build);
  char error[192] = "";
  loaded->wamr_ =
      wasm_runtime_load(loaded->code_.data(), uint32_t(loaded->code_.size()), error, sizeof error);
  if (loaded->wamr_ == nullptr) {
    return Status::Error("COMPILED_CODE", std::string("WAMR refuses the compiled code: ") + error);
  }
  loaded->HideFromWamr();
  const auto* module = reinterpret_cast<const AOTModule*>(loaded->wamr_);
  for (uint32_t i = loaded->build_.imported_functions; i < module->import_func_count; ++i) {
    if (module->import_funcs[i].func_ptr_linked != nullptr) continue;
    return Status::Error("COMPILED_CODE", std::string("Compiled code calls what is not there: ") +
                                              module->import_funcs[i].func_name);
  }
  *out = std::move(loaded);
  return Status::Ok();
}

void CompiledCode::HideFromWamr() {
  auto* module = reinterpret_cast<AOTModule*>(wamr_);
  // Host calls work on the descriptors of the interpreter's instance: this one needs none.
  module->import_wasi_api = false;
  for (uint32_t i = 0; i < module->export_count; ++i) {
    AOTExport& one = module->exports[i];
    for (const auto& [name, hidden] : kHidden) {
      if (std::strcmp(one.name, name) == 0) one.name = const_cast<char*>(hidden);
    }
  }
}

std::string CompiledCode::ExportName(const std::string& name) {
  for (const auto& [known, hidden] : kHidden) {
    if (name == known) return hidden;
  }
  return name;
}

std::pair<uintptr_t, uintptr_t> TextOf(wasm_module_t compiled) {
  const auto* module = reinterpret_cast<const AOTModule*>(compiled);
  const auto from = reinterpret_cast<uintptr_t>(module->code);
  return {from, from + module->code_size};
}

std::vector<TrapFrame> CompiledCode::FramesOf(const TrapCapture& trap) const {
  TrapTable table;
  if (!trap.is_set || traps_.empty() || !TrapTable::Read(traps_, &table).ok()) return {};
  return table.Frames(trap);
}

CompiledCode::~CompiledCode() {
  if (wamr_ != nullptr) wasm_runtime_unload(wamr_);
}

}  // namespace wasmsh::engine
