#include "binding/visits_object.h"

#include <vector>

#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/module_object.h"
#include "binding/values.h"

namespace wasmsh::binding {

namespace {

Napi::Value CreateVisits(const Napi::CallbackInfo& info) {
  return EnvironmentData::Of(info.Env())->visits_class.New({info[0]});
}

}  // namespace

Napi::Function VisitsObject::Define(Napi::Env env) {
  return DefineClass(env, "NativeVisits", {InstanceMethod<&VisitsObject::Read>("read")});
}

std::shared_ptr<engine::VisitCounts> VisitsObject::Of(const Napi::Value& value) {
  return value.IsNull() || value.IsUndefined() ? nullptr : Unwrap(ToObject(value))->counts_;
}

VisitsObject::VisitsObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<VisitsObject>(info) {
  ThrowUnlessOk(info.Env(), engine::VisitCounts::Create(ModuleObject::Of(info[0]), &counts_));
}

Napi::Value VisitsObject::Read(const Napi::CallbackInfo& info) {
  const std::vector<engine::Visited> visited = counts_->Read();
  auto functions = Napi::Uint32Array::New(info.Env(), visited.size());
  auto pcs = Napi::Uint32Array::New(info.Env(), visited.size());
  auto counts = Napi::Float64Array::New(info.Env(), visited.size());
  for (size_t i = 0; i < visited.size(); i++) {
    functions[i] = visited[i].function;
    pcs[i] = visited[i].pc;
    counts[i] = double(visited[i].count);
  }
  auto object = Napi::Object::New(info.Env());
  object.Set("functions", functions);
  object.Set("pcs", pcs);
  object.Set("counts", counts);
  return object;
}

void DefineVisits(Napi::Env env, Napi::Object exports) {
  EnvironmentData::Of(env)->visits_class = Napi::Persistent(VisitsObject::Define(env));
  exports.Set("createVisits", Napi::Function::New<CreateVisits>(env, "createVisits"));
}

}  // namespace wasmsh::binding
