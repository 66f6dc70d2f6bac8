#include "binding/events.h"

#include <optional>
#include <utility>

#include "binding/plugin_requests.h"
#include "binding/values.h"

namespace wasmsh::binding {

namespace {

constexpr const char* kParkKinds[] = {"pause", "step", "position", "entry", "trap", "no-code"};
constexpr const char* kEventKinds[] = {"started", "parked",  "ended", "killed", "failed",
                                       "changes", "request", "twins", "crossed"};

Napi::Value OrNull(Napi::Env env, std::optional<uint32_t> number) {
  if (!number) return env.Null();
  return Napi::Number::New(env, *number);
}

Napi::Object EventToJs(Napi::Env env, const engine::Event& event) {
  auto object = Napi::Object::New(env);
  object.Set("guest", event.guest);
  object.Set("kind", kEventKinds[size_t(event.kind)]);
  switch (event.kind) {
    case engine::Event::Kind::kParked:
      object.Set("reason", ParkReasonToJs(env, event.park, event.trap));
      break;
    case engine::Event::Kind::kEnded:
      object.Set("code", event.exit_code);
      object.Set("results", ToJs(env, event.results));
      object.Set("position", ToBigIntOrNull(env, event.position));
      break;
    case engine::Event::Kind::kFailed: {
      auto error = Napi::Object::New(env);
      error.Set("code", event.error.code);
      error.Set("message", event.error.message);
      error.Set("errno", event.error.system_errno);
      object.Set("error", error);
      break;
    }
    case engine::Event::Kind::kTwins: {
      auto frames = Napi::Array::New(env, event.frames.size());
      for (size_t i = 0; i < event.frames.size(); i++) {
        auto frame = Napi::Object::New(env);
        frame.Set("function", event.frames[i].function);
        frame.Set("point", event.frames[i].point);
        frames.Set(uint32_t(i), frame);
      }
      object.Set("frames", frames);
      object.Set("depth", event.depth);
      break;
    }
    case engine::Event::Kind::kRequest:
      object.Set("id", ToBigInt(env, event.request_id));
      object.Set("request", RequestToJs(env, event.request));
      break;
    default:
      break;
  }
  return object;
}

}  // namespace

Napi::Object ParkReasonToJs(Napi::Env env, engine::ParkKind kind, const engine::Trap& trap) {
  auto reason = Napi::Object::New(env);
  reason.Set("kind", kParkKinds[size_t(kind)]);
  if (kind == engine::ParkKind::kTrap) {
    auto details = Napi::Object::New(env);
    details.Set("reason", trap.reason);
    details.Set("function", OrNull(env, trap.function));
    details.Set("pc", OrNull(env, trap.pc));
    auto callers = Napi::Array::New(env, trap.callers.size());
    for (size_t i = 0; i < trap.callers.size(); i++) {
      auto caller = Napi::Object::New(env);
      caller.Set("function", trap.callers[i].function);
      caller.Set("pc", OrNull(env, trap.callers[i].pc));
      callers.Set(uint32_t(i), caller);
    }
    details.Set("callers", callers);
    reason.Set("trap", details);
  }
  return reason;
}

EventChannel::EventChannel(Napi::Env env, const Napi::Function& callback) {
  napi_value name = Napi::String::New(env, "wasmsh events");
  napi_create_threadsafe_function(env, callback, nullptr, name, 0, 1, nullptr, nullptr, this,
                                  &EventChannel::Deliver, &function_);
  napi_unref_threadsafe_function(env, function_);
}

void EventChannel::Send(engine::Event event) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return;
  waiting_.push_back(std::move(event));
  if (waiting_.size() == 1) {
    napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking);
  }
}

void EventChannel::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return;
    closed_ = true;
    waiting_.clear();
  }
  napi_release_threadsafe_function(function_, napi_tsfn_release);
}

// The C interface, since Node still delivers while it takes an environment down: JavaScript cannot
// be called then, and an exception here would end the process.
void EventChannel::Deliver(napi_env env, napi_value callback, void* context, void*) {
  auto* self = static_cast<EventChannel*>(context);
  std::vector<engine::Event> events;
  {
    std::lock_guard<std::mutex> lock(self->mutex_);
    events = std::exchange(self->waiting_, {});
  }
  if (!env || !callback || events.empty()) return;
  napi_value argument = nullptr;
  try {
    auto list = Napi::Array::New(env, events.size());
    for (size_t i = 0; i < events.size(); i++) list.Set(uint32_t(i), EventToJs(env, events[i]));
    argument = list;
  } catch (const Napi::Error&) {
    return;  // the environment ends
  }
  napi_value undefined = nullptr, result = nullptr;
  napi_get_undefined(env, &undefined);
  napi_call_function(env, undefined, callback, 1, &argument, &result);
}

}  // namespace wasmsh::binding
