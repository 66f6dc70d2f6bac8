#include "binding/guest_options.h"

#include <string>

#include "binding/compiled_object.h"
#include "binding/errors.h"
#include "binding/op_log_object.h"
#include "binding/plugin_requests.h"
#include "binding/stored.h"
#include "binding/values.h"
#include "binding/visits_object.h"

namespace wasmsh::binding {

namespace {

hostcalls::Stream StreamFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  hostcalls::Stream stream;
  stream.kind = ToText(object.Get("kind"));
  stream.host_fd = int(ToDouble(object.Get("fd")));
  return stream;
}

/** What starting and recovering have in common. */
engine::GuestOptions CommonOptions(const Napi::Object& object) {
  engine::GuestOptions options;
  for (const Napi::Value& item : ToList(object.Get("preopens"))) {
    const Napi::Object preopen = ToObject(item);
    options.host.preopens.push_back(
        {ToText(preopen.Get("guestPath")), ToText(preopen.Get("hostPath"))});
  }
  options.stack_bytes = ToUint32(object.Get("stackBytes"));
  options.memory_limit_pages = ToUint32(object.Get("memoryLimitPages"));
  options.paused = ToBool(object.Get("paused"));
  options.pause_at = FromBigIntOrNull(object.Get("pauseAt"));
  options.counting = ToBool(object.Get("counting"));
  options.compiled = CompiledObject::Of(object.Get("compiled"));
  options.may_cross = ToBool(object.Get("mayCross"));
  options.awaits_twins = ToBool(object.Get("awaitsTwins"));
  options.visits = VisitsObject::Of(object.Get("visits"));
  options.host.log = OpLogObject::Of(object.Get("opLog"));
  for (const Napi::Value& item : ToList(object.Get("imports"))) {
    options.host.imports.push_back(ImportFromJs(item, options.host.log.get()));
  }
  for (const Napi::Value& item : ToList(object.Get("provided"))) {
    const Napi::Object one = ToObject(item);
    options.host.provided.push_back({ToText(one.Get("guestPath")), ToText(one.Get("plugin")),
                                     static_cast<uint8_t>(ToUint32(one.Get("filetype")))});
  }
  const Napi::Value given = object.Get("given");
  if (given.IsArray()) {
    for (const Napi::Value& item : ToList(given)) {
      const Napi::Object file = ToObject(item);
      options.host.given.push_back({ToUint32(file.Get("fd")), int(ToUint32(file.Get("hostFd")))});
    }
  }
  // Last: from here on the engine owns these descriptors, and nothing above may throw.
  options.host.streams[0] = StreamFromJs(object.Get("stdin"));
  options.host.streams[1] = StreamFromJs(object.Get("stdout"));
  options.host.streams[2] = StreamFromJs(object.Get("stderr"));
  return options;
}

}  // namespace

engine::GuestOptions StartOptions(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  engine::GuestOptions options = CommonOptions(object);
  options.host.arguments = ToTexts(object.Get("arguments"));
  options.host.environment = ToTexts(object.Get("environment"));
  options.entry = ToText(object.Get("entry"));
  for (const Napi::Value& argument : ToList(object.Get("entryArguments"))) {
    options.entry_arguments.push_back(FromBigInt(argument));
  }
  const Napi::Value deterministic = object.Get("deterministic");
  if (!deterministic.IsNull()) {
    const Napi::Object settings = ToObject(deterministic);
    options.host.deterministic = true;
    options.host.seed = FromBigInt(settings.Get("seed"));
    options.host.realtime_base_ns = FromBigInt(settings.Get("realtimeNs"));
    options.host.clock_step_ns = FromBigInt(settings.Get("stepNs"));
  }
  return options;
}

engine::GuestOptions RecoverOptions(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  auto recovery = std::make_unique<engine::Recovery>();
  const std::vector<uint8_t> state = ToBytes(object.Get("state"));
  ThrowUnlessOk(value.Env(), view::Decode(state.data(), state.size(), &recovery->view));
  for (const Napi::Value& memory : ToList(object.Get("memories"))) {
    StoredMemoryFiles files = StoredFromJs(memory);
    recovery->memories.push_back({std::move(files.image), std::move(files.paths)});
  }
  recovery->verify = ToBool(object.Get("verify"));
  recovery->token = ToText(object.Get("token"));
  engine::GuestOptions options = CommonOptions(object);
  const view::Environment& environment = recovery->view.environment;
  options.host.deterministic = environment.deterministic;
  options.host.realtime_base_ns = environment.realtime_base_ns;
  options.host.clock_step_ns = environment.clock_step_ns;
  options.recovery = std::move(recovery);
  return options;
}

engine::Edit EditFromJs(const Napi::Value& value) {
  const Napi::Object object = ToObject(value);
  const std::string kind = ToText(object.Get("kind"));
  engine::Edit edit;
  if (kind == "memory") {
    edit.kind = engine::Edit::Kind::kMemory;
    edit.memory = ToUint32(object.Get("memory"));
    edit.address = FromBigInt(object.Get("address"));
    edit.bytes = ToBytes(object.Get("bytes"));
    return edit;
  }
  if (kind == "pc") {
    edit.kind = engine::Edit::Kind::kPc;
    edit.index = ToUint32(object.Get("pc"));
    return edit;
  }
  edit.index = ToUint32(object.Get("index"));
  edit.bits = BitsFromBigInt(object.Get("bits"));
  if (kind == "global") {
    edit.kind = engine::Edit::Kind::kGlobal;
  } else if (kind == "table") {
    edit.kind = engine::Edit::Kind::kTable;
    edit.table = ToUint32(object.Get("table"));
  } else if (kind == "local" || kind == "operand") {
    edit.kind = kind == "local" ? engine::Edit::Kind::kLocal : engine::Edit::Kind::kOperand;
    edit.frame = ToUint32(object.Get("frame"));
  } else {
    throw Napi::TypeError::New(value.Env(), "Unknown edit " + kind);
  }
  return edit;
}

}  // namespace wasmsh::binding
