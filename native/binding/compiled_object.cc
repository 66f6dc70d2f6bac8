#include "binding/compiled_object.h"

#include "binding/environment.h"
#include "binding/values.h"

namespace wasmsh::binding {

namespace {

// Tells our objects from a stranger's; any constant does.
constexpr napi_type_tag kCompiledTag = {0x7761736d7368436fu, 0x6d70696c65643031u};

}  // namespace

Napi::Function CompiledObject::Define(Napi::Env env) {
  return DefineClass(env, "NativeCompiled", {});
}

Napi::Object CompiledObject::New(Napi::Env env, std::shared_ptr<const engine::CompiledCode> code) {
  Napi::Object object = EnvironmentData::Of(env)->compiled_class.New({});
  Napi::ObjectWrap<CompiledObject>::Unwrap(object)->code_ = std::move(code);
  object.TypeTag(&kCompiledTag);
  return object;
}

std::shared_ptr<const engine::CompiledCode> CompiledObject::Of(const Napi::Value& value) {
  if (value.IsNull() || value.IsUndefined()) return nullptr;
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kCompiledTag)) {
    throw Napi::TypeError::New(value.Env(), "Expected a NativeCompiled");
  }
  return Napi::ObjectWrap<CompiledObject>::Unwrap(value.As<Napi::Object>())->code_;
}

CompiledObject::CompiledObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<CompiledObject>(info) {}

engine::BuildDescription BuildFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  engine::BuildDescription build;
  build.functions = ToUint32(object.Get("functions"));
  build.imported_functions = ToUint32(object.Get("importedFunctions"));
  build.added_imports = ToUint32(object.Get("addedImports"));
  for (const Napi::Value& twin : ToList(object.Get("twins"))) {
    build.twins.push_back(ToUint32(twin));
  }
  const Napi::Value twin_table = object.Get("twinTable");
  if (!twin_table.IsNull()) build.twin_table = ToUint32(twin_table);
  build.first_twin = ToUint32(object.Get("firstTwin"));
  build.shared_types = ToUint32(object.Get("sharedTypes"));
  return build;
}

}  // namespace wasmsh::binding
