#include "hostcalls/plugin_imports.h"

#include <wasm_export.h>

#include <cstring>
#include <map>
#include <mutex>
#include <utility>

#include "hostcalls/ask_plugin.h"
#include "hostcalls/guest_memory.h"
#include "hostcalls/host_state_private.h"
#include "hostcalls/plugin_request.h"

namespace wasmsh::hostcalls {
namespace {

/** A name that is good for as long as the process lives. */
struct ImportName {
  std::string module;
  std::string name;
  bool is_registered = false;  // since WAMR's start
};

void ImportNative(wasm_exec_env_t exec_env, uint64_t* args) {
  const auto* name = static_cast<const ImportName*>(wasm_runtime_get_function_attachment(exec_env));
  ThreadControl* control = ThreadControlOf(exec_env);
  const CallSpec* spec =
      control == nullptr ? nullptr : control->host().imports().Find(name->module, name->name);
  if (spec != nullptr) return RunOn(*control, *spec, exec_env, args);
  // As WAMR says it of an import that nobody has registered.
  const std::string text =
      "failed to call unlinked import function (" + name->module + ", " + name->name + ")";
  wasm_runtime_set_exception(wasm_runtime_get_module_inst(exec_env), text.c_str());
}

/** Every name so far, by module. */
struct Known {
  std::mutex mutex;
  std::map<std::string, std::map<std::string, ImportName*>> modules;

  static Known& Get() {
    static auto* const known = new Known;
    return *known;
  }
};

/** All or nothing: what a call wrote while it could see the memory must still fit. */
bool ApplyWrites(const Call& call, const PluginAnswer& answer) {
  GuestMemory memory(call.exec_env);
  for (const PluginAnswer::Write& write : answer.writes) {
    if (!memory.Contains(write.address, write.bytes.size())) return false;
  }
  for (const PluginAnswer::Write& write : answer.writes) {
    if (write.bytes.empty()) continue;
    memcpy(memory.At(write.address, write.bytes.size()), write.bytes.data(), write.bytes.size());
  }
  return true;
}

Outcome CallPlugin(Call& call) {
  PluginRequest request;
  request.target = call.host.imports().PlaceOf(call.spec);
  request.numbers.assign(call.args, call.args + call.spec.argument_count);
  const PluginAnswer* answer = nullptr;
  if (auto outcome = AskPlugin(call, std::move(request), &answer)) return *outcome;
  if (!ApplyWrites(call, *answer)) {
    call.trap = "out of bounds memory access";
    return Outcome::kTrap;
  }
  call.value = answer->numbers.empty() ? 0 : answer->numbers[0];
  call.answer = answer;
  return Outcome::kDone;
}

}  // namespace

PluginImports::PluginImports(std::vector<PluginImport> imports) : imports_(std::move(imports)) {
  for (const PluginImport& one : imports_) {
    specs_.push_back({one.module.c_str(), one.name.c_str(), one.signature.c_str(),
                      CallClass::kWaitsThenActs, CallPlugin, one.shape, true});
    specs_.back().ReadSignature();
  }
}

const CallSpec* PluginImports::Find(const std::string& module, const std::string& name) const {
  for (const CallSpec& spec : specs_) {
    if (name == spec.name && module == spec.module) return &spec;
  }
  return nullptr;
}

void ForgetImports() {
  Known& known = Known::Get();
  std::lock_guard<std::mutex> lock(known.mutex);
  for (auto& [module, names] : known.modules) {
    for (auto& [text, name] : names) name->is_registered = false;
  }
}

Status RegisterImport(const std::string& module, const std::string& name) {
  Known& known = Known::Get();
  std::lock_guard<std::mutex> lock(known.mutex);
  auto& names = known.modules[module];
  ImportName*& own = names[name];
  if (own == nullptr) own = new ImportName{module, name};
  if (own->is_registered) return Status::Ok();
  own->is_registered = true;
  // WAMR looks up "_f" as "f" too, newest registration first: those that this one would hide are
  // registered again beside it, where the exact name is found first.
  auto* symbols = new std::vector<NativeSymbol>();
  for (std::string each = name; names.count(each) != 0; each = "_" + each) {
    ImportName* found = names[each];
    symbols->push_back(
        {found->name.c_str(), reinterpret_cast<void*>(&ImportNative), nullptr, found});
  }
  if (wasm_runtime_register_natives_raw(own->module.c_str(), symbols->data(),
                                        static_cast<uint32_t>(symbols->size()))) {
    return Status::Ok();
  }
  return Status::Error("INTERNAL", "WAMR cannot register " + module + "." + name);
}

}  // namespace wasmsh::hostcalls
