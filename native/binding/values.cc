#include "binding/values.h"

#include <cstring>

namespace wasmsh::binding {

namespace {

[[noreturn]] void ThrowType(const Napi::Value& value, const char* expected) {
  throw Napi::TypeError::New(value.Env(), std::string("Expected ") + expected);
}

}  // namespace

Napi::BigInt ToBigInt(Napi::Env env, uint64_t value) { return Napi::BigInt::New(env, value); }

Napi::Value ToBigIntOrNull(Napi::Env env, const std::optional<uint64_t>& value) {
  return value ? Napi::Value(ToBigInt(env, *value)) : env.Null();
}

uint64_t FromBigInt(const Napi::Value& value) {
  if (!value.IsBigInt()) ThrowType(value, "a bigint");
  bool lossless = false;
  const uint64_t bits = value.As<Napi::BigInt>().Uint64Value(&lossless);
  return bits;
}

std::optional<uint64_t> FromBigIntOrNull(const Napi::Value& value) {
  if (value.IsNull() || value.IsUndefined()) return std::nullopt;
  return FromBigInt(value);
}

uint32_t ToUint32(const Napi::Value& value) {
  const double number = ToDouble(value);
  if (!(number >= 0 && number <= UINT32_MAX)) ThrowType(value, "an integer from 0 to 2^32 - 1");
  return uint32_t(number);
}

double ToDouble(const Napi::Value& value) {
  if (!value.IsNumber()) ThrowType(value, "a number");
  return value.As<Napi::Number>().DoubleValue();
}

bool ToBool(const Napi::Value& value) {
  if (!value.IsBoolean()) ThrowType(value, "a boolean");
  return value.As<Napi::Boolean>().Value();
}

std::string ToText(const Napi::Value& value) {
  if (!value.IsString()) ThrowType(value, "a string");
  return value.As<Napi::String>().Utf8Value();
}

std::vector<Napi::Value> ToList(const Napi::Value& value) {
  if (!value.IsArray()) ThrowType(value, "an array");
  const auto array = value.As<Napi::Array>();
  std::vector<Napi::Value> list;
  for (uint32_t i = 0; i < array.Length(); i++) list.push_back(array.Get(i));
  return list;
}

std::vector<std::string> ToTexts(const Napi::Value& value) {
  std::vector<std::string> texts;
  for (const Napi::Value& item : ToList(value)) texts.push_back(ToText(item));
  return texts;
}

std::vector<uint8_t> ToBytes(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    ThrowType(value, "a Uint8Array");
  }
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.Data() + array.ByteLength()};
}

Napi::Object ToObject(const Napi::Value& value) {
  if (!value.IsObject()) ThrowType(value, "an object");
  return value.As<Napi::Object>();
}

Napi::Uint8Array FromBytes(Napi::Env env, const uint8_t* bytes, size_t size) {
  auto array = Napi::Uint8Array::New(env, size);
  if (size > 0) std::memcpy(array.Data(), bytes, size);
  return array;
}

Napi::Uint8Array FromBytes(Napi::Env env, const std::vector<uint8_t>& bytes) {
  return FromBytes(env, bytes.data(), bytes.size());
}

Napi::BigInt BitsToBigInt(Napi::Env env, view::ValueType type,
                          const std::array<uint64_t, 2>& bits) {
  const bool is_reference =
      type == view::ValueType::kFuncref || type == view::ValueType::kExternref;
  if (is_reference && bits[0] == view::kNullReference) return Napi::BigInt::New(env, int64_t{-1});
  if (type == view::ValueType::kV128) return Napi::BigInt::New(env, 0, 2, bits.data());
  return Napi::BigInt::New(env, bits[0]);
}

std::array<uint64_t, 2> BitsFromBigInt(const Napi::Value& value) {
  if (!value.IsBigInt()) ThrowType(value, "a bigint");
  std::array<uint64_t, 2> bits = {0, 0};
  int negative = 0;
  size_t words = 2;
  value.As<Napi::BigInt>().ToWords(&negative, &words, bits.data());
  if (negative) {  // two's complement, so that -1n is all ones
    bits[0] = ~bits[0] + 1;
    bits[1] = ~bits[1] + (bits[0] == 0 ? 1 : 0);
  }
  return bits;
}

Napi::Object ToJs(Napi::Env env, const view::Value& value) {
  auto object = Napi::Object::New(env);
  object.Set("type", wasm::ValueTypeName(value.type));
  object.Set("bits", BitsToBigInt(env, value.type, value.bits));
  object.Set("available", value.available);
  return object;
}

Napi::Array ToJs(Napi::Env env, const std::vector<view::Value>& values) {
  auto array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); i++) array.Set(uint32_t(i), ToJs(env, values[i]));
  return array;
}

view::ValueType TypeFromName(Napi::Env env, const std::string& name) {
  using view::ValueType;
  for (const ValueType type : {ValueType::kI32, ValueType::kI64, ValueType::kF32, ValueType::kF64,
                               ValueType::kV128, ValueType::kFuncref, ValueType::kExternref}) {
    if (name == wasm::ValueTypeName(type)) return type;
  }
  throw Napi::TypeError::New(env, "Unknown value type " + name);
}

view::Value ValueFromJs(const Napi::Value& from) {
  const Napi::Object object = ToObject(from);
  view::Value value;
  value.type = TypeFromName(from.Env(), ToText(object.Get("type")));
  value.bits = BitsFromBigInt(object.Get("bits"));
  const bool is_reference =
      value.type == view::ValueType::kFuncref || value.type == view::ValueType::kExternref;
  if (value.type != view::ValueType::kV128) value.bits[1] = 0;
  if (!is_reference && value.type != view::ValueType::kV128 &&
      wasm::ValueTypeCells(value.type) == 1) {
    value.bits[0] = uint32_t(value.bits[0]);
  }
  value.available = ToBool(object.Get("available"));
  return value;
}

std::vector<view::Value> ValuesFromJs(const Napi::Value& from) {
  std::vector<view::Value> values;
  for (const Napi::Value& item : ToList(from)) values.push_back(ValueFromJs(item));
  return values;
}

}  // namespace wasmsh::binding
