#include "binding/module_object.h"

#include <string>

#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/values.h"
#include "hostcalls/host_call.h"

namespace wasmsh::binding {

namespace {

// Tells our objects from a stranger's; any constant does.
constexpr napi_type_tag kModuleTag = {0x7761736d73684d6fu, 0x64756c654f626a31u};
constexpr const char* kExternalKinds[] = {"function", "table", "memory", "global"};

Napi::Array TypeNames(Napi::Env env, const std::vector<wasm::ValueType>& types) {
  auto names = Napi::Array::New(env, types.size());
  for (size_t i = 0; i < types.size(); i++) {
    names.Set(uint32_t(i), wasm::ValueTypeName(types[i]));
  }
  return names;
}

std::string Spell(const wasm::FunctionType& type) {
  std::string text = "(func";
  for (const auto& [word, list] :
       {std::make_pair(" (param", &type.params), std::make_pair(" (result", &type.results)}) {
    if (list->empty()) continue;
    text += word;
    for (const auto item : *list) text += std::string(" ") + wasm::ValueTypeName(item);
    text += ")";
  }
  return text + ")";
}

std::string Spell(const wasm::Limits& limits) {
  std::string text = std::to_string(limits.min);
  if (limits.max) text += " " + std::to_string(*limits.max);
  return limits.shared ? text + " shared" : text;
}

std::string Spell(const wasm::Module& module, const wasm::Import& import) {
  switch (import.kind) {
    case wasm::ExternalKind::kFunction:
      return Spell(module.types[import.type_index]);
    case wasm::ExternalKind::kTable:
      return "(table " + Spell(import.table.limits) + " " +
             wasm::ValueTypeName(import.table.element) + ")";
    case wasm::ExternalKind::kMemory:
      return "(memory " + Spell(import.memory) + ")";
    case wasm::ExternalKind::kGlobal: {
      const std::string type = wasm::ValueTypeName(import.global.type);
      return "(global " + (import.global.is_mutable ? "(mut " + type + ")" : type) + ")";
    }
  }
  return "";
}

/** WAMR's signature of a type in terms of i, I, f and F. */
std::string Signature(const wasm::FunctionType& type) {
  const auto letter = [](wasm::ValueType value) {
    switch (value) {
      case wasm::ValueType::kI32:
        return 'i';
      case wasm::ValueType::kI64:
        return 'I';
      case wasm::ValueType::kF32:
        return 'f';
      case wasm::ValueType::kF64:
        return 'F';
      default:
        return '?';
    }
  };
  std::string text = "(";
  for (const auto param : type.params) text += letter(param);
  text += ")";
  for (const auto result : type.results) text += letter(result);
  return text;
}

bool IsProvided(const wasm::Module& module, const wasm::Import& import) {
  if (import.kind != wasm::ExternalKind::kFunction) return false;
  const hostcalls::CallSpec* spec = hostcalls::FindHostCall(import.module, import.name);
  return spec && Signature(module.types[import.type_index]) == spec->signature;
}

Napi::Value NumberOrNull(Napi::Env env, const std::optional<uint64_t>& value) {
  return value ? Napi::Value(Napi::Number::New(env, double(*value))) : env.Null();
}

Napi::Array Imports(Napi::Env env, const wasm::Module& module) {
  auto list = Napi::Array::New(env, module.imports.size());
  for (size_t i = 0; i < module.imports.size(); i++) {
    const wasm::Import& import = module.imports[i];
    auto item = Napi::Object::New(env);
    item.Set("module", import.module);
    item.Set("name", import.name);
    item.Set("kind", kExternalKinds[size_t(import.kind)]);
    item.Set("type", Spell(module, import));
    item.Set("provided", IsProvided(module, import));
    list.Set(uint32_t(i), item);
  }
  return list;
}

Napi::Array Exports(Napi::Env env, const wasm::Module& module) {
  auto list = Napi::Array::New(env, module.exports.size());
  for (size_t i = 0; i < module.exports.size(); i++) {
    auto item = Napi::Object::New(env);
    item.Set("name", module.exports[i].name);
    item.Set("kind", kExternalKinds[size_t(module.exports[i].kind)]);
    item.Set("index", module.exports[i].index);
    list.Set(uint32_t(i), item);
  }
  return list;
}

}  // namespace

Napi::Function ModuleObject::Define(Napi::Env env) {
  return DefineClass(env, "NativeModule",
                     {InstanceMethod<&ModuleObject::Describe>("describe"),
                      InstanceMethod<&ModuleObject::DescribeFunction>("function"),
                      InstanceMethod<&ModuleObject::FindFunction>("findFunction"),
                      InstanceMethod<&ModuleObject::Disassemble>("disassemble")});
}

Napi::Object ModuleObject::New(Napi::Env env, std::shared_ptr<engine::LoadedModule> module) {
  Napi::Object object = EnvironmentData::Of(env)->module_class.New({});
  Napi::ObjectWrap<ModuleObject>::Unwrap(object)->module_ = std::move(module);
  object.TypeTag(&kModuleTag);
  return object;
}

std::shared_ptr<engine::LoadedModule> ModuleObject::Of(const Napi::Value& value) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kModuleTag)) {
    throw Napi::TypeError::New(value.Env(), "Expected a NativeModule");
  }
  return Napi::ObjectWrap<ModuleObject>::Unwrap(value.As<Napi::Object>())->module_;
}

