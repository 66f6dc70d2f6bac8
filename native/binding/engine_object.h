#ifndef WASMSH_BINDING_ENGINE_OBJECT_H_
#define WASMSH_BINDING_ENGINE_OBJECT_H_

#include <napi.h>

#include <memory>

#include "binding/events.h"
#include "engine/engine.h"

namespace wasmsh::binding {

/** NativeEngine of src/core/native.ts. */
class EngineObject final : public Napi::ObjectWrap<EngineObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit EngineObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value Load(const Napi::CallbackInfo& info);
  Napi::Value LoadCompiled(const Napi::CallbackInfo& info);
  Napi::Value LoadTwins(const Napi::CallbackInfo& info);
  void Offer(const Napi::CallbackInfo& info);
  Napi::Value Start(const Napi::CallbackInfo& info);
  Napi::Value Recover(const Napi::CallbackInfo& info);
  void Pause(const Napi::CallbackInfo& info);
  void Resume(const Napi::CallbackInfo& info);
  void Step(const Napi::CallbackInfo& info);
  Napi::Value WithdrawPause(const Napi::CallbackInfo& info);
  void Answer(const Napi::CallbackInfo& info);
  void Kill(const Napi::CallbackInfo& info);
  Napi::Value Info(const Napi::CallbackInfo& info);
  Napi::Value TakeLastInfo(const Napi::CallbackInfo& info);
  Napi::Value Frames(const Napi::CallbackInfo& info);
  Napi::Value Locals(const Napi::CallbackInfo& info);
  Napi::Value Operands(const Napi::CallbackInfo& info);
  Napi::Value Globals(const Napi::CallbackInfo& info);
  Napi::Value TableSizes(const Napi::CallbackInfo& info);
  Napi::Value TableElements(const Napi::CallbackInfo& info);
  Napi::Value ReadMemory(const Napi::CallbackInfo& info);
  Napi::Value Edit(const Napi::CallbackInfo& info);
  Napi::Value Blockers(const Napi::CallbackInfo& info);
  Napi::Value Disagreements(const Napi::CallbackInfo& info);
  Napi::Value CopyDescriptor(const Napi::CallbackInfo& info);
  Napi::Value SharesOpenFile(const Napi::CallbackInfo& info);
  void PutDescriptor(const Napi::CallbackInfo& info);
  void CloseDescriptor(const Napi::CallbackInfo& info);
  Napi::Value View(const Napi::CallbackInfo& info);
  Napi::Value Snapshot(const Napi::CallbackInfo& info);
  Napi::Value BaseToken(const Napi::CallbackInfo& info);
  void Stop(const Napi::CallbackInfo& info);

  Napi::Value Launch(Napi::Env env, const Napi::Value& module, engine::GuestOptions options);
  /** Throws GUEST_ENDED when there is no such guest (any more). */
  std::shared_ptr<engine::Guest> Find(const Napi::Value& guest);
  view::Frame FrameAt(const Napi::CallbackInfo& info);

  // Both leaked on purpose: see their classes.
  EventChannel* events_ = nullptr;
  engine::Engine* engine_ = nullptr;
};

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_ENGINE_OBJECT_H_
