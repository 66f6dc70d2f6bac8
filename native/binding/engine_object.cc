#include "binding/engine_object.h"

#include <optional>
#include <utility>

#include "binding/compiled_object.h"
#include "binding/errors.h"
#include "binding/guest_options.h"
#include "binding/module_object.h"
#include "binding/plugin_requests.h"
#include "binding/stored.h"
#include "binding/twins_object.h"
#include "binding/values.h"
#include "binding/view_convert.h"
#include "binding/work.h"

namespace wasmsh::binding {

namespace {

constexpr const char* kStates[] = {"starting", "running", "parked", "ended"};

Napi::Object PauseToJs(Napi::Env env, const engine::PauseTime& pause) {
  auto object = Napi::Object::New(env);
  object.Set("elapsedNs", ToBigInt(env, pause.elapsed_ns));
  object.Set("cpuNs", ToBigInt(env, pause.cpu_ns));
  return object;
}

Napi::Object SnapshotToJs(Napi::Env env, const engine::SnapshotResult& result) {
  auto files = Napi::Array::New(env);
  for (const engine::SnapshotFile& file : result.files) {
    auto item = Napi::Object::New(env);
    item.Set("name", file.name);
    item.Set("bytes", double(file.bytes));
    files.Set(files.Length(), item);
  }
  auto memories = Napi::Array::New(env);
  for (const image::MemoryImage& memory : result.memories) {
    memories.Set(memories.Length(), IndexToJs(env, memory));
  }
  auto object = Napi::Object::New(env);
  object.Set("files", files);
  object.Set("memories", memories);
  return object;
}

Napi::Object InfoToJs(Napi::Env env, const engine::GuestInfo& state) {
  auto object = Napi::Object::New(env);
  object.Set("state", kStates[size_t(state.state)]);
  object.Set("parked", state.parked ? Napi::Value(ParkReasonToJs(env, *state.parked, state.trap))
                                    : env.Null());
  object.Set("hostCall", state.host_call.empty()
                             ? env.Null()
                             : Napi::Value(Napi::String::New(env, state.host_call)));
  object.Set("memoryBytes", double(state.memory_bytes));
  object.Set("position", ToBigIntOrNull(env, state.position));
  object.Set("monotonicNs", ToBigInt(env, state.monotonic_ns));
  object.Set("cpuNs", ToBigInt(env, state.cpu_ns));
  object.Set("pause", state.pause ? Napi::Value(PauseToJs(env, *state.pause)) : env.Null());
  object.Set("hostCalls", ToBigInt(env, state.host_calls));
  object.Set("stdoutBytes", ToBigInt(env, state.stdout_bytes));
  object.Set("stderrBytes", ToBigInt(env, state.stderr_bytes));
  object.Set("frameCount", state.frame_count);
  object.Set("inCompiled", state.in_compiled);
  return object;
}

[[noreturn]] void ThrowEnded(Napi::Env env) {
  throw ToError(env, Status::Error("GUEST_ENDED", "The guest has ended"));
}

}  // namespace

Napi::Function EngineObject::Define(Napi::Env env) {
  return DefineClass(env, "NativeEngine",
                     {InstanceMethod<&EngineObject::Load>("load"),
                      InstanceMethod<&EngineObject::LoadCompiled>("loadCompiled"),
                      InstanceMethod<&EngineObject::LoadTwins>("loadTwins"),
                      InstanceMethod<&EngineObject::Offer>("offer"),
                      InstanceMethod<&EngineObject::Start>("start"),
                      InstanceMethod<&EngineObject::Recover>("recover"),
                      InstanceMethod<&EngineObject::Pause>("pause"),
                      InstanceMethod<&EngineObject::Resume>("resume"),
                      InstanceMethod<&EngineObject::Step>("step"),
                      InstanceMethod<&EngineObject::WithdrawPause>("withdrawPause"),
                      InstanceMethod<&EngineObject::Answer>("answer"),
                      InstanceMethod<&EngineObject::Kill>("kill"),
                      InstanceMethod<&EngineObject::Info>("info"),
                      InstanceMethod<&EngineObject::TakeLastInfo>("takeLastInfo"),
                      InstanceMethod<&EngineObject::Frames>("frames"),
                      InstanceMethod<&EngineObject::Locals>("locals"),
                      InstanceMethod<&EngineObject::Operands>("operands"),
                      InstanceMethod<&EngineObject::Globals>("globals"),
                      InstanceMethod<&EngineObject::TableSizes>("tableSizes"),
                      InstanceMethod<&EngineObject::TableElements>("tableElements"),
                      InstanceMethod<&EngineObject::ReadMemory>("readMemory"),
                      InstanceMethod<&EngineObject::Edit>("edit"),
                      InstanceMethod<&EngineObject::Blockers>("blockers"),
                      InstanceMethod<&EngineObject::Disagreements>("disagreements"),
                      InstanceMethod<&EngineObject::CopyDescriptor>("copyDescriptor"),
                      InstanceMethod<&EngineObject::SharesOpenFile>("sharesOpenFile"),
                      InstanceMethod<&EngineObject::PutDescriptor>("putDescriptor"),
                      InstanceMethod<&EngineObject::CloseDescriptor>("closeDescriptor"),
                      InstanceMethod<&EngineObject::View>("view"),
                      InstanceMethod<&EngineObject::Snapshot>("snapshot"),
                      InstanceMethod<&EngineObject::BaseToken>("baseToken"),
                      InstanceMethod<&EngineObject::Stop>("stop"),
                      InstanceValue("codeRevision", Napi::String::New(env, WASMSH_CODE_REVISION),
                                    napi_enumerable)});
}

EngineObject::EngineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineObject>(info) {
  if (!info[0].IsFunction()) throw Napi::TypeError::New(info.Env(), "Expected a function");
  events_ = new EventChannel(info.Env(), info[0].As<Napi::Function>());
  engine_ = engine::Engine::Open(
      [events = events_](engine::Event event) { events->Send(std::move(event)); });
  // Added after the thread-safe function, hence run before it is taken down. It does not run on
  // process.exit(): core/shell.ts stops the engine there.
  info.Env().AddCleanupHook(
      [](std::pair<engine::Engine*, EventChannel*>* owned) { owned->first->Stop(); },
      new std::pair<engine::Engine*, EventChannel*>(engine_, events_));
}

std::shared_ptr<engine::Guest> EngineObject::Find(const Napi::Value& guest) {
  auto found = engine_->Find(ToUint32(guest));
  if (!found) ThrowEnded(guest.Env());
  return found;
}

Napi::Value EngineObject::Load(const Napi::CallbackInfo& info) {
  const std::string sha256 = ToText(info[0]);
  auto bytes = std::make_shared<const std::vector<uint8_t>>(ToBytes(info[1]));
  auto module = std::make_shared<std::shared_ptr<engine::LoadedModule>>();
  return RunWork(
      info.Env(),
      [engine = engine_, sha256, bytes, module] {
        return engine->Load(sha256, bytes, module.get());
      },
      [module](Napi::Env env) { return ModuleObject::New(env, std::move(*module)); });
}

Napi::Value EngineObject::LoadCompiled(const Napi::CallbackInfo& info) {
  auto files = std::make_shared<engine::CompiledFiles>();
  files->code = ToBytes(info[0]);
  files->points = ToBytes(info[1]);
  files->traps = info[2].As<Napi::String>();
  auto build = std::make_shared<engine::BuildDescription>(BuildFromJs(info[3]));
  auto loaded = std::make_shared<std::shared_ptr<const engine::CompiledCode>>();
  return RunWork(
      info.Env(),
      [engine = engine_, files, build, loaded] {
        return engine->LoadCompiled(std::move(*files), std::move(*build), loaded.get());
      },
      [loaded](Napi::Env env) { return CompiledObject::New(env, std::move(*loaded)); });
}

Napi::Value EngineObject::LoadTwins(const Napi::CallbackInfo& info) {
  auto code = CompiledObject::Of(info[0]);
  if (!code) throw Napi::TypeError::New(info.Env(), "Expected a NativeCompiled");
  auto bytes = std::make_shared<std::vector<uint8_t>>(ToBytes(info[1]));
  auto description = std::make_shared<engine::TwinDescription>(TwinsFromJs(info[2]));
  auto loaded = std::make_shared<std::shared_ptr<const engine::Twins>>();
  return RunWork(
      info.Env(),
      [engine = engine_, code, bytes, description, loaded] {
        return engine->LoadTwins(std::move(*bytes), std::move(*description), code, loaded.get());
      },
      [loaded](Napi::Env env) { return TwinsObject::New(env, std::move(*loaded)); });
}

void EngineObject::Offer(const Napi::CallbackInfo& info) {
  // Too late for a guest that has ended, which nobody minds.
  auto guest = engine_->Find(ToUint32(info[0]));
  if (guest) guest->Offer(CompiledObject::Of(info[1]), TwinsObject::Of(info[2]));
}

Napi::Value EngineObject::Launch(Napi::Env env, const Napi::Value& module,
                                 engine::GuestOptions options) {
  uint32_t guest = 0;
  ThrowUnlessOk(env, engine_->Start(ModuleObject::Of(module), std::move(options), &guest));
  return Napi::Number::New(env, guest);
}

Napi::Value EngineObject::Start(const Napi::CallbackInfo& info) {
  return Launch(info.Env(), info[0], StartOptions(info[1]));
}

Napi::Value EngineObject::Recover(const Napi::CallbackInfo& info) {
  return Launch(info.Env(), info[0], RecoverOptions(info[1]));
}

void EngineObject::Pause(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> guests;
  for (const Napi::Value& guest : ToList(info[0])) guests.push_back(ToUint32(guest));
  engine_->Pause(guests);
}

void EngineObject::Resume(const Napi::CallbackInfo& info) {
  ThrowUnlessOk(info.Env(), Find(info[0])->Resume(FromBigIntOrNull(info[1])));
}

void EngineObject::Step(const Napi::CallbackInfo& info) {
  ThrowUnlessOk(info.Env(), Find(info[0])->Step(FromBigInt(info[1])));
}

Napi::Value EngineObject::WithdrawPause(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), engine_->WithdrawPause(ToUint32(info[0])));
}

