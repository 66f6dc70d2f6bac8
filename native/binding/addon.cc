#include <napi.h>

#include "binding/codec.h"
#include "binding/compiled_object.h"
#include "binding/engine_object.h"
#include "binding/environment.h"
#include "binding/host_files.h"
#include "binding/module_object.h"
#include "binding/op_log_object.h"
#include "binding/pipes.h"
#include "binding/stored.h"
#include "binding/twins_object.h"
#include "binding/visits_object.h"
#include "engine/engine.h"
#include "hostcalls/host_call.h"

namespace wasmsh::binding {

namespace {

// Raised when src/core/native.ts and this folder no longer fit each other.
constexpr int kAbi = 1;

Napi::Value OpenEngine(const Napi::CallbackInfo& info) {
  return EnvironmentData::Of(info.Env())->engine_class.New({info[0]});
}

Napi::Value HostCalls(const Napi::CallbackInfo& info) {
  constexpr const char* kClasses[] = {"never interrupted", "waits, then acts", "continues",
                                      "must finish first"};
  auto list = Napi::Array::New(info.Env());
  for (const hostcalls::CallSpec& spec : hostcalls::HostCalls()) {
    auto item = Napi::Object::New(info.Env());
    item.Set("module", spec.module);
    item.Set("name", spec.name);
    item.Set("signature", spec.signature);
    item.Set("class", kClasses[size_t(spec.call_class)]);
    list.Set(list.Length(), item);
  }
  return list;
}

void LeaveBe(Napi::Env, EnvironmentData*) {}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto* data = new EnvironmentData;  // never deleted, see its declaration
  env.SetInstanceData<EnvironmentData, LeaveBe>(data);
  data->module_class = Napi::Persistent(ModuleObject::Define(env));
  data->compiled_class = Napi::Persistent(CompiledObject::Define(env));
  data->twins_class = Napi::Persistent(TwinsObject::Define(env));
  data->engine_class = Napi::Persistent(EngineObject::Define(env));
  exports.Set("abi", kAbi);
  exports.Set("wamrVersion", engine::WamrVersion());
  exports.Set("openEngine", Napi::Function::New<OpenEngine>(env, "openEngine"));
  exports.Set("hostCalls", Napi::Function::New<HostCalls>(env, "hostCalls"));
  DefineStored(env, exports);
  DefineCodecs(env, exports);
  DefinePipes(env, exports);
  DefineOpLog(env, exports);
  DefineVisits(env, exports);
  DefineHostFiles(env, exports);
  return exports;
}

}  // namespace

}  // namespace wasmsh::binding

namespace {
Napi::Object InitAddon(Napi::Env env, Napi::Object exports) {
  return wasmsh::binding::Init(env, exports);
}
}  // namespace

NODE_API_MODULE(wasmsh, InitAddon)
