#include "binding/view_convert.h"

#include <string>

#include "binding/values.h"

namespace wasmsh::binding {

namespace {

constexpr const char* kEntries[] = {"start", "initialize", "main"};
constexpr const char* kStatuses[] = {"running", "host-call", "atomic-wait", "trapped"};

template <size_t kCount>
uint8_t IndexOf(const Napi::Value& value, const char* const (&names)[kCount]) {
  const std::string name = ToText(value);
  for (size_t i = 0; i < kCount; i++) {
    if (name == names[i]) return uint8_t(i);
  }
  throw Napi::TypeError::New(value.Env(), "Unknown name " + name);
}

std::string ToHex(const std::array<uint8_t, 32>& digest) {
  static const char* const digits = "0123456789abcdef";
  std::string hex;
  for (const uint8_t byte : digest) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::array<uint8_t, 32> FromHex(const Napi::Value& value) {
  const std::string hex = ToText(value);
  std::array<uint8_t, 32> digest = {};
  bool good = hex.size() == 64;
  for (size_t i = 0; good && i < 32; i++) {
    const int high = HexDigit(hex[2 * i]), low = HexDigit(hex[2 * i + 1]);
    good = high >= 0 && low >= 0;
    digest[i] = uint8_t(high << 4 | low);
  }
  if (!good) throw Napi::TypeError::New(value.Env(), "Expected 64 hexadecimal digits");
  return digest;
}

template <typename Item, typename Convert>
Napi::Array MapToJs(Napi::Env env, const std::vector<Item>& items, Convert convert) {
  auto array = Napi::Array::New(env, items.size());
  for (size_t i = 0; i < items.size(); i++) array.Set(uint32_t(i), convert(env, items[i]));
  return array;
}

Napi::Array BoolsToJs(Napi::Env env, const std::vector<bool>& bools) {
  auto array = Napi::Array::New(env, bools.size());
  for (size_t i = 0; i < bools.size(); i++) {
    array.Set(uint32_t(i), Napi::Boolean::New(env, bools[i]));
  }
  return array;
}

std::vector<bool> BoolsFromJs(const Napi::Value& value) {
  std::vector<bool> bools;
  for (const Napi::Value& item : ToList(value)) bools.push_back(ToBool(item));
  return bools;
}

Napi::Array TextsToJs(Napi::Env env, const std::vector<std::string>& texts) {
  return MapToJs(env, texts,
                 [](Napi::Env e, const std::string& text) { return Napi::String::New(e, text); });
}

Napi::Object FrameToJs(Napi::Env env, const view::Frame& frame) {
  auto object = Napi::Object::New(env);
  object.Set("function", frame.function);
  object.Set("pc", frame.pc);
  object.Set("locals", ToJs(env, frame.locals));
  object.Set("operands", ToJs(env, frame.operands));
  return object;
}

view::Frame FrameFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Frame frame;
  frame.function = ToUint32(object.Get("function"));
  frame.pc = ToUint32(object.Get("pc"));
  frame.locals = ValuesFromJs(object.Get("locals"));
  frame.operands = ValuesFromJs(object.Get("operands"));
  return frame;
}

Napi::Value CallToJs(Napi::Env env, const std::optional<view::PendingCall>& call) {
  if (!call) return env.Null();
  auto object = Napi::Object::New(env);
  object.Set("import", call->import);
  object.Set("arguments", ToJs(env, call->arguments));
  object.Set("transferred", ToBigInt(env, call->transferred));
  object.Set("deadlineNs", ToBigIntOrNull(env, call->deadline_ns));
  object.Set("phase", call->phase);
  return object;
}

std::optional<view::PendingCall> CallFromJs(const Napi::Value& value) {
  if (value.IsNull()) return std::nullopt;
  const Napi::Object object = ToObject(value);
  view::PendingCall call;
  call.import = ToUint32(object.Get("import"));
  call.arguments = ValuesFromJs(object.Get("arguments"));
  call.transferred = FromBigInt(object.Get("transferred"));
  call.deadline_ns = FromBigIntOrNull(object.Get("deadlineNs"));
  call.phase = ToUint32(object.Get("phase"));
  return call;
}

Napi::Value WaitToJs(Napi::Env env, const std::optional<view::AtomicWait>& wait) {
  if (!wait) return env.Null();
  auto object = Napi::Object::New(env);
  object.Set("address", ToBigInt(env, wait->address));
  object.Set("width", wait->width);
  object.Set("deadlineNs", ToBigIntOrNull(env, wait->deadline_ns));
  object.Set("queuePosition", wait->queue_position);
  return object;
}

std::optional<view::AtomicWait> WaitFromJs(const Napi::Value& value) {
  if (value.IsNull()) return std::nullopt;
  const Napi::Object object = ToObject(value);
  view::AtomicWait wait;
  wait.address = FromBigInt(object.Get("address"));
  wait.width = ToUint32(object.Get("width"));
  wait.deadline_ns = FromBigIntOrNull(object.Get("deadlineNs"));
  wait.queue_position = ToUint32(object.Get("queuePosition"));
  return wait;
}

Napi::Object ThreadToJs(Napi::Env env, const view::Thread& thread) {
  auto object = Napi::Object::New(env);
  object.Set("id", thread.id);
  object.Set("instance", thread.instance);
  object.Set("entry", kEntries[size_t(thread.entry)]);
  object.Set("status", kStatuses[size_t(thread.status)]);
  object.Set("frames", MapToJs(env, thread.frames, FrameToJs));
  object.Set("call", CallToJs(env, thread.call));
  object.Set("wait", WaitToJs(env, thread.wait));
  if (thread.trap) {
    auto trap = Napi::Object::New(env);
    trap.Set("reason", thread.trap->reason);
    object.Set("trap", trap);
  } else {
    object.Set("trap", env.Null());
  }
  object.Set("cpuNs", ToBigInt(env, thread.cpu_ns));
  object.Set("position", ToBigIntOrNull(env, thread.position));
  return object;
}

view::Thread ThreadFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Thread thread;
  thread.id = ToUint32(object.Get("id"));
  thread.instance = ToUint32(object.Get("instance"));
  thread.entry = view::Entry(IndexOf(object.Get("entry"), kEntries));
  thread.status = view::ThreadStatus(IndexOf(object.Get("status"), kStatuses));
  for (const Napi::Value& frame : ToList(object.Get("frames"))) {
    thread.frames.push_back(FrameFromJs(frame));
  }
  thread.call = CallFromJs(object.Get("call"));
  thread.wait = WaitFromJs(object.Get("wait"));
  if (!object.Get("trap").IsNull()) {
    thread.trap = view::Trap{ToText(ToObject(object.Get("trap")).Get("reason"))};
  }
  thread.cpu_ns = FromBigInt(object.Get("cpuNs"));
  thread.position = FromBigIntOrNull(object.Get("position"));
  return thread;
}

Napi::Object TableToJs(Napi::Env env, const view::Table& table) {
  auto object = Napi::Object::New(env);
  object.Set("type", wasm::ValueTypeName(table.type));
  object.Set("elements", MapToJs(env, table.elements, [&](Napi::Env e, uint64_t element) {
               return BitsToBigInt(e, table.type, {element, 0});
             }));
  return object;
}

view::Table TableFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Table table;
  table.type = TypeFromName(value.Env(), ToText(object.Get("type")));
  for (const Napi::Value& element : ToList(object.Get("elements"))) {
    table.elements.push_back(FromBigInt(element));
  }
  return table;
}

