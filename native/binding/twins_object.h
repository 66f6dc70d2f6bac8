#ifndef WASMSH_BINDING_TWINS_OBJECT_H_
#define WASMSH_BINDING_TWINS_OBJECT_H_

#include <napi.h>

#include <memory>

#include "engine/compiled/twins.h"

namespace wasmsh::binding {

/** NativeTwins of src/core/native.ts: code to enter certain functions, to be offered to a guest. */
class TwinsObject final : public Napi::ObjectWrap<TwinsObject> {
 public:
  /** Defines the class; called once an environment. */
  static Napi::Function Define(Napi::Env env);
  static Napi::Object New(Napi::Env env, std::shared_ptr<const engine::Twins> twins);
  /** nullptr for null; throws a TypeError when the value is anything else but a NativeTwins. */
  static std::shared_ptr<const engine::Twins> Of(const Napi::Value& value);

  explicit TwinsObject(const Napi::CallbackInfo& info);

 private:
  std::shared_ptr<const engine::Twins> twins_;
};

/** From a NativeBuild. */
engine::TwinDescription TwinsFromJs(const Napi::Value& value);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_TWINS_OBJECT_H_
