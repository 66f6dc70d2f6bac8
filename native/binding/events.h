#ifndef WASMSH_BINDING_EVENTS_H_
#define WASMSH_BINDING_EVENTS_H_

#include <napi.h>

#include <mutex>
#include <vector>

#include "engine/guest.h"

namespace wasmsh::binding {

/**
 * Brings news from guests' threads to one JavaScript callback, in batches, through one unref'd
 * thread-safe function. Leaked on purpose, like the engine.
 */
class EventChannel {
 public:
  EventChannel(Napi::Env env, const Napi::Function& callback);
  /** From any thread; never waits. */
  void Send(engine::Event event);
  /** JavaScript thread: nothing is delivered any more. */
  void Close();

 private:
  static void Deliver(napi_env env, napi_value callback, void* context, void* data);

  napi_threadsafe_function function_ = nullptr;
  std::mutex mutex_;
  std::vector<engine::Event> waiting_;
  bool closed_ = false;
};

/** ParkReason of src/core/native.ts. */
Napi::Object ParkReasonToJs(Napi::Env env, engine::ParkKind kind, const engine::Trap& trap);

}  // namespace wasmsh::binding

#endif  // WASMSH_BINDING_EVENTS_H_
