#ifndef WASMSH_BINDING_OP_LOG_OBJECT_H_
#define WASMSH_BINDING_OP_LOG_OBJECT_H_

#include <napi.h>

#include <memory>

#include "oplog/op_log.h"

namespace wasmsh::binding {

/** NativeOpLog of src/core/native.ts. */
class OpLogObject final : public Napi::ObjectWrap<OpLogObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** The log behind a JavaScript object; null for JavaScript's null. */
  static std::shared_ptr<oplog::OpLog> Of(const Napi::Value& value);
  explicit OpLogObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Read(const Napi::CallbackInfo& info);
  Napi::Value Stats(const Napi::CallbackInfo& info);
  Napi::Value ReadData(const Napi::CallbackInfo& info);
  Napi::Value TakeChanges(const Napi::CallbackInfo& info);
  Napi::Value Discard(const Napi::CallbackInfo& info);

  std::shared_ptr<oplog::OpLog> log_;
};

/** Adds createOpLog and opShapes. */
void DefineOpLog(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_OP_LOG_OBJECT_H_