void EngineObject::Answer(const Napi::CallbackInfo& info) {
  engine_->Answer(ToUint32(info[0]), FromBigInt(info[1]), AnswerFromJs(info[2]));
}

void EngineObject::Kill(const Napi::CallbackInfo& info) { engine_->Kill(ToUint32(info[0])); }

Napi::Value EngineObject::Info(const Napi::CallbackInfo& info) {
  engine::GuestInfo state;
  if (!engine_->Info(ToUint32(info[0]), &state)) ThrowEnded(info.Env());
  return InfoToJs(info.Env(), state);
}

Napi::Value EngineObject::TakeLastInfo(const Napi::CallbackInfo& info) {
  engine::GuestInfo last;
  if (!engine_->TakeLastInfo(ToUint32(info[0]), &last)) ThrowEnded(info.Env());
  return InfoToJs(info.Env(), last);
}

Napi::Value EngineObject::Frames(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<view::Frame> frames;
  uint32_t total = 0;
  ThrowUnlessOk(env, Find(info[0])->Frames(ToUint32(info[2]), ToUint32(info[3]), &frames, &total));
  auto list = Napi::Array::New(env, frames.size());
  for (size_t i = 0; i < frames.size(); i++) {
    auto item = Napi::Object::New(env);
    item.Set("function", frames[i].function);
    item.Set("pc", frames[i].pc);
    item.Set("localCount", double(frames[i].locals.size()));
    item.Set("operandCount", double(frames[i].operands.size()));
    list.Set(uint32_t(i), item);
  }
  return list;
}