ModuleObject::ModuleObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ModuleObject>(info) {}

Napi::Value ModuleObject::Describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const wasm::Module& module = module_->module();
  auto result = Napi::Object::New(env);
  result.Set("name", module.module_name);
  result.Set("imports", Imports(env, module));
  result.Set("exports", Exports(env, module));
  result.Set("functionCount", double(module.functions.size()));
  result.Set("importedFunctions", module.imported_functions);

  auto tables = Napi::Array::New(env);
  for (const wasm::TableType& table : module.tables) {
    auto item = Napi::Object::New(env);
    item.Set("type", wasm::ValueTypeName(table.element));
    item.Set("min", double(table.limits.min));
    item.Set("max", NumberOrNull(env, table.limits.max));
    tables.Set(tables.Length(), item);
  }
  result.Set("tables", tables);

  auto memories = Napi::Array::New(env);
  for (const wasm::Limits& memory : module.memories) {
    auto item = Napi::Object::New(env);
    item.Set("min", double(memory.min));
    item.Set("max", NumberOrNull(env, memory.max));
    item.Set("shared", memory.shared);
    memories.Set(memories.Length(), item);
  }
  result.Set("memories", memories);

  auto globals = Napi::Array::New(env);
  for (uint32_t i = 0; i < module.globals.size(); i++) {
    auto item = Napi::Object::New(env);
    item.Set("type", wasm::ValueTypeName(module.globals[i].type));
    item.Set("mutable", module.globals[i].is_mutable);
    item.Set("name", module.GlobalName(i));
    globals.Set(i, item);
  }
  result.Set("globals", globals);
  result.Set("start",
             module.start ? Napi::Value(Napi::Number::New(env, *module.start)) : env.Null());
  result.Set("usesSimd", module.uses_simd);
  result.Set("usesThreads", module.uses_threads);
  return result;
}

Napi::Value ModuleObject::DescribeFunction(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const wasm::Module& module = module_->module();
  const uint32_t index = ToUint32(info[0]);
  if (index >= module.functions.size()) {
    ThrowUnlessOk(env, Status::Error("FUNCTION_UNKNOWN",
                                     "The module has no function " + std::to_string(index)));
  }
  const wasm::Function& function = module.functions[index];
  auto result = Napi::Object::New(env);
  result.Set("index", index);
  result.Set("name", module.FunctionName(index));
  result.Set("imported", function.imported);
  result.Set("params", TypeNames(env, module.TypeOf(index).params));
  result.Set("results", TypeNames(env, module.TypeOf(index).results));
  const uint32_t count = module.LocalCount(index);
  auto locals = Napi::Array::New(env, count);
  for (uint32_t i = 0; i < count; i++) {
    auto local = Napi::Object::New(env);
    local.Set("type", wasm::ValueTypeName(module.LocalType(index, i)));
    local.Set("name", module.LocalName(index, i));
    locals.Set(i, local);
  }
  result.Set("locals", locals);
  result.Set("codeBytes", function.code_end - function.code_start);
  return result;
}

Napi::Value ModuleObject::FindFunction(const Napi::CallbackInfo& info) {
  const std::string name = ToText(info[0]);
  const wasm::Module& module = module_->module();
  for (uint32_t i = 0; i < module.functions.size(); i++) {
    if (module.FunctionName(i) == name) return Napi::Number::New(info.Env(), i);
  }
  const wasm::Export* found = module.FindExport(name, wasm::ExternalKind::kFunction);
  return Napi::Number::New(info.Env(), found ? double(found->index) : -1);
}

Napi::Value ModuleObject::Disassemble(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint32_t function = ToUint32(info[0]), pc = ToUint32(info[1]), count = ToUint32(info[2]);
  std::shared_ptr<const wasm::FunctionAnalysis> body;
  ThrowUnlessOk(env, module_->analysis()->Of(function, &body));
  auto list = Napi::Array::New(env);
  for (const wasm::Instruction& instruction : body->instructions()) {
    if (instruction.pc < pc) continue;
    if (list.Length() >= count) break;
    auto item = Napi::Object::New(env);
    item.Set("pc", instruction.pc);
    item.Set("text", wasm::Disassemble(module_->module(), function, instruction));
    list.Set(list.Length(), item);
  }
  return list;
}

}  // namespace wasmsh::binding
