#include "binding/plugin_requests.h"

#include "binding/values.h"

namespace wasmsh::binding {

namespace {

constexpr const char* kKinds[] = {"call", "open", "read", "write", "seek", "stat", "close"};
constexpr size_t kMostParameters = 16;

}  // namespace

Napi::Object RequestToJs(Napi::Env env, const hostcalls::PluginRequest& request) {
  auto numbers = Napi::Array::New(env, request.numbers.size());
  for (uint32_t i = 0; i < request.numbers.size(); ++i) {
    numbers.Set(i, ToBigInt(env, request.numbers[i]));
  }
  auto object = Napi::Object::New(env);
  object.Set("kind", kKinds[size_t(request.kind)]);
  object.Set("target", request.target);
  object.Set("numbers", numbers);
  object.Set("bytes",
             request.bytes.empty() ? env.Null() : Napi::Value(FromBytes(env, request.bytes)));
  return object;
}

hostcalls::PluginAnswer AnswerFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  const std::string kind = ToText(object.Get("kind"));
  hostcalls::PluginAnswer answer;
  if (kind == "not-begun") {
    answer.kind = hostcalls::PluginAnswer::Kind::kNotBegun;
    return answer;
  }
  if (kind == "failed") {
    answer.text = ToText(object.Get("text"));
    return answer;
  }
  answer.kind = hostcalls::PluginAnswer::Kind::kDone;
  answer.error = static_cast<uint16_t>(ToUint32(object.Get("error")));
  for (const Napi::Value& number : ToList(object.Get("numbers"))) {
    answer.numbers.push_back(FromBigInt(number));
  }
  for (const Napi::Value& item : ToList(object.Get("writes"))) {
    const Napi::Object write = ToObject(item);
    answer.writes.push_back({ToUint32(write.Get("address")), ToBytes(write.Get("bytes"))});
  }
  const Napi::Value bytes = object.Get("bytes");
  if (!bytes.IsNull()) answer.bytes = ToBytes(bytes);
  return answer;
}

hostcalls::PluginImport ImportFromJs(const Napi::Value& value, const oplog::OpLog* log) {
  const Napi::Object object = ToObject(value);
  hostcalls::PluginImport import;
  import.module = ToText(object.Get("module"));
  import.name = ToText(object.Get("name"));
  import.signature = ToText(object.Get("signature"));
  import.shape = ToUint32(object.Get("shape"));
  const size_t end = import.signature.find(')');
  if (end == std::string::npos || end > kMostParameters + 1) {
    throw Napi::RangeError::New(value.Env(), "Not the signature of an import");
  }
  if (log != nullptr && import.shape >= log->shapes().size()) {
    throw Napi::RangeError::New(value.Env(), "The log does not know the import");
  }
  return import;
}

}  // namespace wasmsh::binding
