#include "binding/twins_object.h"

#include "binding/compiled_object.h"
#include "binding/environment.h"
#include "binding/values.h"

namespace wasmsh::binding {

namespace {

// Tells our objects from a stranger's; any constant does.
constexpr napi_type_tag kTwinsTag = {0x7761736d73685477u, 0x696e736f626a3031u};

}  // namespace

Napi::Function TwinsObject::Define(Napi::Env env) { return DefineClass(env, "NativeTwins", {}); }

Napi::Object TwinsObject::New(Napi::Env env, std::shared_ptr<const engine::Twins> twins) {
  Napi::Object object = EnvironmentData::Of(env)->twins_class.New({});
  Napi::ObjectWrap<TwinsObject>::Unwrap(object)->twins_ = std::move(twins);
  object.TypeTag(&kTwinsTag);
  return object;
}

std::shared_ptr<const engine::Twins> TwinsObject::Of(const Napi::Value& value) {
  if (value.IsNull()) return nullptr;
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&kTwinsTag)) {
    throw Napi::TypeError::New(value.Env(), "Expected a NativeTwins");
  }
  return Napi::ObjectWrap<TwinsObject>::Unwrap(value.As<Napi::Object>())->twins_;
}

TwinsObject::TwinsObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TwinsObject>(info) {}

engine::TwinDescription TwinsFromJs(const Napi::Value& value) {
  engine::TwinDescription description;
  description.build = BuildFromJs(value);
  for (const Napi::Value& points : ToList(ToObject(value).Get("twinPoints"))) {
    description.points.emplace_back();
    if (points.IsNull()) continue;
    description.points.back().emplace();
    for (const Napi::Value& point : ToList(points)) {
      description.points.back()->push_back(ToUint32(point));
    }
  }
  return description;
}

}  // namespace wasmsh::binding
