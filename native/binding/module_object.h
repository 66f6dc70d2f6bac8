#ifndef WASMSH_BINDING_MODULE_OBJECT_H_
#define WASMSH_BINDING_MODULE_OBJECT_H_

#include <napi.h>

#include <memory>

#include "engine/loaded_module.h"

namespace wasmsh::binding {

/** NativeModule of src/core/native.ts. */
class ModuleObject final : public Napi::ObjectWrap<ModuleObject> {
 public:
  /** Defines the class; called once an environment. */
  static Napi::Function Define(Napi::Env env);
  static Napi::Object New(Napi::Env env, std::shared_ptr<engine::LoadedModule> module);
  /** Throws a TypeError when the value is no NativeModule. */
  static std::shared_ptr<engine::LoadedModule> Of(const Napi::Value& value);

  explicit ModuleObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Describe(const Napi::CallbackInfo& info);
  Napi::Value DescribeFunction(const Napi::CallbackInfo& info);
  Napi::Value FindFunction(const Napi::CallbackInfo& info);
  Napi::Value Disassemble(const Napi::CallbackInfo& info);

  std::shared_ptr<engine::LoadedModule> module_;
};

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_MODULE_OBJECT_H_