Napi::Object InstanceToJs(Napi::Env env, const view::Instance& instance) {
  auto object = Napi::Object::New(env);
  object.Set("globals", ToJs(env, instance.globals));
  object.Set("tables", MapToJs(env, instance.tables, TableToJs));
  object.Set("droppedData", BoolsToJs(env, instance.dropped_data));
  object.Set("droppedElements", BoolsToJs(env, instance.dropped_elements));
  return object;
}

view::Instance InstanceFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Instance instance;
  instance.globals = ValuesFromJs(object.Get("globals"));
  for (const Napi::Value& table : ToList(object.Get("tables"))) {
    instance.tables.push_back(TableFromJs(table));
  }
  instance.dropped_data = BoolsFromJs(object.Get("droppedData"));
  instance.dropped_elements = BoolsFromJs(object.Get("droppedElements"));
  return instance;
}

Napi::Object EnvironmentToJs(Napi::Env env, const view::Environment& environment) {
  auto object = Napi::Object::New(env);
  object.Set("arguments", TextsToJs(env, environment.arguments));
  object.Set("environment", TextsToJs(env, environment.environment));
  object.Set("entryExport", environment.entry_export);
  object.Set("entryArguments", ToJs(env, environment.entry_arguments));
  object.Set("deterministic", environment.deterministic);
  auto random = Napi::Array::New(env, 4);
  for (uint32_t i = 0; i < 4; i++) random.Set(i, ToBigInt(env, environment.random_state[i]));
  object.Set("randomState", random);
  object.Set("clockReads", ToBigInt(env, environment.clock_reads));
  object.Set("realtimeBaseNs", ToBigInt(env, environment.realtime_base_ns));
  object.Set("clockStepNs", ToBigInt(env, environment.clock_step_ns));
  return object;
}

