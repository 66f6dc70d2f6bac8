#ifndef WASMSH_BINDING_COMPILED_OBJECT_H_
#define WASMSH_BINDING_COMPILED_OBJECT_H_

#include <napi.h>

#include <memory>

#include "engine/compiled/compiled_code.h"

namespace wasmsh::binding {

/** NativeCompiled of src/core/native.ts: machine code of a module, to be named when a guest starts.
 */
class CompiledObject final : public Napi::ObjectWrap<CompiledObject> {
 public:
  /** Defines the class; called once an environment. */
  static Napi::Function Define(Napi::Env env);
  static Napi::Object New(Napi::Env env, std::shared_ptr<const engine::CompiledCode> code);
  /** nullptr for null and undefined; throws a TypeError when the value is anything else but a
   *  NativeCompiled. */
  static std::shared_ptr<const engine::CompiledCode> Of(const Napi::Value& value);

  explicit CompiledObject(const Napi::CallbackInfo& info);

 private:
  std::shared_ptr<const engine::CompiledCode> code_;
};

/** From a NativeBuild. */
engine::BuildDescription BuildFromJs(const Napi::Value& value);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_COMPILED_OBJECT_H_