view::Frame EngineObject::FrameAt(const Napi::CallbackInfo& info) {
  view::Frame frame;
  ThrowUnlessOk(info.Env(), Find(info[0])->FrameValues(ToUint32(info[2]), &frame));
  return frame;
}

Napi::Value EngineObject::Locals(const Napi::CallbackInfo& info) {
  return ToJs(info.Env(), FrameAt(info).locals);
}

Napi::Value EngineObject::Operands(const Napi::CallbackInfo& info) {
  return ToJs(info.Env(), FrameAt(info).operands);
}

Napi::Value EngineObject::Globals(const Napi::CallbackInfo& info) {
  std::vector<view::Value> globals;
  ThrowUnlessOk(info.Env(), Find(info[0])->Globals(&globals));
  return ToJs(info.Env(), globals);
}

Napi::Value EngineObject::TableSizes(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> sizes;
  ThrowUnlessOk(info.Env(), Find(info[0])->TableSizes(&sizes));
  auto list = Napi::Array::New(info.Env(), sizes.size());
  for (size_t i = 0; i < sizes.size(); i++) list.Set(uint32_t(i), double(sizes[i]));
  return list;
}

Napi::Value EngineObject::TableElements(const Napi::CallbackInfo& info) {
  std::vector<uint64_t> elements;
  ThrowUnlessOk(info.Env(), Find(info[0])->TableElements(ToUint32(info[1]), ToUint32(info[2]),
                                                         ToUint32(info[3]), &elements));
  auto list = Napi::Array::New(info.Env(), elements.size());
  for (size_t i = 0; i < elements.size(); i++) {
    list.Set(uint32_t(i), BitsToBigInt(info.Env(), view::ValueType::kFuncref, {elements[i], 0}));
  }
  return list;
}

Napi::Value EngineObject::ReadMemory(const Napi::CallbackInfo& info) {
  std::vector<uint8_t> bytes;
  ThrowUnlessOk(info.Env(), Find(info[0])->ReadMemory(ToUint32(info[1]), FromBigInt(info[2]),
                                                      ToUint32(info[3]), &bytes));
  return FromBytes(info.Env(), bytes);
}