view::Environment EnvironmentFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Environment environment;
  environment.arguments = ToTexts(object.Get("arguments"));
  environment.environment = ToTexts(object.Get("environment"));
  environment.entry_export = ToText(object.Get("entryExport"));
  environment.entry_arguments = ValuesFromJs(object.Get("entryArguments"));
  environment.deterministic = ToBool(object.Get("deterministic"));
  const auto random = ToList(object.Get("randomState"));
  for (size_t i = 0; i < 4 && i < random.size(); i++) {
    environment.random_state[i] = FromBigInt(random[i]);
  }
  environment.clock_reads = FromBigInt(object.Get("clockReads"));
  environment.realtime_base_ns = FromBigInt(object.Get("realtimeBaseNs"));
  environment.clock_step_ns = FromBigInt(object.Get("clockStepNs"));
  return environment;
}

Napi::Object DescriptorToJs(Napi::Env env, const view::Descriptor& descriptor) {
  auto object = Napi::Object::New(env);
  object.Set("fd", descriptor.fd);
  object.Set("kind", descriptor.kind);
  object.Set("guestPath", descriptor.guest_path);
  object.Set("preopen", descriptor.preopen);
  object.Set("fdflags", uint32_t{descriptor.fdflags});
  object.Set("rightsBase", ToBigInt(env, descriptor.rights_base));
  object.Set("rightsInheriting", ToBigInt(env, descriptor.rights_inheriting));
  object.Set("offset", ToBigInt(env, descriptor.offset));
  object.Set("size", ToBigInt(env, descriptor.size));
  object.Set("modifiedNs", ToBigInt(env, descriptor.modified_ns));
  object.Set("unread", FromBytes(env, descriptor.unread));
  object.Set("stream", descriptor.stream);
  return object;
}

}  // namespace

view::Descriptor DescriptorFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::Descriptor descriptor;
  descriptor.fd = ToUint32(object.Get("fd"));
  descriptor.kind = ToText(object.Get("kind"));
  descriptor.guest_path = ToText(object.Get("guestPath"));
  descriptor.preopen = ToUint32(object.Get("preopen"));
  descriptor.fdflags = uint16_t(ToUint32(object.Get("fdflags")));
  descriptor.rights_base = FromBigInt(object.Get("rightsBase"));
  descriptor.rights_inheriting = FromBigInt(object.Get("rightsInheriting"));
  descriptor.offset = FromBigInt(object.Get("offset"));
  descriptor.size = FromBigInt(object.Get("size"));
  descriptor.modified_ns = FromBigInt(object.Get("modifiedNs"));
  descriptor.unread = ToBytes(object.Get("unread"));
  descriptor.stream = ToText(object.Get("stream"));
  return descriptor;
}

Napi::Object ViewToJs(Napi::Env env, const view::View& view) {
  auto object = Napi::Object::New(env);
  object.Set("moduleSha256", ToHex(view.module_sha256));
  object.Set("memories", MapToJs(env, view.memories, [](Napi::Env e, const view::Memory& memory) {
               auto item = Napi::Object::New(e);
               item.Set("pages", double(memory.pages));
               return item;
             }));
  object.Set("instances", MapToJs(env, view.instances, InstanceToJs));
  object.Set("threads", MapToJs(env, view.threads, ThreadToJs));
  object.Set("monotonicNs", ToBigInt(env, view.monotonic_ns));
  object.Set("environment", EnvironmentToJs(env, view.environment));
  object.Set("descriptors", MapToJs(env, view.descriptors, DescriptorToJs));
  return object;
}

view::View ViewFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  view::View view;
  view.module_sha256 = FromHex(object.Get("moduleSha256"));
  for (const Napi::Value& memory : ToList(object.Get("memories"))) {
    view.memories.push_back({ToUint32(ToObject(memory).Get("pages"))});
  }
  for (const Napi::Value& instance : ToList(object.Get("instances"))) {
    view.instances.push_back(InstanceFromJs(instance));
  }
  for (const Napi::Value& thread : ToList(object.Get("threads"))) {
    view.threads.push_back(ThreadFromJs(thread));
  }
  view.monotonic_ns = FromBigInt(object.Get("monotonicNs"));
  view.environment = EnvironmentFromJs(object.Get("environment"));
  for (const Napi::Value& descriptor : ToList(object.Get("descriptors"))) {
    view.descriptors.push_back(DescriptorFromJs(descriptor));
  }
  return view;
}

}  // namespace wasmsh::binding
