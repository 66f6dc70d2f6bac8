#ifndef WASMSH_BINDING_VISITS_OBJECT_H_
#define WASMSH_BINDING_VISITS_OBJECT_H_

#include <napi.h>

#include <memory>

#include "engine/visit_counts.h"

namespace wasmsh::binding {

/** NativeVisits of src/core/native.ts. */
class VisitsObject final : public Napi::ObjectWrap<VisitsObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  /** nullptr for null and undefined. */
  static std::shared_ptr<engine::VisitCounts> Of(const Napi::Value& value);
  explicit VisitsObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Read(const Napi::CallbackInfo& info);

  std::shared_ptr<engine::VisitCounts> counts_;
};

/** Adds createVisits. */
void DefineVisits(Napi::Env env, Napi::Object exports);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_VISITS_OBJECT_H_
