#include "wasm/module.h"

#include <algorithm>

#include "wasm/module_parser.h"

namespace wasmsh::wasm {
namespace {

/** Entry of a list sorted by index; nullptr when there is none. */
template <typename T>
const T* FindByIndex(const std::vector<std::pair<uint32_t, T>>& list, uint32_t index) {
  const auto at = std::lower_bound(list.begin(), list.end(), index,
                                   [](const auto& entry, uint32_t i) { return entry.first < i; });
  return at == list.end() || at->first != index ? nullptr : &at->second;
}

std::string ExportedName(const Module& module, ExternalKind kind, uint32_t index) {
  for (const Export& entry : module.exports) {
    if (entry.kind == kind && entry.index == index) return entry.name;
  }
  return {};
}

/** Name of the `index`-th import of a kind as "module.name"; empty when there are fewer. */
std::string ImportedName(const Module& module, ExternalKind kind, uint32_t index) {
  for (const Import& import : module.imports) {
    if (import.kind != kind) continue;
    if (index == 0) return import.module + "." + import.name;
    --index;
  }
  return {};
}

}  // namespace

Status Module::Parse(std::shared_ptr<const std::vector<uint8_t>> bytes,
                     std::shared_ptr<const Module>* out) {
  auto module = std::make_shared<Module>();
  module->bytes = std::move(bytes);
  Status status = ModuleParser(module.get()).Run();
  if (status.ok()) *out = std::move(module);
  return status;
}

std::string Module::FunctionName(uint32_t function) const {
  const std::string* name = FindByIndex(function_names, function);
  if (name != nullptr && !name->empty()) return *name;
  std::string exported = ExportedName(*this, ExternalKind::kFunction, function);
  if (!exported.empty()) return exported;
  return ImportedName(*this, ExternalKind::kFunction, function);
}

std::string Module::GlobalName(uint32_t global) const {
  const std::string* name = FindByIndex(global_names, global);
  if (name != nullptr && !name->empty()) return *name;
  std::string exported = ExportedName(*this, ExternalKind::kGlobal, global);
  if (!exported.empty()) return exported;
  return ImportedName(*this, ExternalKind::kGlobal, global);
}

std::string Module::LocalName(uint32_t function, uint32_t local) const {
  const auto* names = FindByIndex(local_names, function);
  const std::string* name = names == nullptr ? nullptr : FindByIndex(*names, local);
  return name == nullptr ? std::string() : *name;
}

ValueType Module::LocalType(uint32_t function, uint32_t local) const {
  const std::vector<ValueType>& params = TypeOf(function).params;
  if (local < params.size()) return params[local];
  return functions[function].locals[local - params.size()];
}

uint32_t Module::LocalCount(uint32_t function) const {
  return static_cast<uint32_t>(TypeOf(function).params.size() + functions[function].locals.size());
}

const Export* Module::FindExport(const std::string& name, ExternalKind kind) const {
  for (const Export& entry : exports) {
    if (entry.kind == kind && entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace wasmsh::wasm