Napi::Value EngineObject::Edit(const Napi::CallbackInfo& info) {
  const engine::Edit edit = EditFromJs(info[1]);
  engine::EditResult result;
  auto guest = Find(info[0]);
  ThrowUnlessOk(info.Env(), guest->Apply(edit, &result));
  if (edit.kind == engine::Edit::Kind::kMemory) return FromBytes(info.Env(), result.old_bytes);
  const bool is_null =
      edit.kind == engine::Edit::Kind::kTable && result.old_bits[0] == view::kNullReference;
  if (is_null) return Napi::BigInt::New(info.Env(), int64_t{-1});
  return Napi::BigInt::New(info.Env(), 0, 2, result.old_bits.data());
}

Napi::Value EngineObject::Disagreements(const Napi::CallbackInfo& info) {
  std::vector<hostcalls::Disagreement> found;
  ThrowUnlessOk(info.Env(), Find(info[0])->Disagreements(&found));
  auto list = Napi::Array::New(info.Env(), found.size());
  for (uint32_t i = 0; i < found.size(); i++) {
    auto item = Napi::Object::New(info.Env());
    item.Set("fd", found[i].fd);
    item.Set("resource", found[i].resource);
    item.Set("reason", found[i].reason);
    list.Set(i, item);
  }
  return list;
}

Napi::Value EngineObject::Blockers(const Napi::CallbackInfo& info) {
  std::vector<hostcalls::Blocker> blockers;
  ThrowUnlessOk(info.Env(), Find(info[0])->Blockers(&blockers));
  auto list = Napi::Array::New(info.Env(), blockers.size());
  for (size_t i = 0; i < blockers.size(); i++) {
    auto item = Napi::Object::New(info.Env());
    item.Set("fd", blockers[i].fd);
    item.Set("canTravel", blockers[i].can_travel);
    item.Set("resource", blockers[i].resource);
    item.Set("reason", blockers[i].reason);
    item.Set("hint", blockers[i].hint);
    list.Set(uint32_t(i), item);
  }
  return list;
}

Napi::Value EngineObject::CopyDescriptor(const Napi::CallbackInfo& info) {
  int host_fd = -1;
  ThrowUnlessOk(info.Env(), Find(info[0])->CopyDescriptor(ToUint32(info[1]), &host_fd));
  return Napi::Number::New(info.Env(), host_fd);
}

Napi::Value EngineObject::SharesOpenFile(const Napi::CallbackInfo& info) {
  bool shares = false;
  ThrowUnlessOk(info.Env(),
                Find(info[0])->SharesOpenFile(ToUint32(info[1]), ToUint32(info[2]), &shares));
  return Napi::Boolean::New(info.Env(), shares);
}

void EngineObject::PutDescriptor(const Napi::CallbackInfo& info) {
  const view::Descriptor wanted = DescriptorFromJs(info[1]);
  ThrowUnlessOk(info.Env(), Find(info[0])->PutDescriptor(wanted, int(ToUint32(info[2]))));
}

void EngineObject::CloseDescriptor(const Napi::CallbackInfo& info) {
  ThrowUnlessOk(info.Env(), Find(info[0])->CloseDescriptor(ToUint32(info[1])));
}

Napi::Value EngineObject::View(const Napi::CallbackInfo& info) {
  view::View view;
  ThrowUnlessOk(info.Env(), Find(info[0])->ReadView(ToBool(info[1]), &view));
  return ViewToJs(info.Env(), view);
}

Napi::Value EngineObject::Snapshot(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const uint32_t guest = ToUint32(info[0]);
  const Napi::Object options = ToObject(info[1]);
  auto job = std::make_shared<engine::SnapshotJob>();
  job->directory = ToText(options.Get("directory"));
  job->sync = ToBool(options.Get("sync"));
  job->token = ToText(options.Get("token"));
  const Napi::Value parent = options.Get("parent");
  if (!parent.IsNull()) {
    job->parent_token = ToText(ToObject(parent).Get("token"));
    for (const Napi::Value& index : ToList(ToObject(parent).Get("indexes"))) {
      const std::vector<uint8_t> bytes = ToBytes(index);
      image::MemoryImage image;
      ThrowUnlessOk(env, image::DecodeIndex(bytes.data(), bytes.size(), &image));
      job->parent.push_back(std::move(image));
    }
  }
  auto result = std::make_shared<engine::SnapshotResult>();
  return RunWork(
      env,
      [engine = engine_, guest, job, result] {
        return engine->Snapshot(guest, *job, result.get());
      },
      [result](Napi::Env e) { return SnapshotToJs(e, *result); });
}

Napi::Value EngineObject::BaseToken(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), Find(info[0])->BaseToken());
}

void EngineObject::Stop(const Napi::CallbackInfo&) {
  engine_->Stop();
  events_->Close();
}

}  // namespace wasmsh::binding
