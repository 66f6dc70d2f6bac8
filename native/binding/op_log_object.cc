#include "binding/op_log_object.h"

#include <utility>
#include <vector>

#include "binding/environment.h"
#include "binding/errors.h"
#include "binding/values.h"

namespace wasmsh::binding {

namespace {

using oplog::Field;
using oplog::FieldKind;

using Shapes = std::vector<oplog::OpShape>;

Napi::Array ValuesToJs(Napi::Env env, const oplog::Op& op, const Shapes& shapes) {
  const std::vector<Field>& fields = shapes[op.shape].fields;
  auto values = Napi::Array::New(env);
  for (uint32_t i = 0; i < fields.size(); ++i) {
    if (fields[i].kind == FieldKind::kPath) {
      const auto* path = reinterpret_cast<const uint8_t*>(op.paths[i].data());
      values.Set(i, FromBytes(env, path, op.paths[i].size()));
    } else if (fields[i].kind != FieldKind::kResult || op.error == 0) {
      values.Set(i, ToBigInt(env, op.numbers[i]));
    }
  }
  return values;
}

Napi::Array WritesToJs(Napi::Env env, const oplog::Op& op) {
  auto writes = Napi::Array::New(env, op.writes.size());
  for (uint32_t i = 0; i < op.writes.size(); ++i) {
    const oplog::Op::Write& write = op.writes[i];
    auto item = Napi::Object::New(env);
    item.Set("address", double(write.address));
    item.Set("length", double(write.length));
    item.Set("bytes", FromBytes(env, reinterpret_cast<const uint8_t*>(write.bytes.data()),
                                write.bytes.size()));
    writes.Set(i, item);
  }
  return writes;
}

Napi::Object DataToJs(Napi::Env env, const oplog::OpDataRange& data) {
  auto object = Napi::Object::New(env);
  object.Set("offset", ToBigInt(env, data.offset));
  object.Set("length", ToBigInt(env, data.length));
  return object;
}

Napi::Object OpToJs(Napi::Env env, const oplog::Op& op, const Shapes& shapes) {
  auto frames = Napi::Array::New(env, op.frames.size());
  for (uint32_t i = 0; i < op.frames.size(); ++i) {
    auto frame = Napi::Object::New(env);
    frame.Set("function", op.frames[i].function);
    frame.Set("pc", op.frames[i].pc);
    frames.Set(i, frame);
  }
  auto object = Napi::Object::New(env);
  object.Set("seq", ToBigInt(env, op.seq));
  object.Set("shape", op.shape);
  object.Set("thread", op.thread);
  object.Set("error", op.error);
  object.Set("position", op.position == 0 ? env.Null() : Napi::Value(ToBigInt(env, op.position)));
  object.Set("values", ValuesToJs(env, op, shapes));
  object.Set("data", op.data ? Napi::Value(DataToJs(env, *op.data)) : env.Null());
  object.Set("frames", frames);
  object.Set("writes", WritesToJs(env, op));
  return object;
}

Napi::Array OpsToJs(Napi::Env env, const std::vector<oplog::Op>& ops, const Shapes& shapes) {
  auto list = Napi::Array::New(env, ops.size());
  for (uint32_t i = 0; i < ops.size(); ++i) {
    Napi::HandleScope scope(env);
    list.Set(i, OpToJs(env, ops[i], shapes));
  }
  return list;
}

/** An import that a plugin provides; its parameters are numbers, its result is its value. */
oplog::OpShape ShapeFromJs(const Napi::Object& object) {
  oplog::OpShape shape;
  shape.name = ToText(object.Get("name"));
  shape.changes_identity = ToBool(object.Get("changesIdentity"));
  for (const Napi::Value& item : ToList(object.Get("fields"))) {
    const Napi::Object from = ToObject(item);
    Field field;
    field.name = ToText(from.Get("name"));
    field.type = ToText(from.Get("type"));
    field.argument = shape.arguments;
    if (ToBool(from.Get("isResult"))) {
      field.kind = FieldKind::kResult;
      shape.has_results = true;
    } else {
      shape.arguments++;
    }
    if (shape.fields.size() == oplog::kMaxFields) {
      throw Napi::RangeError::New(object.Env(), "Too many fields");
    }
    shape.Add(std::move(field));
  }
  return shape;
}

Napi::Value CreateOpLog(const Napi::CallbackInfo& info) {
  return EnvironmentData::Of(info.Env())->op_log_class.New({info[0]});
}

Napi::Value OpShapes(const Napi::CallbackInfo& info) {
  auto list = Napi::Array::New(info.Env());
  for (const oplog::OpShape& shape : oplog::OpShapes()) {
    auto fields = Napi::Array::New(info.Env());
    for (const Field& field : shape.fields) {
      auto item = Napi::Object::New(info.Env());
      item.Set("name", field.name);
      item.Set("type", field.type);
      item.Set("isResult", field.kind == FieldKind::kResult);
      fields.Set(fields.Length(), item);
    }
    auto item = Napi::Object::New(info.Env());
    item.Set("name", shape.name);
    item.Set("changesIdentity", shape.changes_identity);
    item.Set("fields", fields);
    list.Set(list.Length(), item);
  }
  return list;
}

}  // namespace

Napi::Function OpLogObject::Define(Napi::Env env) {
  return DefineClass(
      env, "NativeOpLog",
      {InstanceMethod<&OpLogObject::Read>("read"), InstanceMethod<&OpLogObject::Stats>("stats"),
       InstanceMethod<&OpLogObject::ReadData>("readData"),
       InstanceMethod<&OpLogObject::TakeChanges>("takeChanges"),
       InstanceMethod<&OpLogObject::Discard>("discard")});
}

std::shared_ptr<oplog::OpLog> OpLogObject::Of(const Napi::Value& value) {
  return value.IsNull() || value.IsUndefined() ? nullptr : Unwrap(ToObject(value))->log_;
}

OpLogObject::OpLogObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<OpLogObject>(info) {
  const Napi::Object object = ToObject(info[0]);
  oplog::OpLogOptions options;
  options.folders = ToTexts(object.Get("folders"));
  options.limit_bytes = static_cast<uint64_t>(ToDouble(object.Get("limitBytes")));
  for (const Napi::Value& item : ToList(object.Get("imports"))) {
    options.imports.push_back(ShapeFromJs(ToObject(item)));
  }
  options.keeps_data = object.Get("keepsData").ToBoolean();
  log_ = std::make_shared<oplog::OpLog>(std::move(options));
}

Napi::Value OpLogObject::Read(const Napi::CallbackInfo& info) {
  std::vector<oplog::Op> ops;
  ThrowUnlessOk(info.Env(), log_->Read(FromBigInt(info[0]), ToUint32(info[1]), &ops));
  return OpsToJs(info.Env(), ops, log_->shapes());
}

Napi::Value OpLogObject::ReadData(const Napi::CallbackInfo& info) {
  oplog::OpData* data = log_->data();
  if (data == nullptr) return info.Env().Null();
  const oplog::OpDataRange range{FromBigInt(info[0]), FromBigInt(info[1])};
  std::vector<uint8_t> bytes;
  bool is_kept = false;
  ThrowUnlessOk(info.Env(), data->Read(range, &bytes, &is_kept));
  if (!is_kept) return info.Env().Null();
  return FromBytes(info.Env(), bytes.data(), bytes.size());
}

Napi::Value OpLogObject::TakeChanges(const Napi::CallbackInfo& info) {
  std::vector<oplog::Op> ops;
  ThrowUnlessOk(info.Env(), log_->TakeChanges(&ops));
  return OpsToJs(info.Env(), ops, log_->shapes());
}

Napi::Value OpLogObject::Stats(const Napi::CallbackInfo& info) {
  const oplog::OpLogStats stats = log_->Stats();
  auto counts = Napi::Array::New(info.Env(), stats.counts.size());
  for (uint32_t i = 0; i < stats.counts.size(); ++i) {
    counts.Set(i, ToBigInt(info.Env(), stats.counts[i]));
  }
  auto object = Napi::Object::New(info.Env());
  object.Set("first", ToBigInt(info.Env(), stats.first));
  object.Set("next", ToBigInt(info.Env(), stats.next));
  object.Set("bytes", ToBigInt(info.Env(), stats.bytes));
  object.Set("dataBytes", ToBigInt(info.Env(), stats.data_bytes));
  object.Set("counts", counts);
  object.Set("failure", stats.failure.message);
  return object;
}

Napi::Value OpLogObject::Discard(const Napi::CallbackInfo& info) {
  log_->Discard();
  return info.Env().Undefined();
}

void DefineOpLog(Napi::Env env, Napi::Object exports) {
  EnvironmentData::Of(env)->op_log_class = Napi::Persistent(OpLogObject::Define(env));
  exports.Set("createOpLog", Napi::Function::New<CreateOpLog>(env, "createOpLog"));
  exports.Set("opShapes", Napi::Function::New<OpShapes>(env, "opShapes"));
}

}  // namespace wasmsh::binding
